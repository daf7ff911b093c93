"""`nlp.sources.desks.known`: each desk against a server in its documented shape."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bench.desk_server import Server
from bench.desk_world import Script, World
from bench.desk_zendesk import Zendesk
from nlp.errors import SourceError
from nlp.jobs.ingest import ingest_day
from nlp.settings import DeskSource, Settings, load
from nlp.sources.desks.build import desk_source
from nlp.sources.desks.description import Description
from nlp.sources.desks.source import DeskSource as Source
from tests import desks
from tests.fakes import MemoryStore

DAY = dt.date(2026, 3, 2)
_PAGE = 5
_START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
_SERVERS: dict[str, Any] = {
    "zendesk": Zendesk, "intercom": desks.Intercom, "freshdesk": desks.Freshdesk,
    "chatwoot": desks.Chatwoot, "zammad": desks.Zammad,
}  # fmt: skip


@pytest.fixture(params=sorted(_SERVERS))
def kind(request: pytest.FixtureRequest) -> str:
    """Each desk that is known by name."""
    return str(request.param)


@pytest.fixture
def server(kind: str) -> Iterator[Server]:
    """A desk in which something is written on two days."""
    world = World(_START)
    Script(world, per_day=80, seed=5).run_until(_START + dt.timedelta(days=2, hours=2))
    with _SERVERS[kind](world, page=_PAGE) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    """Settings of a store in memory."""
    return load(hash_key="key", local_dir=tmp_path, _env_file=None)


def source_of(kind: str, server: Server, settings: Settings, token: str = "") -> Source:
    """The source as the settings and a connection make it."""
    setting = DeskSource(
        kind=kind, url=server.url, user="agent@acme.example", account="3" * (kind == "chatwoot")
    )
    source = desk_source("support", setting, settings, token=token or server.token)
    source.desk = small(source.desk)
    return source


def small(desk: Description) -> Description:
    """A desk with pages so small that every listing has several."""
    paging = replace(desk.listing.paging, size=_PAGE)
    params = dict(desk.listing.params)
    if "per_page" in params:
        params["per_page"] = str(_PAGE)
    return replace(desk, listing=replace(desk.listing, params=params, paging=paging))


def expected(kind: str, server: Server, end: dt.datetime) -> dict[str, tuple[str, str, str]]:
    """What a store must hold of a desk; Freshdesk's first message has the id of its ticket."""
    truth = server.world.truth(before=end)
    if kind == "freshdesk":
        for talk in server.world.living():
            if (first := truth.pop(str(talk.parts[0].id), None)) is not None:
                truth[f"ticket-{talk.id}"] = first
    return truth


def held(store: MemoryStore) -> dict[str, tuple[str, str, str]]:
    """What a store holds: the last line of each message, its author, its conversation."""
    return {
        m.external_id: (
            (m.text or m.zones[0][1]).splitlines()[-1], str(m.author), m.conversation_id or ""
        )
        for m in store.messages.values()
    }  # fmt: skip


def test_each_message_is_a_row(kind: str, server: Server, settings: Settings) -> None:
    """Two days are pulled: every message has its author and conversation, and HTML is text."""
    store = MemoryStore()
    with source_of(kind, server, settings) as source:
        ingest_day(store, source, DAY, settings=settings)
        first = held(store)
        ingest_day(store, source, DAY + dt.timedelta(1), settings=settings)
    assert first == expected(kind, server, _START + dt.timedelta(1))
    assert held(store) == expected(kind, server, _START + dt.timedelta(2))
    assert {m.author for m in store.messages.values()} == {"customer", "agent"}
    assert store.quarantine == []


def test_tags_and_fields_are_attributes(kind: str, server: Server, settings: Settings) -> None:
    """What a desk says of a ticket goes with each message: tags, forms, custom fields."""
    store = MemoryStore()
    with source_of(kind, server, settings) as source:
        ingest_day(store, source, DAY, settings=settings)
    names = {name for m in store.messages.values() for name in m.attributes}
    values = {str(v) for m in store.messages.values() for v in m.attributes.values()}
    assert names
    if kind != "zammad":  # whose list of tickets has neither
        assert "Pro" in values
        assert any("vip" in value for value in values)
    assert all(m.customer_hash and m.channel for m in store.messages.values())


def test_edits_and_deletions_follow(kind: str, server: Server, settings: Settings) -> None:
    """A changed text is the message's new text, and what the desk deleted goes."""
    store, world = MemoryStore(), server.world
    with source_of(kind, server, settings) as source:
        ingest_day(store, source, DAY, settings=settings)
        ingest_day(store, source, DAY + dt.timedelta(1), settings=settings)
        world.now += dt.timedelta(hours=3)
        living = list(world.living())
        world.edit(living[0], living[0].parts[0], "It came today")
        world.delete(living[1])
        world.now += dt.timedelta(hours=21)
        report = ingest_day(store, source, DAY + dt.timedelta(2), settings=settings)
        assert report.counts["n_changed"] >= 1
        ingest_day(store, source, living[1].parts[0].at.date(), settings=settings)
    assert held(store) == expected(kind, server, _START + dt.timedelta(3))


def test_a_day_again_changes_nothing(kind: str, server: Server, settings: Settings) -> None:
    """A day that is pulled again finds every row known."""
    store = MemoryStore()
    with source_of(kind, server, settings) as source:
        ingest_day(store, source, DAY, settings=settings)
        before = held(store)
        counts = ingest_day(store, source, DAY, settings=settings).counts
    assert held(store) == before
    assert (counts["n_stored"], counts["n_changed"], counts["n_gone"]) == (0, 0, 0)
    assert counts["n_known"] == counts["n_pulled"] == len(before)


def test_a_page_that_changes_loses_nothing(kind: str, server: Server, settings: Settings) -> None:
    """Conversations that move while they are paged are all there, and none is there twice."""
    store, world = MemoryStore(), server.world

    def touch(n: int) -> None:
        if n % 2 == 0 and n < 60:
            world.now += dt.timedelta(seconds=1)
            oldest = next(world.living())
            oldest.changed = world.now

    server.on_request = touch
    with source_of(kind, server, settings) as source:
        ingest_day(store, source, DAY, settings=settings)
    assert held(store) == expected(kind, server, _START + dt.timedelta(1))


def test_a_wrong_token_is_one_clear_line(kind: str, server: Server, settings: Settings) -> None:
    """The error names the setting and the connection, and never the token."""
    with (
        source_of(kind, server, settings, token="wr0ng") as source,
        pytest.raises(SourceError, match="refuses the token") as caught,
    ):
        ingest_day(MemoryStore(), source, DAY, settings=settings)
    said = str(caught.value)
    assert f"triage_{kind}" in said
    assert "TRIAGE_TOKENS" in said
    assert "wr0ng" not in said
    assert "\n" not in said
    assert server.n_requests == 1
