"""The vocabulary of mail, read from `words.toml`, and the lines that the steps hand on."""

import re
import tomllib
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nlp.states import Zone

_WORD = re.compile(r"[^\W\d_]+(?:['’.\-][^\W\d_]+)*")
_CASELESS = re.compile(r"[\u0590-\u08ff\u0900-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of readable text, or a piece of one."""

    text: str
    zone: Zone | None = None
    """None while no step has claimed it: what is left in the end is the customer's own."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing can be seen in it."""
        return not self.text or self.text.isspace()


@cache
def vocabulary(*sections: str) -> frozenset[str]:
    """Return the single words of the sections in all languages, in lower case."""
    return frozenset(
        word
        for section in sections
        for value in _data()[section].values()
        if isinstance(value, str)
        for word in value.split()
    )


@cache
def phrases(section: str) -> frozenset[str]:
    """Return the phrases of a section in all languages, in lower case."""
    return frozenset(
        phrase
        for value in _data()[section].values()
        if not isinstance(value, str)
        for phrase in value
    )


def phrases_in(section: str, text: str, words: Set[str]) -> list[str]:
    """Return the phrases of a section that are in a text; both are in lower case.

    `words` are those of the text: a phrase is looked for only where its longest word is among them.
    """
    by_word, without_spaces = _index(section)
    hits = [phrase for word in by_word.keys() & words for phrase in by_word[word] if phrase in text]
    if not text.isascii():
        hits += [phrase for phrase in without_spaces if phrase in text]
    return hits


def key_words(section: str) -> Set[str]:
    """Return the words without one of which `found` finds nothing in ASCII text."""
    return _index(section)[0].keys()


def stems(section: str, text: str) -> list[str]:
    """Return the phrases of a section that are in a text, also as parts of words."""
    return [stem for stem in _stems(section, text.isascii()) if stem in text]


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, without digits and punctuation."""
    return _WORD.findall(text.lower())


def is_caseless(text: str) -> bool:
    """Whether a text is in a script without capital letters, such as Chinese or Arabic."""
    return not text.isascii() and _CASELESS.search(text) is not None


@cache
def _index(section: str) -> tuple[dict[str, list[str]], list[str]]:
    """Return phrases by their longest word, and those of scripts without spaces."""
    by_word: dict[str, list[str]] = {}
    without_spaces = []
    for phrase in sorted(phrases(section)):
        if is_caseless(phrase):
            without_spaces.append(phrase)
        else:
            by_word.setdefault(max(words_of(phrase), key=len), []).append(phrase)
    return by_word, without_spaces


@cache
def _stems(section: str, ascii_only: bool) -> list[str]:
    return sorted(stem for stem in phrases(section) if stem.isascii() or not ascii_only)


@cache
def _data() -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
