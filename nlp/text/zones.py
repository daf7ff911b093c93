"""Divide a message into zones: the customer's own words, and what stands around them.

`zones_of` is a pure function of one text as a source delivers it. When in doubt, text is OWN.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from nlp.states import Author, Zone
from nlp.text.mail.closing import is_closing, is_sent_from, mark_tail
from nlp.text.mail.decode import decode_text, without_entities
from nlp.text.mail.disclaimer import mark_disclaimers
from nlp.text.mail.form import mark_form
from nlp.text.mail.greeting import is_greeting, mark_greeting
from nlp.text.mail.machine import is_machine
from nlp.text.mail.markup import is_html, lines_of_html
from nlp.text.mail.quotes import mark_quotes
from nlp.text.mail.words import Line

_ODD = re.compile(r"[\n-\r<>=&\x80-\U0010ffff]")
_LINE_END = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_SHORT = 1000
"""Characters of a single line up to which it is not searched for blocks of base64."""
_ANSWER = re.compile(r"\s*[^\W\d_]{2,4}\s{0,3}(?:\[\d{1,5}\])?\s{0,3}[:\uff1a]")
"""How the subject of an answer or a forwarded mail begins in any language: `Re:`, `AW:`, `Fwd:`."""
_LONGEST_PHRASE = 100
"""Characters up to which a single line may be no more than a greeting or a closing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text of one zone."""

    zone: Zone
    text: str


def zones_of(text: str, *, subject: str | None = None) -> tuple[Part, ...]:
    """Return the parts of a message in their order.

    `text` is raw: HTML or plain, not yet redacted. Each visible character of its readable form is
    in exactly one part; the readable form of plain text is the text itself. A message in one plain
    sentence is one OWN part, unchanged. `subject` helps to recognise automatic mail. There is no
    OWN part where nothing is the customer's own; of blank text there is no part.

    Never raises. Takes linear time.
    """
    if not text or text.isspace():
        return ()
    if _ODD.search(text) is None and len(text) < _SHORT:
        return (Part(_zone_of_one_line(text, subject), text),)
    lines = readable_lines(text)
    whole = "\n".join(line.text for line in lines)
    if not whole or whole.isspace():
        return ()
    if is_machine(whole, subject=subject):
        return (Part(Zone.MACHINE, whole.strip("\n")),)
    if len(lines) == 1 and lines[0].zone is None:
        return (Part(_zone_of_one_line(whole, None), whole),)
    return tuple(_parts(_zoned(lines)))


def separate_own_words(
    text: str, *, subject: str | None = None, author: Author = Author.CUSTOMER
) -> tuple[str, tuple[Part, ...]]:
    """Return the customer's own words of a message, and the parts around them, in their order.

    The subject line of a first mail is the customer's own, that of an answer is not. The words are
    empty where nothing is the customer's own, as in what an agent or a bot wrote.
    """
    if author is not Author.CUSTOMER:
        readable = "\n".join(line.text for line in readable_lines(text)).strip()
        return "", (Part(Zone.TURN, readable),)
    parts = zones_of(text, subject=subject)
    own = own_words(parts)
    around = tuple(part for part in parts if part.zone is not Zone.OWN)
    if subject and not _ANSWER.match(subject) and not any(p.zone is Zone.MACHINE for p in around):
        has_said = " ".join(subject.split()).casefold() in " ".join(own.split()).casefold()
        own = own if has_said else f"{subject}\n\n{own}".strip()
    return own, around


def own_words(parts: tuple[Part, ...]) -> str:
    """Return the OWN parts, a blank line between them; empty where there are none."""
    return "\n\n".join(part.text for part in parts if part.zone is Zone.OWN)


def own_or_all(text: str) -> str:
    """Return the customer's own words, or all of a text in which nothing is told to be theirs."""
    return separate_own_words(text)[0] or text


def readable_lines(text: str) -> list[Line]:
    """Return the lines of a raw text without markup and transfer encodings; linear time.

    A line has a zone already where markup names one.
    """
    text = decode_text(text)
    if is_html(text):
        return lines_of_html(text)
    text = _LINE_END.sub("\n", without_entities(text))
    return [Line(line) for line in text.split("\n")]


def _zone_of_one_line(text: str, subject: str | None) -> Zone:
    if is_machine(text, subject=subject):
        return Zone.MACHINE
    if len(text) > _LONGEST_PHRASE:
        return Zone.OWN
    if is_closing(text):
        return Zone.CLOSING
    if is_greeting(text):
        return Zone.GREETING
    return Zone.SIGNATURE if is_sent_from(text) else Zone.OWN


def _zoned(lines: list[Line]) -> list[Line]:
    """Let each step claim lines; what none claims is the customer's own."""
    lines = mark_disclaimers(mark_quotes(lines))
    zoned: list[Line] = []
    is_first = True  # only the first words of a message greet
    for is_quote, run in groupby(lines, key=lambda line: line.zone is Zone.QUOTE):
        segment = list(run)
        if not is_quote:
            segment = mark_tail(segment)
            segment = mark_form(mark_greeting(segment) if is_first else segment)
            is_first = is_first and all(line.is_blank for line in segment)
        zoned += segment
    return zoned


def _parts(lines: list[Line]) -> Iterator[Part]:
    """Join neighbours of one zone; blank lines between zones belong to neither."""
    zone, texts = Zone.OWN, []
    for line in lines:
        if line.is_blank:
            texts.append(line.text)
            continue
        here = line.zone or Zone.OWN
        if here is not zone and texts:
            yield from _part(zone, texts)
            texts = []
        zone = here
        texts.append(line.text)
    yield from _part(zone, texts)


def _part(zone: Zone, texts: list[str]) -> Iterator[Part]:
    """Yield a part without the blank lines around it; nothing of blank lines alone."""
    first = next((i for i, text in enumerate(texts) if text and not text.isspace()), None)
    if first is None:
        return
    last = next(i for i in range(len(texts), 0, -1) if texts[i - 1] and not texts[i - 1].isspace())
    yield Part(zone, "\n".join(texts[first:last]))
