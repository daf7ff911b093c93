"""What other strings keep of texts: a label that has a customer's own word, a note that quotes.

Strings are compared by their words, case ignored. A word that others use as well tells nothing of
one customer; whether they do is for the caller to find out.
"""

import re
from collections.abc import Collection, Iterable

from nlp.text.sentences import sentences

_WORD = re.compile(r"\w+")
_SENTENCE = 4
"""Words of a quotation, at least: shorter ones are said by chance."""


def words_of(text: str) -> list[str]:
    """Return the words of a text, case ignored."""
    return _WORD.findall(text.casefold())


def phrases_in(texts: Iterable[str], strings: Iterable[str]) -> set[str]:
    """Return what `strings` have in common with `texts`, as words with one blank between.

    That is each word of the texts that a string has, each sentence of the texts that a string
    quotes, and each string that is a part of a text.
    """
    spoken = list(texts)
    written = {_spelled(s) for s in strings}
    all_spoken, all_written = "\n".join(map(_spelled, spoken)), "\n".join(written)
    quotes = (_spelled(t[a:b]) for t in spoken for a, b in sentences(t))
    quoted = {q for q in quotes if q.count(" ") > _SENTENCE and q in all_written}
    parts = {w for w in written if w.strip() and w in all_spoken}
    words = set(all_spoken.split()) & set(all_written.split())
    return words | {phrase.strip() for phrase in quoted | parts}


def showing(strings: Iterable[str], phrases: Collection[str]) -> set[str]:
    """Return those of `strings` that have one of `phrases`, as `phrases_in` returns them."""
    words = {p for p in phrases if " " not in p}
    longer = [f" {p} " for p in phrases if " " in p]
    return {
        s
        for s in strings
        if not words.isdisjoint(words_of(s)) or any(p in _spelled(s) for p in longer)
    }


def _spelled(text: str) -> str:
    """The words with blanks between and around them, so that no word is found within another."""
    return f" {' '.join(words_of(text))} "
