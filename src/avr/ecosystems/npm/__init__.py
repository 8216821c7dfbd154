"""npm: registry, versions and ranges, the exact source of a release, and the environments of exploits."""
