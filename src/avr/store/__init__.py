"""Where things are kept: the advisory database and blobs by digest."""
