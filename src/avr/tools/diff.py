"""Differences of line sequences, and unified diffs: written, read and applied with zero fuzz.

The differ is patience diff (Bram Cohen, https://bramcohen.livejournal.com/73318.html) with Myers' O(ND) algorithm
(https://doi.org/10.1007/BF01840446) where no line is unique; both are bounded, so hostile input costs no more than a
coarse answer. Unified diffs are git's dialect, so that `git apply` and `patch -p1` read them.
"""

from avr.tools.difference import Edit, edits
from avr.tools.unified import apply_unified, unified, unified_tree

__all__ = ["Edit", "apply_unified", "edits", "unified", "unified_tree"]
