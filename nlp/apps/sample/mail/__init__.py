"""What surrounds a customer's words: mail programs, signatures, quoted history, conversations."""
