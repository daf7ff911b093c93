"""The sample inbox: 28 days of a bank's mail, made from a seed, with the truth beside it.

Thirty intents, of which two appear in the fourth week and two surge, one of them among a segment of
the customers. Mails in HTML and plain text with greetings, signatures and quoted history,
conversations with agents, chats, web forms, machine mail; typos, repeats, personal data, other
languages, and rows that break the contract.
"""

from nlp.apps.sample.inbox import FIRST_DAY, N_DAYS, NEW_INTENTS, SampleSummary, write
from nlp.apps.sample.schedule import NO_REQUEST

__all__ = ["FIRST_DAY", "NEW_INTENTS", "NO_REQUEST", "N_DAYS", "SampleSummary", "write"]
