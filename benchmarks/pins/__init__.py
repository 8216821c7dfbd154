"""Fixing the real pins of a `cases.jsonl`."""
