"""Benchmarks: speed and resolve rate; results in RESULTS.md."""
