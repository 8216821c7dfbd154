"""Is every part of the fix needed, and would the security tests notice a mistake in it?"""
