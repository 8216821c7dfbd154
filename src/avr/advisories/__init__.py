"""Plug-ins for advisory sources; each yields OSV records."""
