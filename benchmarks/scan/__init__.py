"""`avr scan` against pip-audit on the same pins and the same records."""
