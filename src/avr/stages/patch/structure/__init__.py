"""Rung R4: definitions found again wherever they went, and the fix merged into each of them on its own."""
