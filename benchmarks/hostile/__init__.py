"""Hostile packages of ours, run as `avr fix` runs a suite: is each contained, and is it told?"""
