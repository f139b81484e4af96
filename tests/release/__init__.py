"""The release: what may be in it."""
