"""Calibrating proof-of-concept code from advisories' texts on real releases."""
