"""Find personal data of one kind each; `nlp.text.redact` puts them together."""
