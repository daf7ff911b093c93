"""Recognise mail that a machine wrote: automatic replies, bounces, receipts, acknowledgements.

Only strong signs at the beginning count, or several together: customers mention automatic replies
and holidays as well.
"""

import re
from functools import cache

from nlp.text.mail.disclaimer import is_first_person
from nlp.text.mail.words import key_words, phrases, phrases_in, stems, vocabulary, words_of

_BEGINNING = 1500
"""Characters that are read: an automatic mail says what it is before that."""
_SENTENCE = re.compile(r"(?<=[.!?。！])\s+|\n+|(?<=[。！])")
_AFTER_TITLE = re.compile(r"\s{0,3}(?:[\])}]|[:：]|[-–—!.]?\s*(?:\n|\Z)|[-–—]\s)")
_BEFORE_TITLE = re.compile(
    r"\A[\[(*#<=\s\"'-]{0,20}(?:(?:auto|subject|betreff|objet|asunto):\s{0,3})?"
)
_SUBJECT_PREFIX = re.compile(r"(?:(?:re|fw|fwd|aw|wg|sv|tr|rv)\s?:\s{0,3}){1,3}", re.IGNORECASE)
_NOTICE = re.compile(
    r"^(?:auto-submitted:\s*auto|x-auto-response-suppress:|x-autoreply:|reporting-mta:"
    r"|final-recipient:|diagnostic-code:|remote-mta:|original-recipient:)",
    re.MULTILINE,
)
_SIGNS = ("bounce", "auto", "away", "return", "receive", "ticket")


def is_machine(text: str, *, subject: str | None = None) -> bool:
    """Whether a machine wrote this message, judged by its beginning and its subject."""
    if subject and _is_titled(_SUBJECT_PREFIX.sub("", subject.strip().lower()) + ":"):
        return True
    beginning = text[:_BEGINNING].strip().lower()
    if beginning.isascii() and _sign_words().isdisjoint(words_of(beginning)):
        return False  # nearly all messages end here, cheaply
    return (
        _is_titled(beginning)
        or _is_receipt(beginning, subject)
        or ("-" in beginning and _NOTICE.search(beginning) is not None)
        or _has_signs(beginning)
    )


@cache
def _sign_words() -> frozenset[str]:
    """Return the words without one of which no sign of a machine can be in a text."""
    sections = ("machine_start", "machine_receipt", *(f"machine_{sign}" for sign in _SIGNS))
    return frozenset().union(vocabulary("machine_notice"), *map(key_words, sections))


def _is_titled(text: str) -> bool:
    """Whether a text begins with the title of automatic mail, as a title: "Automatic reply:"."""
    start = _BEFORE_TITLE.sub("", text[:100])
    return any(
        start.startswith(title) and _AFTER_TITLE.match(start[len(title) :])
        for title in phrases_in("machine_start", start, set(words_of(start)))
    )


def _is_receipt(text: str, subject: str | None) -> bool:
    """Whether a text is a receipt: "Read:" before a subject, and that it was read."""
    title, colon, _ = (subject or text[:60]).strip().lower().partition(":")
    if not colon or title.strip() not in phrases("machine_receipt"):
        return False
    return bool(phrases_in("machine_receipt_body", text[:600], set(words_of(text[:600]))))


def _has_signs(text: str) -> bool:
    """Whether whole sentences say several of the things that only machines say together."""
    words = set(words_of(text))
    signs = {sign: hits for sign in _SIGNS if (hits := phrases_in(f"machine_{sign}", text, words))}
    if not signs:
        return False
    sentences = [s.lstrip("*-# ") for s in _SENTENCE.split(text) if s and not s.isspace()]
    opening = " ".join(sentences[:3])[:300]
    if any(hit in opening for hit in signs.get("bounce", ())) and _is_about_mail(opening):
        return True
    if _begins(sentences, signs.get("auto", [])):
        return len(signs) > 1 or _begins(sentences[:1], signs["auto"])
    if "away" in signs and "return" in signs:
        return any(hit in opening for hit in signs["away"])
    is_receipt = "ticket" in signs and _begins(sentences[:4], signs.get("receive", []))
    return is_receipt and not _is_first_person(opening)


def _begins(sentences: list[str], hits: list[str]) -> bool:
    return any(sentence.startswith(hit) for sentence in sentences for hit in hits)


def _is_about_mail(opening: str) -> bool:
    """Whether it speaks of mail: a customer's parcel "could not be delivered" as well."""
    if "@" in opening or "<email>" in opening:
        return True
    return bool(stems("disclaimer_mail", opening)) and not _is_first_person(opening)


def _is_first_person(lowered: str) -> bool:
    """Whether a text in lower case has words such as "my", or an "i" in English."""
    return is_first_person(
        re.sub(r"\bi(?= (?:am|have|was|want|need|can|do|got|had|will|would)\b)", "I", lowered)
    )
