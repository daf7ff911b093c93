"""Where messages come from: one file per kind of source, each an `nlp.ports.Source`."""
