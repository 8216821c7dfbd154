"""What is in a target: manifests, package URLs, installed environments."""
