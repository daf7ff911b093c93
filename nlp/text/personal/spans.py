"""A place in a text that holds personal data, and how such places are joined."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What stands in a place; the most specific first, which names a place of two kinds."""

    URL = "URL"
    IBAN = "IBAN"
    CARD = "CARD"
    SSN = "SSN"
    EMAIL = "EMAIL"
    IP = "IP"
    ID = "ID"
    """A number by which a state or a device knows somebody: passport, tax, insurance, licence."""
    ACCOUNT = "ACCOUNT"
    """A bank account or the bank's number beside it."""
    SECRET = "SECRET"  # noqa: S105 - a kind, no password
    """A PIN, password, one-time code, or a card's check number."""
    BIRTHDATE = "BIRTHDATE"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    PRIVATE = "PRIVATE"
    """What a pattern of the settings finds."""
    PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class Finding:
    """Characters `start` to before `end`, and what they are."""

    start: int
    end: int
    kind: Kind


_RANK = {kind: n for n, kind in enumerate(Kind)}


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Join overlapping places under the most specific kind, so that nothing remains; in order."""
    joined: list[Finding] = []
    for one in sorted(findings, key=lambda f: (f.start, f.end)):
        if not joined or joined[-1].end <= one.start:
            joined.append(one)
            continue
        last = joined[-1]
        kind = min(last.kind, one.kind, key=_RANK.__getitem__)
        joined[-1] = Finding(last.start, max(last.end, one.end), kind)
    return joined
