"""Public fakes and builders for tests of plug-ins."""
