"""Patch: carries fixes onto the pinned tree by a ladder of rungs."""
