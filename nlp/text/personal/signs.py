"""Tell cheaply that a text holds no name, as most messages of one sentence do not."""

import re
from functools import cache

from nlp.text.personal.cues import telling_words
from nlp.text.personal.lists import NAME, NEVER, SAFE
from nlp.text.personal.tokens import WORD, known_in_text

_MOST = 200_000
"""Words that are remembered; then all are forgotten, which bounds the memory."""
_STOPPED = re.compile(r"\b[A-Z]\.")


def may_hold_name(text: str) -> bool:
    """Whether a word of the text may be a name, or tells one; linear time."""
    harmless = _harmless()
    for word in set(WORD.findall(text)) - harmless:
        if _may_be(word):
            return True
        if len(harmless) > _MOST:
            harmless.clear()
        harmless.add(word)
    return "." in text and _STOPPED.search(text) is not None


def _may_be(word: str) -> bool:
    folded, known = known_in_text(word)
    if folded in telling_words():
        return True
    if word[0].isupper():
        return not known & NEVER and (bool(known & NAME) or not known & SAFE)
    return not known & SAFE


@cache
def _harmless() -> set[str]:
    """Words that were looked at before; the same set on each call."""
    return set()
