"""Public builders and fakes for tests of the stages and of plug-ins."""
