"""Tests of AVR Factory."""
