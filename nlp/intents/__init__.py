"""Intents: candidates behind one interface, one of them chosen, calibrated and put in a model."""
