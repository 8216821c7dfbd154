"""Behaviour on both sides of a patch: interface, coverage of changed lines, recorded calls replayed."""
