"""`triage serve`: intents and embeddings over HTTP."""
