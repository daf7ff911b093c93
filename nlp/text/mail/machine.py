"""Recognise mail that a machine wrote: automatic replies, bounces, receipts, acknowledgements.

Only strong signs at the beginning count, or several together: customers mention automatic replies
and holidays as well.
"""

import re

from nlp.text.mail.words import pattern, phrases

_BEGINNING = 1500
"""Characters that are read: an automatic mail says what it is before that."""
_SENTENCE = re.compile(r"(?<=[.!?。！])\s+|\n+|(?<=[。！])")
_AFTER_TITLE = re.compile(r"\s{0,3}(?:[:：]|[-–—!.]?\s*(?:\n|\Z)|[-–—]\s)")
_SUBJECT_PREFIX = re.compile(r"(?:(?:re|fw|fwd|aw|wg|sv|tr|rv)\s?:\s{0,3}){1,3}", re.IGNORECASE)
_NOTICE = re.compile(
    r"^(?:auto-submitted:\s*auto|x-auto-response-suppress:|x-autoreply:|reporting-mta:"
    r"|final-recipient:|diagnostic-code:|remote-mta:|original-recipient:)",
    re.MULTILINE,
)
_SIGNS = ("machine_away", "machine_return", "machine_auto", "machine_receive", "machine_ticket")


def is_machine(text: str, *, subject: str | None = None) -> bool:
    """Whether a machine wrote this message, judged by its beginning and its subject."""
    if subject and _is_titled(_SUBJECT_PREFIX.sub("", subject.strip().lower()) + ":"):
        return True
    beginning = text[:_BEGINNING].strip().lower()
    return (
        _is_titled(beginning)
        or _is_receipt(beginning, subject)
        or _NOTICE.search(beginning) is not None
        or _has_signs(beginning)
    )


def _is_titled(text: str) -> bool:
    """Whether a text begins with the title of automatic mail, as a title: "Automatic reply:"."""
    text = text.lstrip("[(*#<=- \"'")
    title = pattern("machine_start").match(text[:80])
    return (
        title is not None and _AFTER_TITLE.match(text[title.end() : title.end() + 12]) is not None
    )


def _is_receipt(text: str, subject: str | None) -> bool:
    """Whether a text is a receipt: "Read:" before a subject, and that it was read."""
    title = (subject or text[:60]).strip().lower().partition(":")
    return (
        bool(title[1])
        and title[0].strip() in phrases("machine_receipt")
        and pattern("machine_receipt_body").search(text[:600]) is not None
    )


def _has_signs(text: str) -> bool:
    """Whether whole sentences say several of the things that only machines say together."""
    sentences = [s for s in _SENTENCE.split(text) if s and not s.isspace()]
    signs = {sign for s in sentences[:12] for sign in _SIGNS if pattern(sign).search(s[:300])}
    opening = " ".join(sentences[:3])[:300]
    if pattern("machine_bounce").search(opening) and _is_about_delivery(opening):
        return True
    if "machine_auto" in signs and _begins(sentences, "machine_auto"):
        return _begins(sentences[:1], "machine_auto") or bool(signs - {"machine_auto"})
    if "machine_away" in signs and "machine_return" in signs:
        return pattern("machine_away").search(opening) is not None
    return (
        "machine_ticket" in signs
        and _begins(sentences[:4], "machine_receive")
        and not sentences[0].endswith("?")
    )


def _begins(sentences: list[str], sign: str) -> bool:
    return any(pattern(sign).match(sentence.lstrip("*-# ")) for sentence in sentences)


def _is_about_delivery(opening: str) -> bool:
    """Whether it speaks of mail: a parcel "could not be delivered" as well."""
    return (
        "@" in opening
        or "<email>" in opening
        or bool(pattern("disclaimer_mail").search(opening))
        and not re.search(r"\b(?:i|my|ich|mein\w*|je|mon|ma|mi|mio|mia)\b", opening)
    )
