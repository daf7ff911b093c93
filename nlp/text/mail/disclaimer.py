"""Recognise legal notices, environment notices and the banners of mail gateways.

A notice is a paragraph that speaks of several of these: mail, secrecy, addressees, what to do with
a mail that went astray. A paragraph in the first person singular is a customer's own.
"""

from collections.abc import Iterator
from dataclasses import replace

from nlp.states import Zone
from nlp.text.mail.words import Line, pattern, words_of

_LONGEST = 4000
"""Characters of a paragraph that are read."""
_FIRST_PERSON = frozenset(
    "i i'm i’m i've my ich mein meine meinen meiner je mon yo mi io mio ik mijn jag jeg mitt "
    "я мой мне моя moje mám ben benim".split()
)
_GROUPS = ("disclaimer_mail", "disclaimer_secret", "disclaimer_addressee", "disclaimer_action")


def mark_disclaimers(lines: list[Line]) -> list[Line]:
    """Return the lines with DISCLAIMER for the paragraphs that are notices; linear time."""
    marked = list(lines)
    for start, end in _paragraphs(lines):
        if is_disclaimer("\n".join(line.text for line in lines[start:end])):
            for i in range(start, end):
                marked[i] = replace(lines[i], zone=Zone.DISCLAIMER)
            continue
        for i in range(start, end):  # a notice may hang directly on a signature
            if len(lines[i].text) > 30 and is_disclaimer(lines[i].text):
                marked[i] = replace(lines[i], zone=Zone.DISCLAIMER)
    return marked


def is_disclaimer(text: str) -> bool:
    """Whether one paragraph is a notice."""
    text = text[:_LONGEST].lower()
    if _FIRST_PERSON & set(words_of(text)):
        return False
    if pattern("disclaimer_banner").search(text):
        return True
    if len(text) < 400 and pattern("disclaimer_green_what").search(text):
        if pattern("disclaimer_green_do").search(text):
            return True
    counts = [len(set(pattern(group).findall(text))) for group in _GROUPS]
    company = len(set(pattern("disclaimer_company").findall(text)))
    n_groups = sum(count > 0 for count in counts)
    is_legal = counts[1] > 0 or counts[2] > 0
    return (is_legal and n_groups >= 3) or company >= 2 or (company == 1 and is_legal)


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
