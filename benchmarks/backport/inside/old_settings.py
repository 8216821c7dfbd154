"""Settings for the suites of Django before 1.3, whose trees hold none: SQLite in memory, both forms of the names."""

DATABASE_ENGINE = "sqlite3"
DATABASE_NAME = ":memory:"
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3"},
    "other": {"ENGINE": "django.db.backends.sqlite3"},
}
SECRET_KEY = "of no use"  # noqa: S105 - nothing is kept with it
