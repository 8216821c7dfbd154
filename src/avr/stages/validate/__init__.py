"""Validate: gates that turn a backport into evidence."""
