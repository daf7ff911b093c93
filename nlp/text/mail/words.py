"""The vocabulary of mail, read from `words.toml`, and the lines that the steps hand on."""

import re
import tomllib
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


@cache
def pattern(section: str) -> re.Pattern[str]:
    """Return one expression that finds any phrase of a section at the beginning of a word.

    It is for text in lower case. Long phrases are tried first.
    """
    longest_first = sorted(phrases(section), key=lambda p: (-len(p), p))
    alternatives = "|".join(
        re.escape(p) if _CASELESS.match(p) else rf"\b{re.escape(p)}" for p in longest_first
    )
    return re.compile(alternatives)


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, without digits and punctuation."""
    return _WORD.findall(text.lower())


def is_caseless(text: str) -> bool:
    """Whether a text is in a script without capital letters, such as Chinese or Arabic."""
    return _CASELESS.search(text) is not None


@cache
def _data() -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
