"""Rung R5: the fix adapted to the pin: its dialect, its oldest runtime, and what the fix leans on brought along."""
