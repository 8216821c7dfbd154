"""Showing each exploit of the library on real releases."""
