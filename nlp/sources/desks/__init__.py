"""Helpdesks by their API: one machine, and one declaration for each desk."""
