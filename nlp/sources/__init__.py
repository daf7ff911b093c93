"""Where messages come from: one file a kind of source, each an `nlp.ports.Source`."""
