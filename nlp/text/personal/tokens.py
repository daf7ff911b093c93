"""The words of a text, each with what is known of it and what stands around it."""

import re
from dataclasses import dataclass
from functools import cached_property

from nlp.text.personal.lists import NEVER, folded, known_as, known_words

WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_SHORTENED = tuple(mark + end for mark in "'’" for end in ("t", "m", "ve", "ll", "re", "d", "s"))
_OWNED = ("'s", "’s")


@dataclass(frozen=True)
class Tokens:
    """All words of `text`, as lists of equal length."""

    text: str
    spans: list[tuple[int, int]]
    words: list[str]
    """Folded."""
    known: list[int]

    @cached_property
    def n_upper(self) -> int:
        """Words of more than one letter that are written in capitals."""
        return sum(self.is_upper(i) for i in range(len(self.words)))

    def __len__(self) -> int:
        return len(self.words)

    def raw(self, i: int) -> str:
        """Return word `i` as it is written."""
        return self.text[slice(*self.spans[i])]

    def is_capital(self, i: int) -> bool:
        """Whether word `i` begins with a capital letter."""
        return self.text[self.spans[i][0]].isupper()

    def is_upper(self, i: int) -> bool:
        """Whether word `i` has several letters, all of them capitals."""
        start, end = self.spans[i]
        return end - start > 1 and self.text[start:end].isupper()

    def is_initial(self, i: int) -> bool:
        """Whether word `i` is one capital letter other than the English `I`, or `A` without stop."""
        start, end = self.spans[i]
        letter = self.text[start]
        is_stopped = self.text[end : end + 1] == "."
        return end - start == 1 and letter.isupper() and (is_stopped or letter not in "IA")

    def is_stopped_initial(self, i: int) -> bool:
        """Whether word `i` is an initial with a stop, which follows the word before it."""
        return (
            i < len(self)
            and self.is_next(i)
            and self.is_initial(i)
            and (self.text[self.spans[i][1] :][:1] == ".")
        )

    def gap_after(self, i: int) -> str:
        """Return what stands between word `i` and the next one; empty after the last."""
        return self.gap(i + 1) if i + 1 < len(self) else ""

    def gap(self, i: int) -> str:
        """Return what stands between word `i` - 1 and word `i`; all before the first one."""
        return self.text[self.spans[i - 1][1] if i else 0 : self.spans[i][0]]

    def is_next(self, i: int) -> bool:
        """Whether word `i` follows the one before it in the same line, with blanks alone."""
        gap = self.gap(i)
        return bool(i) and 0 < len(gap) <= 3 and gap.strip(" \t\u00a0") == ""

    def continues(self, i: int) -> bool:
        """The same, or only the stop of an initial stands between."""
        if not i:
            return False
        gap = self.gap(i)
        if gap[:1] == "." and len(gap) <= 3 and self.is_initial(i - 1):
            return gap[1:].strip(" \t\u00a0") == ""
        return self.is_next(i)

    def is_apart(self, i: int) -> bool:
        """Whether punctuation or the end of the line follows word `i`."""
        return self.text[self.spans[i][1] : self.spans[i][1] + 1] in ("", "\n", ",", ".", "!", ")")

    def ends(self, i: int) -> bool:
        """Whether word `i` is the last of its line, but for punctuation."""
        after = self.text[self.spans[i][1] : self.spans[i][1] + 8]
        return after.lstrip(" \t.,!)*_")[:1] in ("", "\n")

    def starts(self, i: int) -> bool:
        """Whether word `i` begins a sentence or a line."""
        gap = self.gap(i).rstrip(" \t\u00a0\"'(*>")
        return not i or "\n" in gap or gap[-1:] in tuple(".!?:;-–—|")


def tokens_of(text: str) -> Tokens:
    """Return the words of a text; linear time."""
    spans, words, known = [], [], []
    for match in WORD.finditer(text):
        start, end = match.span()
        raw = match[0]
        word, flags = known_in_text(raw)
        spans.append((start, end - 2 if raw.endswith(_OWNED) else end))
        words.append(word)
        known.append(flags)
    return Tokens(text, spans, words, known)


def known_in_text(raw: str) -> tuple[str, int]:
    """Return a word folded, without the `'s` of an owner, and what is known of it."""
    if raw.isalpha() and raw.isascii():
        word = raw.lower()
        return word, known_words().get(word, 0)
    if raw.endswith(_OWNED):
        raw = raw[:-2]
    word = folded(raw)
    is_short = len(raw) - len(word) == 1 and raw.endswith(_SHORTENED)
    return word, NEVER if is_short else known_as(word)
