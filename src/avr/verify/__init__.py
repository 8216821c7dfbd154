"""Verify: trust nobody, check an output folder against signatures, the registry, a rebuild and the recorded proof."""
