"""Find blocks such as From, Sent, To and Subject, in the languages of the common mail programs."""

import re
from dataclasses import dataclass
from functools import cache

from nlp.text.mail.words import Line, phrases

_FIELD = re.compile(r"[ \t>*_]{0,4}([^\W\d_][^:：*\n]{0,24}?)[*_]{0,2}[ \t\u00a0]?[:：]")
_KINDS = ("from", "date", "to", "subject")
_ADDRESS = re.compile(r"\S@\S|<EMAIL>")


@dataclass(frozen=True, slots=True)
class Header:
    """Lines from `start` to before `end`."""

    start: int
    end: int


def header_at(lines: list[Line], start: int, *, after_rule: bool = False) -> Header | None:
    """Return the header that begins at line `start`, or None.

    It begins with the sender, the date or the subject, and holds the sender and a date, or a
    recipient and a subject, or an address. After a rule, the sender and any other field suffice.
    """
    kinds: list[str] = []
    has_address = False
    end = start
    for i in range(start, min(start + 16, len(lines))):
        text = lines[i].text
        if lines[i].is_blank:
            if i > end:  # a second blank line
                break
            continue
        kind = _kind(text)
        if kind is None and not (kinds and kinds[-1] in {"to", "from"} and _is_continued(text)):
            break
        if kind and (kind != "from" or "from" not in kinds):
            kinds.append(kind)
        has_address |= bool(_ADDRESS.search(text[:300]))
        end = i + 1
    names = set(kinds)
    if kinds[:1] not in (["from"], ["date"], ["subject"]) or len(names) < 2:
        return None
    if "from" not in names:
        is_whole = names >= {"date", "to"} and has_address
    else:
        is_whole = "date" in names or names >= {"to", "subject"} or has_address or after_rule
    return Header(start, end) if is_whole else None


def _is_continued(text: str) -> bool:
    """Whether a line goes on with the addresses of the line above."""
    return len(text) < 300 and bool(_ADDRESS.search(text)) and _kind(text) is None


def _kind(text: str) -> str | None:
    """Return which field of a header a line is; None where it is none."""
    match = _FIELD.match(text[:400])
    return _labels().get(match[1].strip().lower()) if match else None


@cache
def _labels() -> dict[str, str]:
    """Map a label in any language to its field; the sender wins where languages disagree."""
    return {label: kind for kind in reversed(_KINDS) for label in phrases(f"header_{kind}")}
