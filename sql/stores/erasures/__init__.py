"""Erasures in Postgres: what is found of a customer or message, deleted, blanked and barred."""
