from pkg.views import View


class Home(View):
    """The first page."""

    def get(self, user):
        return self.page(user)
