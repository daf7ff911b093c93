"""Typing errors in sample messages: typos, missing capitals, emoji."""

import random
import re
from collections.abc import Sequence

_WORD = re.compile(r"(?<![{A-Za-z])[A-Za-z]{4,}")  # not a gap in braces
_PUNCTUATION = re.compile(r"[.,!?;:](?!\d)")
_GAP = re.compile(r"\{\w+\}")
_SHORT = (("please", "pls"), ("Please", "Pls"), (" you ", " u "), (" your ", " ur "))
_INVISIBLE = ("\x00", "\x07", "\x1b", "\x7f", "\u200b", "\ufeff")


def blemish(
    rng: random.Random, parts: Sequence[str], *, channel: str, emoji: Sequence[str]
) -> list[str]:
    """Return the parts of a message as typed: 6% have typos, a fifth lack capitals or full stops.

    Gaps in braces stay as they are.
    """
    typed = list(parts)
    if channel == "chat" and rng.random() < 0.06:
        typed[-1] += rng.choice(emoji)
    luck = rng.random()
    typed = [_careless(luck, part, is_last=n == len(typed)) for n, part in enumerate(typed, 1)]
    if rng.random() < 0.06:
        n = rng.randrange(len(typed))
        typed[n] = misspell(rng, typed[n])
    return typed


def _careless(luck: float, text: str, *, is_last: bool) -> str:
    """Return a part as a customer types it; `luck` from 0 to 1 is drawn once for a message."""
    if luck < 0.08:
        return text.lower()
    if luck < 0.11:
        return _PUNCTUATION.sub("", text.lower())
    if luck < 0.19:
        return text.rstrip(".!?") if is_last else text
    if luck < 0.20:
        return _GAP.sub(lambda m: m[0].lower(), text.upper())
    if luck < 0.23:
        for long, short in _SHORT:
            text = text.replace(long, short)
    return text


def misspell(rng: random.Random, text: str) -> str:
    """Swap, drop or double an inner letter in one to three words of four or more letters."""
    words = [m.span() for m in _WORD.finditer(text)]
    for start, end in sorted(rng.sample(words, min(len(words), rng.randint(1, 3))), reverse=True):
        at = rng.randrange(start + 1, end - 1)
        pair = text[at : at + 2]
        text = text[:at] + rng.choice((pair[::-1], pair[1], pair[0] + pair)) + text[at + 2 :]
    return text


def with_invisible(rng: random.Random, text: str) -> str:
    """Insert a NUL or another invisible character into the middle of a good text."""
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(_INVISIBLE) + text[at:]
