"""Find: components x advisories -> findings."""
