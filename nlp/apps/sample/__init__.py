"""The sample inbox: 28 days of a bank's messages, made from a seed, with the truth beside them.

Thirty intents, of which two appear in the fourth week and one surges; typos, repeats from web
forms, personal data, other languages, and rows that break the contract.
"""

from nlp.apps.sample.inbox import FIRST_DAY, N_DAYS, NEW_INTENTS, SampleSummary, write

__all__ = ["FIRST_DAY", "NEW_INTENTS", "N_DAYS", "SampleSummary", "write"]
