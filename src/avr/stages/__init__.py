"""The five verbs, in order: find, plan, patch, validate, deliver. They never import one another."""
