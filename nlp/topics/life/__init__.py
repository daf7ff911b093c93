"""What `nlp.topics.lifecycle` is made of: states, requests, heirs, and the inverse of decisions."""
