"""A helpdesk as a source: conversations that changed, and each of them whole."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Self

from nlp.errors import SourceError
from nlp.records import Conversation, Listed, RawRow, TicketNote
from nlp.sources.columns import lookup
from nlp.sources.desks.client import Answer, Client, GoneError, RefusedError
from nlp.sources.desks.description import Description, Manner, Request
from nlp.sources.desks.paging import Pages, Reader, path_of
from nlp.sources.desks.rows import plain_id, rows_of, says, time_of
from nlp.sources.desks.writing import has, note_of, tags_of
from nlp.states import WriteState

_SHIFTING = (Manner.LINK, Manner.PAGE)
"""Pages by number: where a row before them goes, another one is on none of them."""
_MOST_READINGS = 5


class DeskSource:
    """`nlp.ports.Desk` of one description, through one client. A context manager."""

    def __init__(
        self,
        name: str,
        *,
        desk: Description,
        client: Client,
        zone: dt.tzinfo,
        account: str = "",
    ) -> None:
        self.name = name
        self.desk = desk
        self.client = client
        self.zone = zone
        self.fill = {"account": account} if account else {}
        self.reader = Reader(key=_key, time=self._time, id=_id, write=self._written)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`: the rows that were written on `day`."""
        for listed in self.changed(day):
            read = None if listed.is_gone else self.read(listed)
            for row in read.rows if read else ():
                time = row.fields.get("created_at")
                if isinstance(time, dt.datetime) and time.astimezone(self.zone).date() == day:
                    yield row

    def changed(self, day: dt.date) -> Iterator[Listed]:
        """See `nlp.ports.Desk`."""
        start = dt.datetime.combine(day, dt.time(), self.zone).astimezone(dt.UTC)
        since = start - dt.timedelta(seconds=self.desk.overlap_seconds)
        pages = Pages(
            self.client,
            self.desk.listing,
            {**self.fill, "since": self._written(since)},
            reader=self.reader,
            since=since,
            ends_at_since=self.desk.ends_at_since,
        )
        try:
            for page in pages:
                yield from map(self._listed, page.rows)
        except GoneError:
            raise self._no_path(self.desk.listing) from None

    def look(self, conversation: str) -> Listed | None:
        """See `nlp.ports.Desk`; a desk that cannot be asked is taken at its listing's word."""
        if not self.desk.one:
            return None
        fill = {**self.fill, "id": conversation}
        try:
            answer = self.client.ask("GET", path_of(self.desk.one, fill))
        except GoneError:
            return None
        place = self.desk.one_at
        record = lookup(answer.value, place) if place else answer.value
        listed = self._listed(record)
        if listed.conversation != conversation:
            raise SourceError(
                f"{self.client.name}: the answer to {self.desk.one} is another conversation. "
                "Correct the source's description"
            )
        return None if listed.is_gone else listed

    def read(self, listed: Listed) -> Conversation | None:
        """See `nlp.ports.Desk`."""
        if not listed.conversation:
            problem = "The conversation has no id"
            return Conversation(listed, (RawRow("listing", {}, problem),))
        if listed.is_gone:
            return None
        try:
            record = self._whole(listed)
        except GoneError:
            return None
        turns = rows_of(record, self.desk, self.client.bounds.limits)
        return Conversation(listed, turns.rows, turns.n_attachments, turns.n_wordless)

    def write(self, note: TicketNote, *, as_tags: bool) -> WriteState:
        """See `nlp.ports.Desk`: a note that may have arrived is looked for before it is sent."""
        request = self.desk.tags if as_tags else self.desk.note
        assert request is not None, "build.desk_source has checked it"
        fill = {**self.fill, "id": note.conversation, "user": self.client.access.user}
        path = path_of(request.path, fill)
        is_done = partial(self._has, note)
        try:
            if as_tags:
                record = self._now(note.conversation) if request.replaces else {}
                for body in tags_of(request, note, record, fill):
                    self.client.send(request.method, path, body=body, key=note.key)
            elif not (note.is_unsure and is_done()):
                body = note_of(request, note, fill)
                self.client.send(request.method, path, body=body, key=note.key, is_done=is_done)
        except GoneError:
            return WriteState.GONE
        except RefusedError:
            return WriteState.REFUSED
        return WriteState.SENT

    def _has(self, note: TicketNote) -> bool:
        return has(self._now(note.conversation), note.key)

    def _now(self, conversation: str) -> Mapping[str, Any]:
        """Return a conversation with its parts as it is now. Raises GoneError."""
        unknown = Listed(conversation, "", None, is_gone=False, record={})
        listed = self.look(conversation) if self.desk.one else unknown
        if listed is None:
            raise GoneError
        return self._whole(listed)

    def _whole(self, listed: Listed) -> Mapping[str, Any]:
        """Return the record of a conversation with its parts in it."""
        request = self.desk.parts
        if request is None:
            return listed.record
        fill = {**self.fill, "id": listed.conversation}
        if not self.desk.into:
            answer = self.client.ask(request.method, path_of(request.path, fill))
            return self._mapping(answer)
        parts = self._parts(request, fill)
        return {**listed.record, self.desk.into: parts}

    def _parts(self, request: Request, fill: Mapping[str, str]) -> list[Any]:
        """Return all parts; where pages may shift, until two readings agree."""
        before: list[Any] | None = None
        for _ in range(_MOST_READINGS):
            pages = Pages(self.client, request, fill, reader=self.reader)
            parts = [self._joined(row, page.value) for page in pages for row in page.rows]
            by_key = {_id(part) or _key(part): part for part in parts}
            is_settled = pages.n_pages == 1 or request.paging.manner not in _SHIFTING
            if is_settled or before == list(by_key):
                return list(by_key.values())
            before = list(by_key)
        return list(by_key.values())

    def _joined(self, row: Any, answer: Any) -> Any:
        for join in self.desk.joins:
            ident = lookup(row, join.by) if isinstance(row, Mapping) else None
            among = lookup(answer, join.among)
            if ident is None or not isinstance(among, list):
                continue
            joined = next(
                (o for o in among if isinstance(o, Mapping) and o.get("id") == ident), None
            )
            row = {**row, join.name: joined} if joined else row
        return row

    def _listed(self, record: Any) -> Listed:
        if not isinstance(record, Mapping):
            return Listed("", "", None, is_gone=False, record={})
        created = time_of(lookup(record, self.desk.created))
        return Listed(
            conversation=plain_id(lookup(record, self.desk.id)) or "",
            version=str(lookup(record, self.desk.updated) or "")[:100],
            created_on=created and created.astimezone(self.zone).date(),
            is_gone=says(record, self.desk.is_gone),
            record=record,
        )

    def _mapping(self, answer: Answer) -> Mapping[str, Any]:
        if isinstance(answer.value, Mapping):
            return answer.value
        raise SourceError(
            f"{self.client.name}: the answer about a conversation is no object. Correct the "
            "source's description"
        )

    def _time(self, record: Any) -> dt.datetime | None:
        path = self.desk.time or self.desk.updated
        return time_of(lookup(record, path)) if isinstance(record, Mapping) else None

    def _written(self, time: dt.datetime) -> str:
        if self.desk.times == "epoch":
            return str(int(time.timestamp()))
        return time.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _no_path(self, request: Request) -> SourceError:
        return SourceError(
            f"{self.client.name}: the desk has no {request.path} (404). Correct the source's `url`"
        )


def _key(record: Any) -> str:
    """Return what tells a row as it is now from all others."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _id(record: Any) -> str:
    return plain_id(record.get("id")) or "" if isinstance(record, Mapping) else ""
