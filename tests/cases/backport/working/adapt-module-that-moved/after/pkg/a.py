from pkg.core.permissions import allowed
from pkg.views import View


class Home(View):
    """The first page."""

    def get(self, user):
        if not allowed(user):
            raise PermissionError(user)
        return self.page(user)
