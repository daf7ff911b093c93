"""The digest of a week: built from a store, and written for page, mail, Slack and Markdown."""
