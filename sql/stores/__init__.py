"""What is written to Postgres: the ports of `nlp.ports`, table by table."""
