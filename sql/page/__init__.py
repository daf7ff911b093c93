"""What the review page asks of Postgres and what people decide on it."""
