"""Deterministic capabilities: git, sandbox, archives, documents, signing."""
