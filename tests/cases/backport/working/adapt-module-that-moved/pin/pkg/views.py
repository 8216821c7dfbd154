class View:
    def page(self, user):
        return user
