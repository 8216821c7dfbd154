"""Wrong fixes planted by us, and what the gates say to them."""
