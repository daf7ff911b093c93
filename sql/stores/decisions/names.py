"""Names that people give: what they may be, and whether they are free."""

import re
import unicodedata

from sqlalchemy import Connection

from nlp.errors import DecisionError
from sql.rows import first

MAX_LABEL = 120
"""Characters of a theme's name at most; boards and alerts show it in one line."""


def clean_label(label: str) -> str:
    """Return a name for a theme in one line. Raises DecisionError where it is none."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in label)
    found = " ".join(unicodedata.normalize("NFC", kept).split())
    if len(found) > MAX_LABEL:
        raise DecisionError(
            f"A name has at most {MAX_LABEL} characters, so that it fits a line. Was: {len(found)}"
        )
    if not any(c.isalnum() for c in found):
        raise DecisionError(
            "A name has at least one letter or digit, so that people can search for it"
        )
    return found


def clean_intent(name: str) -> str:
    """Return a name for an intent: lower case, words joined by `_`."""
    found = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
    if not found or len(found) > 60:
        raise DecisionError("The name of an intent has 1 to 60 letters, digits and _")
    return found


def check_free(connection: Connection, label: str, topic_id: int) -> None:
    """Raise DecisionError where another living theme bears the label."""
    other = first(
        connection,
        "SELECT topic_id FROM triage.topics WHERE lower(label) = lower(:l) AND topic_id <> :t "
        "AND heir_id IS NULL AND status <> 'retired'",
        l=label,
        t=topic_id,
    )
    if other is not None:
        raise DecisionError(
            f"Theme {other['topic_id']} is called {label!r} already. Choose another name, or merge "
            "the two"
        )
