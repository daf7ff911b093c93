"""What people decide, in Postgres: read, written down, taken back. It decides nothing."""
