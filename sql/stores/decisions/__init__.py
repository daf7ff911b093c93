"""What people decide, written down and undone."""
