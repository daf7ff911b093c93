"""Topics over time: found, assigned, followed through their lives, named and counted."""
