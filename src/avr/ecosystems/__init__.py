"""Plug-ins for package ecosystems; they do not know each other."""
