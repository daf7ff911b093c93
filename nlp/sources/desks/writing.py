"""What is written to a ticket: the requests of a note or of tags."""

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any

from nlp.records import TicketNote
from nlp.sources.columns import lookup
from nlp.sources.desks.description import Write
from nlp.sources.desks.paging import filled

MARK = "triage-note:"
"""What stands before the key in a note of ours."""


def is_own(author: object, words: object) -> bool:
    """Whether a message is a note that was written from here; no customer's is."""
    return author != "customer" and MARK in str(words)


def has(record: Any, key: str) -> bool:
    """Whether a conversation holds the note of a key."""
    return f"{MARK}{key}" in json.dumps(record)


def note_of(request: Write, note: TicketNote, fill: Mapping[str, str]) -> Any:
    """Return the body of a note."""
    words = f"{note.text}\n({MARK}{note.key})"
    if request.is_html:
        words = html.escape(words).replace("\n", "<br>")
    return filled(request.body, {**fill, "note": words})


def tags_of(
    request: Write, note: TicketNote, record: Mapping[str, Any], fill: Mapping[str, str]
) -> Iterator[Any]:
    """Yield the bodies that add the tags to a conversation; none where it has them."""
    old = lookup(record, request.replaces) if request.replaces else None
    known = [str(tag) for tag in old] if isinstance(old, list) else []
    new = [tag for tag in note.tags if tag not in known]
    if "{tag}" in json.dumps(request.body):
        yield from (filled(request.body, {**fill, "tag": tag}) for tag in new)
    elif new:
        yield filled(request.body, {**fill, "tags": [*known, *new]})
