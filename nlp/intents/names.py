"""The names of intents: as people say them, and which ones a new intent may have."""

import re
from collections.abc import Mapping

from nlp.errors import DecisionError

MAX_INTENT = 60
"""Characters of an intent's name."""


def readable_name(name: str) -> str:
    """Return the name of an intent as words: `card_arrival` and `CardArrival` as `card arrival`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("_", " ")).lower()


def new_name(name: str, intents: Mapping[str, bool]) -> str:
    """Return the name of a new intent: lower case, words joined by `_`.

    `intents` are those that exist, and whether they are active. An intent that is not active is
    taken up again by its own name. Raises DecisionError where the name is none, or nearly that of
    another intent.
    """
    cleaned = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
    if not cleaned or len(cleaned) > MAX_INTENT:
        raise DecisionError(f"The name of an intent has 1 to {MAX_INTENT} letters, digits and _")
    for known, active in intents.items():
        if _same(known, cleaned) or _same(known, name):
            if active:
                raise DecisionError(
                    f"Intent {known!r} exists already. Was: {name[:60]!r}. Take another name, or "
                    "label the messages with the intent that is there"
                )
            if known != cleaned:
                raise DecisionError(
                    f"Intent {known!r} is retired. Was: {name[:60]!r}. Take another name, or that "
                    "very name to use it again"
                )
    return cleaned


def _same(one: str, other: str) -> bool:
    return re.findall(r"\w+", readable_name(one)) == re.findall(r"\w+", readable_name(other))
