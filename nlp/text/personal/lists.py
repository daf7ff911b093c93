"""What is known of a word: a name, an ordinary word, a place.

It is read from installed packages (`packages.py`) and from `words.toml`, once a process.
"""

import tomllib
import unicodedata
from enum import IntFlag
from functools import cache
from importlib.resources import files
from typing import Any

from nlp.text.mail.words import vocabulary
from nlp.text.personal import packages


class Known(IntFlag):
    """What a word is known as; 0: the word is in no list."""

    GIVEN = 1
    FAMILY = 2
    ORDINARY = 4
    USUAL = 8
    """A given name that is an ordinary word too, such as Rose."""
    PLACE = 16
    PROPER = 32
    """A known proper noun that is no name of a person."""
    LOWER = 64
    """A name that is known in lower case as well."""
    NEVER = 128
    """A word that is in no name, such as `the` and `Monday`."""
    BRAND = 256
    """A company or product."""


ORDINARY = int(Known.ORDINARY)
GIVEN = int(Known.GIVEN)
FAMILY = int(Known.FAMILY)
USUAL = int(Known.USUAL)
LOWER = int(Known.LOWER)
PLACE = int(Known.PLACE)
PROPER = int(Known.PROPER)
NEVER = int(Known.NEVER)
BRAND = int(Known.BRAND)
NAME = int(Known.GIVEN | Known.FAMILY)
SAFE = int(Known.ORDINARY | Known.PLACE | Known.PROPER | Known.NEVER)


def folded(word: str) -> str:
    """Return a word in lower case, without accents and apostrophes."""
    if not word.isascii():
        word = word.replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("’", "'")
        word = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return word.lower().replace("'", "")


@cache
def known_words() -> dict[str, int]:
    """Return what each word is known as; the keys are folded.

    Takes about a second on the first call. Raises PackageError where a package is missing.
    """
    known = dict.fromkeys(packages.family_names(), FAMILY)
    for word in packages.given_names():
        known[word] = known.get(word, 0) | GIVEN
    for word in listed("words", "places"):
        known[word] = known.get(word, 0) | PLACE
    for word, low, title, upper in packages.usage():
        flags = known.get(word, 0)
        known[word] = flags | _as_written(flags, low, title, upper)
    for word in listed("words", "brands") | listed("words", "peoples"):
        known[word] = PROPER | BRAND | (known.get(word, 0) & (ORDINARY | FAMILY))
    for word in map(
        folded, vocabulary("greeting_core", "greeting_filler", "closing_core", "closing_filler")
    ):
        if not known.get(word, 0) & GIVEN:
            known[word] = known.get(word, 0) | ORDINARY
    for word in listed("words", "never"):
        known[word] = known.get(word, 0) | NEVER
    return {word: flags for word, flags in known.items() if flags}


def _as_written(flags: int, low: float, title: float, upper: float) -> int:
    """Return what usage tells of a word known as `flags`: `sarah` is rare, `rose` is not."""
    is_name, is_given = flags & NAME, flags & GIVEN
    lead = low - title
    if lead > -0.3 and low > (-14.5 if is_name else -16.0):
        return ORDINARY | (USUAL if is_given and lead < 1.5 else 0)
    if not is_name and max(low, title, upper) > packages.LEAST:
        return PROPER
    return LOWER if is_given and lead < -1.4 and title > packages.LEAST else 0


def known_as(word: str) -> int:
    """Return what a folded word is known as; a double name is known by its parts."""
    known = known_words().get(word)
    if known is None and "-" in word:
        return _of_parts(word.split("-", 4))
    return known or 0


def _of_parts(parts: list[str]) -> int:
    if parts[0] in listed("words", "particles"):  # Al-Harbi
        parts = parts[1:]
    known = [known_words().get(part, 0) for part in parts]
    if all(part & NAME and not part & NEVER for part in known) and not known[0] & SAFE:
        return known[0]
    is_word = all(known) and any(part & SAFE for part in known)
    return ORDINARY if is_word or any(part & NEVER for part in known) else 0


@cache
def listed(table: str, key: str) -> frozenset[str]:
    """Return the words or phrases of a list in `words.toml`."""
    value = _data()[table][key]
    return frozenset(value.split() if isinstance(value, str) else value)


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
