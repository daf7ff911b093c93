"""People's decisions in Postgres: reads, writes and undos. It contains no rules."""
