"""The steps that divide one message into zones; `nlp.text.zones` puts them together."""
