"""Timing one `avr fix` over many pins, with one worker and with two."""
