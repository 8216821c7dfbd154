"""The library of exploits: programs that show that a hole is open, the contract they keep, and how they are judged."""
