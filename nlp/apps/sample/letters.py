"""What a customer has to say, before a channel or a mail program gives it its shape."""

import datetime as dt
from dataclasses import dataclass

from nlp.apps.sample.mail.people import Person


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence or more; with the intent that it raises, if it raises one."""

    text: str
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one message as typed."""

    parts: tuple[Part, ...]
    greeting: str = ""
    sign_off: str = ""
    """With `{name}` and `{surname}` for who signs."""
    is_bare: bool = False
    """Whether it is sent as it is, without anything around it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a customer, to be sent."""

    intent: str
    moment: dt.datetime
    """In UTC."""
    channel: str
    words: Words
    customer: Person
    is_known: bool
    """Whether the row names the customer."""
    language: str
    """As the row names it; empty where it does not."""
    planted: tuple[tuple[str, str], ...] = ()
    """Personal data in the words: (kind, value)."""
    segment: str = ""
    """The segment whose surge brought it; empty for all others."""
    subject: str = ""
    """Of machine mail, which brings its own."""
