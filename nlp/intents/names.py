"""The names of intents as readable words."""

import re


def spoken(name: str) -> str:
    """Return the name of an intent as words: `card_arrival` and `CardArrival` as `card arrival`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("_", " ")).lower()
