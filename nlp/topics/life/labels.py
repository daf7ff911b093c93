"""Labels that people give: which are allowed, and whether they are free."""

import unicodedata
from collections.abc import Iterable

from nlp.errors import DecisionError
from nlp.lives import Life
from nlp.states import TopicStatus

MAX_LABEL = 120
"""Characters of a theme's name at most; boards and alerts show it in one line."""


def clean_label(label: str) -> str:
    """Return a label as one line. Raises DecisionError where it is not allowed."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in label)
    cleaned = " ".join(unicodedata.normalize("NFC", kept).split())
    if len(cleaned) > MAX_LABEL:
        raise DecisionError(
            f"A name has at most {MAX_LABEL} characters, so that it fits a line. Was: "
            f"{len(cleaned)}"
        )
    if not any(c.isalnum() for c in cleaned):
        raise DecisionError(
            "A name has at least one letter or digit, so that people can search for it"
        )
    return cleaned


def check_free(lives: Iterable[Life], label: str, *, but: int = 0) -> None:
    """Raise DecisionError where a living theme other than `but` has the label."""
    for life in lives:
        lives_on = life.merge is None and life.status != TopicStatus.RETIRED
        if life.topic_id != but and lives_on and life.label.lower() == label.lower():
            raise DecisionError(
                f"Theme {life.topic_id} is called {label!r} already. Choose another name, or merge "
                "the two"
            )
