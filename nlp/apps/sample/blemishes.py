"""Typing errors in sample messages: typos, missing capitals, emoji."""

import random
import re
from collections.abc import Sequence

_WORD = re.compile(r"[A-Za-z]{4,}")
_PUNCTUATION = re.compile(r"[.,!?;:](?!\d)")
_SHORT = (("please", "pls"), ("Please", "Pls"), (" you ", " u "), (" your ", " ur "))
_INVISIBLE = ("\x00", "\x07", "\x1b", "\x7f", "\u200b", "\ufeff")


def blemish(rng: random.Random, text: str, *, channel: str, emoji: Sequence[str]) -> str:
    """Return `text` as typed: 6% have typos, a fifth lack capitals or full stops."""
    if channel == "chat" and rng.random() < 0.06:
        text += rng.choice(emoji)
    text = _careless(rng, text)
    return misspell(rng, text) if rng.random() < 0.06 else text


def _careless(rng: random.Random, text: str) -> str:
    luck = rng.random()
    if luck < 0.08:
        return text.lower()
    if luck < 0.11:
        return _PUNCTUATION.sub("", text.lower())
    if luck < 0.19:
        return text.rstrip(".!?")
    if luck < 0.20:
        return text.upper().replace("{VALUE}", "{value}")
    if luck < 0.23:
        for long, short in _SHORT:
            text = text.replace(long, short)
    return text


def misspell(rng: random.Random, text: str) -> str:
    """Swap, drop or double an inner letter in one to three words of four or more letters."""
    words = [m.span() for m in _WORD.finditer(text) if m.group() != "value"]
    for start, end in sorted(rng.sample(words, min(len(words), rng.randint(1, 3))), reverse=True):
        at = rng.randrange(start + 1, end - 1)
        pair = text[at : at + 2]
        text = text[:at] + rng.choice((pair[::-1], pair[1], pair[0] + pair)) + text[at + 2 :]
    return text


def with_invisible(rng: random.Random, text: str) -> str:
    """Insert a NUL or another invisible character into the middle of a good text."""
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(_INVISIBLE) + text[at:]
