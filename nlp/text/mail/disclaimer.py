"""Recognise legal notices, environment notices and the banners of mail gateways.

A notice is a paragraph that speaks of several of these: mail, secrecy, addressees, what to do with
a mail that went astray. A paragraph in the first person singular is a customer's own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from nlp.states import Zone
from nlp.text.mail.words import Line, stems, vocabulary, words_of

_LONGEST = 4000
"""Characters of a paragraph that are read."""
_ENGLISH_I = re.compile(r"\bI\b")
"""In lower case, "i" is "and" elsewhere."""
_GROUPS = (
    *("mail", "secret", "addressee", "action"),
    *("company", "banner", "green_what", "green_do"),
)


def mark_disclaimers(lines: list[Line]) -> list[Line]:
    """Return the lines with DISCLAIMER for the paragraphs that are notices; linear time."""
    marked = list(lines)
    for start, end in _paragraphs(lines):
        if end - start > 1 and is_disclaimer("\n".join(line.text for line in lines[start:end])):
            for i in range(start, end):
                marked[i] = replace(lines[i], zone=Zone.DISCLAIMER)
            continue
        for i in range(start, end):  # a notice may hang directly on a signature
            if len(lines[i].text) > 30 and is_disclaimer(lines[i].text):
                marked[i] = replace(lines[i], zone=Zone.DISCLAIMER)
    return marked


def is_disclaimer(text: str) -> bool:
    """Whether one paragraph is a notice."""
    cased = text[:_LONGEST]
    text = cased.lower()
    counts = {group: len(stems(f"disclaimer_{group}", text)) for group in _GROUPS}
    is_legal = counts["secret"] > 0 or counts["addressee"] > 0
    n_groups = sum(counts[group] > 0 for group in ("mail", "secret", "addressee", "action"))
    is_notice = (
        (is_legal and n_groups >= 3)
        or counts["banner"] > 0
        or counts["company"] >= 2
        or (counts["company"] == 1 and is_legal)
        or (len(text) < 400 and counts["green_what"] > 0 and counts["green_do"] > 0)
    )
    return is_notice and not is_first_person(cased)


def is_first_person(text: str) -> bool:
    """Whether a text has words such as "I" and "my"."""
    return not vocabulary("first_person").isdisjoint(words_of(text)) or bool(
        _ENGLISH_I.search(text)
    )


def _paragraphs(lines: list[Line]) -> Iterator[tuple[int, int]]:
    """Yield runs of visible lines without a zone."""
    start = None
    for i, line in enumerate(lines):
        if line.zone is None and not line.is_blank:
            start = i if start is None else start
        elif start is not None:
            yield start, i
            start = None
    if start is not None:
        yield start, len(lines)
