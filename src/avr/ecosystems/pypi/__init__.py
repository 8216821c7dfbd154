"""PyPI: registry, interpreters, environments, test runs, wheels and source distributions."""
