"""One file a schema version; its DDL stands beside it as plain SQL."""
