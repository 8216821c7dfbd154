"""`avr backport`: upstream changes read from git or from folders, carried onto another tree, judged and written."""
