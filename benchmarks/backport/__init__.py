"""The backport benchmark: our engine and the tools that people use today, on real backports made by maintainers."""
