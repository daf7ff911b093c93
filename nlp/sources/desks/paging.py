"""The pages of one request, in any of the manners that desks have."""

import copy
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from nlp.errors import SourceError
from nlp.sources.columns import lookup
from nlp.sources.desks.client import Answer, Client
from nlp.sources.desks.description import Manner, Request

_MOST_PAGES = 100_000
Row = Any


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the whole answer."""

    rows: list[Row]
    value: Any


@dataclass(frozen=True)
class Reader:
    """What paging asks of rows: who they are, and when they changed."""

    key: Callable[[Row], str]
    """Equal for a row that is as it was."""
    time: Callable[[Row], dt.datetime | None]
    id: Callable[[Row], str]
    write: Callable[[dt.datetime], str]
    """A time as the desk takes it."""


class Pages:
    """Iterates over the pages of a request with `fill` put into it."""

    def __init__(
        self,
        client: Client,
        request: Request,
        fill: Mapping[str, str],
        *,
        reader: Reader,
        since: dt.datetime | None = None,
        ends_at_since: bool = False,
    ) -> None:
        self.client, self.request, self.fill, self.reader = client, request, dict(fill), reader
        self.since, self.ends_at_since = since, ends_at_since
        self.seen: set[str] = set()
        self.n_pages = 0

    def __iter__(self) -> Iterator[Page]:
        manner = self.request.paging.manner
        by_manner: dict[Manner, Callable[[], Iterator[Page]]] = {
            Manner.ONE: self._one,
            Manner.CURSOR: self._by_cursor,
            Manner.LINK: self._by_link,
            Manner.PAGE: self._by_number,
            Manner.TIME: self._by_time,
            Manner.BEFORE: self._before,
        }
        return by_manner[manner]()

    def _one(self) -> Iterator[Page]:
        yield self._page(self._ask())

    def _by_cursor(self) -> Iterator[Page]:
        paging = self.request.paging
        answer, cursors = self._ask(), set[str]()
        while True:
            yield self._page(answer)
            cursor = _text(lookup(answer.value, paging.next))
            if not cursor or not self._has_more(answer.value):
                return
            if cursor in cursors:
                raise self._endless()
            cursors.add(cursor)
            answer = self._ask({paging.param: cursor}) if paging.param else self._next(cursor)

    def _by_link(self) -> Iterator[Page]:
        answer, links = self._ask(), set[str]()
        while True:
            yield self._page(answer)
            if not answer.link:
                return
            if answer.link in links:
                raise self._endless()
            links.add(answer.link)
            answer = self._next(answer.link)

    def _by_number(self) -> Iterator[Page]:
        yield from self._numbered()
        # What moved to the front while we read was on no page that we saw; read it again until
        # the front holds nothing new.
        while self.ends_at_since:
            n_seen = len(self.seen)
            yield from self._numbered(stops_at_known=True)
            if len(self.seen) == n_seen:
                return

    def _numbered(self, *, stops_at_known: bool = False) -> Iterator[Page]:
        paging, number = self.request.paging, 1
        while True:
            answer = self._page(self._ask({paging.param: str(number)}))
            fresh = self._fresh(answer.rows)
            if fresh:
                yield Page(fresh, answer.value)
            elif stops_at_known:
                return
            if len(answer.rows) < paging.size or (self.ends_at_since and self._is_old(answer.rows)):
                return
            if not fresh:
                raise self._endless()
            number += 1

    def _by_time(self) -> Iterator[Page]:
        paging, number, last = self.request.paging, 1, self.since
        while True:
            answer = self._page(self._ask({paging.param: str(number)} if number > 1 else {}))
            fresh = self._fresh(answer.rows)
            if fresh:
                yield Page(fresh, answer.value)
            if len(answer.rows) < paging.size:
                return
            time = self.reader.time(answer.rows[-1])
            if time is not None and (last is None or time > last):
                last, number = time, 1
                self.fill["since"] = self.reader.write(time)
            elif fresh or number == 1:
                number += 1  # all rows of the page are of one moment
            else:
                raise self._endless()

    def _before(self) -> Iterator[Page]:
        paging, first = self.request.paging, ""
        while True:
            answer = self._page(self._ask({paging.param: first} if first else {}))
            fresh = self._fresh(answer.rows)
            if fresh:
                yield Page(fresh, answer.value)
            if len(answer.rows) < paging.size:
                return
            first = self.reader.id(answer.rows[0])
            if not fresh or not first:
                raise self._endless()

    def _fresh(self, rows: list[Row]) -> list[Row]:
        fresh = []
        for row in rows:
            key = self.reader.key(row)
            if key not in self.seen:
                self.seen.add(key)
                fresh.append(row)
        return fresh

    def _is_old(self, rows: list[Row]) -> bool:
        times = [time for row in rows if (time := self.reader.time(row))]
        return self.since is not None and bool(times) and max(times) < self.since

    def _has_more(self, value: Any) -> bool:
        more = self.request.paging.more
        if not more:
            return True
        has_more = bool(lookup(value, more.removeprefix("!")))
        return not has_more if more.startswith("!") else has_more

    def _ask(self, extra: Mapping[str, str] | None = None) -> Answer:
        request = self.request
        body = None if request.body is None else filled(request.body, self.fill)
        params = {name: str(filled(value, self.fill)) for name, value in request.params.items()}
        for name, value in (extra or {}).items():
            if body is None:
                params[name] = value
            else:
                body = _with(body, name.split("."), value)
        path = path_of(request.path, self.fill)
        return self._counted(self.client.ask(request.method, path, params=params, body=body))

    def _next(self, url: str) -> Answer:
        return self._counted(self.client.ask("GET", url))

    def _counted(self, answer: Answer) -> Answer:
        self.n_pages += 1
        if self.n_pages > _MOST_PAGES:
            raise self._endless()
        return answer

    def _page(self, answer: Answer) -> Page:
        place = self.request.rows
        rows = lookup(answer.value, place) if place else answer.value
        if not isinstance(rows, list):
            raise SourceError(
                f"{self.client.name}: the answer to {self.request.path} holds no list "
                f"{place or 'of rows'}. Correct the source's address and description"
            )
        return Page(rows, answer.value)

    def _endless(self) -> SourceError:
        return SourceError(
            f"{self.client.name}: the pages of {self.request.path} repeat without end. Correct "
            "how the source is paged"
        )


def path_of(path: str, fill: Mapping[str, str]) -> str:
    """Return a path with each `{name}` filled in, quoted."""
    for name, value in fill.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def filled(value: Any, fill: Mapping[str, Any]) -> Any:
    """Return a body with each `{name}` filled in; a number or a list stays one."""
    if isinstance(value, str):
        for name, one in fill.items():
            if value == f"{{{name}}}":
                return int(one) if isinstance(one, str) and one.isdigit() else one
            value = value.replace(f"{{{name}}}", str(one))
        return value
    if isinstance(value, Mapping):
        return {key: filled(one, fill) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [filled(one, fill) for one in value]
    return value


def _with(body: Any, path: list[str], value: str) -> Any:
    """Return a body with a value put at a path."""
    body = copy.deepcopy(body)
    place = body
    for name in path[:-1]:
        place = place.setdefault(name, {})
    place[path[-1]] = value
    return body


def _text(value: Any) -> str:
    is_plain = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value) if is_plain else ""
