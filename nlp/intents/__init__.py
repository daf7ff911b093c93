"""Intents: learnt by kernel ridge, calibrated, and put in a model."""
