"""A server that answers anything at all: an error of one line or rows, never a traceback."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import pytest

from bench.desk_server import Asked, Reply, Server
from bench.desk_world import World
from nlp.errors import TriageError
from nlp.jobs.ingest import Gate, ingest_day
from nlp.settings import DeskSource, RestSource, Settings, load
from nlp.sources.desks.build import desk_source
from nlp.sources.desks.known import KNOWN
from nlp.sources.desks.rows import rows_of
from nlp.sources.desks.source import DeskSource as Source
from nlp.sources.limits import DEFAULT
from tests.fakes import MemoryStore

DAY = dt.date(2026, 3, 2)
_KEYS = (
    "id", "tickets", "comments", "conversations", "conversation_parts", "payload", "data", "parts",
    "created_at", "updated_at", "generated_timestamp", "last_activity_at", "body", "content",
    "author", "author_id", "users", "tags", "custom_fields", "source", "after_url", "pages", "next",
    "starting_after", "end_of_stream", "meta", "has_more", "links", "sender", "subject", "status",
    "attachments", "description_text", "ticket", "requester_id", "via", "channel",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1772442000, 1e308, -1e308, 10**30, "", " ", "1", "x" * 300,
    "2026-03-02T09:00:00Z", "2026-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "\u0000", "\ud800", "{since}", "²", "http://127.0.0.1:1/x", "//x", "http://[", "customer", [],
    {}, "I lost my card", "<p>I lost my card</p>", "deleted", "0" * 30, "1,2\n3", "%s%s", "'; --",
)  # fmt: skip


class Hostile(Server):
    """Answers random JSON under the names that desks use, never quite the same twice."""

    draw: random.Random

    def is_allowed(self, asked: Asked) -> bool:
        return True

    def answer(self, asked: Asked) -> Reply:
        headers = {}
        if self.draw.random() < 0.1:
            headers["Link"] = self.draw.choice(
                ('<http://127.0.0.1:1/>; rel="next"', ";;;=,<", f'<{self.url}/a>; rel="next"')
            )
        return 200, headers, self._value(0)

    def _value(self, depth: int) -> Any:
        draw = self.draw
        if depth > 5 or draw.random() < 0.2 * depth:
            return draw.choice(_VALUES)
        if draw.random() < 0.4:
            return [self._value(depth + 1) for _ in range(draw.randrange(4))]
        return {draw.choice(_KEYS): self._value(depth + 1) for _ in range(draw.randrange(1, 12))}


@pytest.fixture
def server() -> Iterator[Hostile]:
    """The server, from a fixed seed."""
    with Hostile(World(dt.datetime(2026, 3, 3, tzinfo=dt.UTC))) as opened:
        opened.draw = random.Random(11)
        yield opened


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    """Settings of a store in memory, with two attempts a page."""
    return load(hash_key="key", local_dir=tmp_path, desk_attempts=2, _env_file=None)


def source_of(kind: str, server: Hostile, settings: Settings) -> Source:
    """A source that does not sleep."""
    setting = DeskSource(kind=kind, url=server.url, user="me", account="3")
    source = desk_source("support", setting, settings, token="t")
    source.client.sleep = lambda _: None
    return source


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_random_answers_never_end_in_a_traceback(
    kind: str, server: Hostile, settings: Settings
) -> None:
    """A hundred runs a desk: each ends, with counts that add up or with one line."""
    lines: list[str] = []
    n_ended = 0
    store = MemoryStore()
    with source_of(kind, server, settings) as source:
        for _ in range(100):
            try:
                counts = ingest_day(store, source, DAY, settings=settings).counts
            except TriageError as error:
                lines.append(str(error))
            else:
                assert counts["n_pulled"] == sum(
                    counts[f"n_{name}"] for name in ("stored", "known", "quarantined")
                )
                n_ended += 1
    assert lines
    assert len(lines) + n_ended == 100
    assert not any("\n" in line for line in lines)


def test_random_conversations_never_end_in_a_traceback(server: Hostile, settings: Settings) -> None:
    """The same where the listing is right and each conversation is random: rows, or quarantine."""
    desk = {
        "listing": {"path": "/list", "rows": "rows"},
        "parts": {"path": "/one/{id}"},
        "into": "",
        "turns": {"at": ["parts", "comments"], "text": "body|content"},
        "columns": {"external_id": "turn.id", "created_at": "turn.created_at", "text": "turn.body",
                    "conversation_id": "id", "author": "turn.author"},
        "attributes": ["tags", "custom_fields", "meta"],
    }  # fmt: skip
    anything = server._value

    def answer(asked: Asked) -> Reply:
        if asked.path == "/list":
            rows = [{"id": n, "updated_at": str(server.n_requests)} for n in range(30)]
            return 200, {}, {"rows": rows}
        parts = [
            {key: anything(4) for key in ("id", "created_at", "body", "author")} for _ in range(6)
        ]
        return 200, {}, {"id": asked.path[5:], "parts": [*parts, anything(3)], "tags": anything(2)}

    server.answer = answer  # type: ignore[method-assign]
    setting = RestSource(kind="rest", url=server.url, desk=desk)
    store = MemoryStore()
    with desk_source("support", setting, settings, token="t") as source:
        for _ in range(10):
            counts = ingest_day(store, source, DAY, settings=settings).counts
            assert counts["n_read"] == 30
    assert store.messages
    assert store.quarantine


def test_a_desk_that_lists_without_end_is_stopped(settings: Settings) -> None:
    """Pages that repeat end the run, whatever the manner of paging."""

    class Endless(Hostile):
        def answer(self, asked: Asked) -> Reply:
            rows = [{"id": n, "updated_at": "2026-03-01T10:00:00Z"} for n in range(100)]
            link = f'<{self.url}/a>; rel="next"'
            return 200, {"Link": link}, {"rows": rows, "next": "c"}

    with Endless(World(dt.datetime(2026, 3, 3, tzinfo=dt.UTC))) as server:
        for manner in ("cursor", "link", "page", "time", "before"):
            desk = {
                "listing": {
                    "path": "/list", "rows": "rows",
                    "paging": {"manner": manner, "param": "p", "next": "next"},
                },
                "columns": {"external_id": "id"},
            }  # fmt: skip
            setting = RestSource(kind="rest", url=server.url, desk=desk)
            with (
                desk_source("support", setting, settings, token="t") as source,
                pytest.raises(TriageError, match="repeat without end"),
            ):
                list(source.changed(DAY))


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_random_records_become_rows_or_quarantine(
    kind: str, server: Hostile, settings: Settings
) -> None:
    """Three hundred random conversations in the shape of a desk: a part is a row or is not."""
    desk, n_rows = KNOWN[kind], 0
    gate = Gate("support", DAY, settings=settings)
    for n in range(300):
        turns = [server._value(2) for _ in range(3)]
        turns.append(
            {"id": n, "created_at": "2026-03-02T09:00:00Z", "body": "Hello", "content": "Hello"}
        )
        record = {"id": n, "source": server._value(3), "tags": server._value(3),
                  "custom_fields": server._value(3)}  # fmt: skip
        for path in desk.turns.at:
            first, _, rest = path.partition(".")
            record[first] = {rest: turns} if rest else turns
        found = rows_of(record, desk, DEFAULT)
        messages, rejected = gate.pass_through(list(found.rows))
        assert len(messages) + len(rejected) == len(found.rows)
        n_rows += len(messages)
    assert n_rows >= 250
