"""Plan: where is the fix, is this pin really affected, what will be done."""
