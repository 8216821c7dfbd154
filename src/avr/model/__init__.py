"""Nouns: frozen, typed values that import nothing of ours and do no I/O."""
