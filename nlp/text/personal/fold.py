"""Write a text in plain characters for the search, with the way back to where they stood."""

import re
import unicodedata
from collections.abc import Sequence

_UNSEEN = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
    r"\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees, and the frame of a keycap: inside a number they would hide it."""
_BLANK = "\u2800\u3164\uffa0"
"""Characters that look like blanks and are none."""


def plain_of(text: str) -> tuple[str, Sequence[int] | None]:
    """Return `text` in plain digits, dashes and blanks, and where each character stood.

    None instead of the places: each character stands where it stood. Linear time.
    """
    if text.isascii():
        return text, None
    if not _UNSEEN.search(text):
        return "".join(c if c.isascii() else _plain(c) for c in text), None
    kept = [i for i, c in enumerate(text) if c.isascii() or not _UNSEEN.match(c)]
    return "".join(text[i] if text[i].isascii() else _plain(text[i]) for i in kept), kept


def _plain(character: str) -> str:
    if character in _BLANK:
        return " "
    if unicodedata.category(character) == "Pd":
        return "-"
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character
