"""Where it is kept: migrations, views, queries, and the only Python that speaks to our Postgres."""
