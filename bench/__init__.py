"""Measures quality and speed on public sets: `make bench`."""
