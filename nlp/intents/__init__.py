"""Intents: candidates behind one interface; the best is chosen, calibrated and put in a model."""
