"""Deliver: artifacts, documents, signatures, the rewritten requirements file."""
