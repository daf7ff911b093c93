"""`nlp.sources.desks.build`: a desk that no declaration knows, described by settings alone."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bench.desk_server import Asked, Reply, Server
from bench.desk_world import Script, Talk, World
from nlp.errors import SettingError, SourceError
from nlp.jobs.ingest import ingest_day
from nlp.records import TicketNote
from nlp.settings import Settings, load
from nlp.sources.desks.build import desk_source
from nlp.sources.desks.known import KNOWN
from nlp.states import WriteState
from tests.fakes import MemoryStore
from tests.writable import Take, Writing, take_note, take_tags

DAY = dt.date(2026, 3, 2)
_START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
_DESK: dict[str, Any] = {
    "auth": {"header": "X-Key", "value": "{token}"},
    "listing": {
        "path": "/threads", "rows": "items", "params": {"after": "{since}"},
        "paging": {"manner": "page", "param": "p", "size": 5},
    },
    "parts": {"path": "/threads/{id}/posts", "rows": "posts"},
    "one": "/threads/{id}",
    "updated": "touched",
    "created": "begun",
    "turns": {"at": ["parts"], "text": "said", "authors": ["by"], "roles": {"staff": "agent"},
              "same": [["who", "owner"]]},
    "columns": {"external_id": "turn.no", "created_at": "turn.when", "text": "turn.said",
                "conversation_id": "id", "customer_id": "owner", "author": "turn_author"},
    "attributes": ["plan"],
}  # fmt: skip


class Threads(Server):
    """A desk of its own kind."""

    def is_allowed(self, asked: Asked) -> bool:
        return asked.headers.get("x-key") == self.token

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/threads":
            since, page = dt.datetime.fromisoformat(asked.query["after"]), int(asked.query["p"])
            found = [t for t in self.world.living() if t.changed >= since]
            rows = found[(page - 1) * 5 : page * 5]
            return 200, {}, {"items": [self._head(t) for t in rows]}
        talk = self.world.talks[int(asked.path.split("/")[2].removeprefix("T-"))]
        posts = [
            {"no": p.id, "when": p.at.isoformat(), "said": p.text,
             "by": "staff" if p.author == "agent" else "?", "who": talk.requester}
            for p in talk.parts
        ]  # fmt: skip
        return 200, {}, {**self._head(talk), "posts": posts}

    @staticmethod
    def _head(talk: Talk) -> dict[str, Any]:
        return {"id": f"T-{talk.id}", "begun": talk.created.isoformat(), "owner": talk.requester,
                "touched": talk.changed.isoformat(),
                "plan": {"name": "Pro", "seats": 3}}  # fmt: skip


@pytest.fixture
def server() -> Iterator[Threads]:
    """The desk after a day."""
    world = World(_START)
    Script(world, per_day=60, seed=2).run_until(_START + dt.timedelta(hours=26))
    with Threads(world) as opened:
        yield opened


def settings_of(tmp_path: Any, **source: Any) -> Settings:
    """Settings as the environment gives them: a source named `forum` and its token."""
    return load(
        hash_key="key",
        local_dir=tmp_path,
        sources={"forum": {"kind": "rest", "desk": _DESK, **source}},
        tokens={"forum": "s3cret-token"},
        _env_file=None,
    )


def test_a_described_desk_is_read_like_a_known_one(server: Threads, tmp_path: Any) -> None:
    """Address, token, paging and paths are settings; every message is a row."""
    settings = settings_of(tmp_path, url=server.url)
    setting: Any = settings.sources["forum"]
    store = MemoryStore()
    with desk_source("forum", setting, settings) as source:
        ingest_day(store, source, DAY, settings=settings)
        assert len(list(source.pull(DAY))) == len(store.messages)
    truth = server.world.truth(before=_START + dt.timedelta(1))
    assert {m.external_id for m in store.messages.values()} == truth.keys()
    assert {(m.external_id, str(m.author)) for m in store.messages.values()} == {
        (key, author) for key, (_, author, _) in truth.items()
    }
    assert next(iter(store.messages.values())).attributes == {"plan.name": "Pro", "plan.seats": 3}


class WritingThreads(Writing, Threads):
    """The same desk, which takes notes and labels."""


_WRITES: dict[str, tuple[str, Take, dict[str, Any]]] = {
    "note": ("remarks", take_note("remark"), {"remark": "{note}", "hidden": True}),
    "tags": ("labels", take_tags("labels", is_added=True), {"labels": "{tags}"}),
}


@pytest.mark.parametrize("form", _WRITES)
def test_a_described_desk_is_written_to_once(form: str, tmp_path: Any) -> None:
    """Its setting says where a note and tags go; a lost answer or another run writes no second."""
    place, take, body = _WRITES[form]
    world = World(_START)
    talk = world.begin("My card has not arrived", tags=("vip",))
    write = {"method": "POST", "path": f"/threads/{{id}}/{place}", "body": body}
    writes = (("POST", rf"/threads/T-(\d+)/{place}", take),)
    with WritingThreads(world, writes=writes) as server:
        settings = settings_of(
            tmp_path, url=server.url, write_back=form, desk={**_DESK, form: write}
        )
        setting: Any = settings.sources["forum"]
        note = TicketNote(f"T-{talk.id}", "0f" * 16, "Theme: Card {id}", ("theme-card",), False)
        with desk_source("forum", setting, settings) as source:
            source.client.sleep = lambda _: None
            server.faults, server.n_lost = [(503, {}, {})], 1
            assert source.write(note, as_tags=form == "tags") == WriteState.SENT
            again = replace(note, is_unsure=True)
            assert source.write(again, as_tags=form == "tags") == WriteState.SENT
            server.closed = {talk.id}
            assert source.write(note, as_tags=form == "tags") == WriteState.REFUSED
    texts = [part.text for part in talk.parts]
    assert sum("Theme: Card {id}" in words for words in texts) == (form == "note")
    assert talk.tags == (("vip", "theme-card") if form == "tags" else ("vip",))


def test_a_wrong_path_says_which(server: Threads, tmp_path: Any) -> None:
    """A description that does not fit the answers is told, and nothing is deleted for it."""
    desk = json.loads(json.dumps(_DESK))
    desk["listing"]["rows"] = "tickets"
    settings = settings_of(tmp_path, url=server.url, desk=desk)
    setting: Any = settings.sources["forum"]
    with (
        desk_source("forum", setting, settings) as source,
        pytest.raises(SourceError, match="the answer to /threads holds no list tickets"),
    ):
        ingest_day(MemoryStore(), source, DAY, settings=settings)


def test_parts_that_are_never_there_delete_nothing(server: Threads, tmp_path: Any) -> None:
    """404 to every conversation is a wrong address, not a desk that was emptied."""
    settings = settings_of(tmp_path, url=server.url)
    setting: Any = settings.sources["forum"]
    store = MemoryStore()
    with desk_source("forum", setting, settings) as source:
        ingest_day(store, source, DAY, settings=settings)
        before = dict(store.messages)
        store.known.clear()
        whole = server.answer
        server.answer = lambda asked: (  # type: ignore[method-assign]
            whole(asked) if asked.path == "/threads" else (404, {}, {})
        )
        with pytest.raises(SourceError, match="answers 404 to each"):
            ingest_day(store, source, DAY, settings=settings)
    assert store.messages == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"listing": {"path": "/x", "page": 1}}, "listing.page: Unexpected keyword"),
        ({"listing": {"path": "/x", "paging": {"manner": "odd"}}}, "listing.paging.manner"),
        ({"times": "roman"}, "times"),
        ({"colums": {}}, "colums"),
    ],
)
def test_a_wrong_description_is_a_setting_error(
    tmp_path: Any, change: dict[str, Any], problem: str
) -> None:
    """The error names the source and the place in its description."""
    settings = settings_of(tmp_path, url="https://a.example", desk={**_DESK, **change})
    setting: Any = settings.sources["forum"]
    with pytest.raises(SettingError, match=f"'forum', `desk`, .*{problem}"):
        desk_source("forum", setting, settings)


def test_a_desk_without_its_settings_says_what_is_missing(tmp_path: Any) -> None:
    """Zendesk wants a user, Chatwoot an account, all of them an address and a token."""
    for kind, own, problem in (
        ("zendesk", {"url": "https://a.example"}, "it has no `user`"),
        ("chatwoot", {"url": "https://a.example"}, "has no `account`"),
        ("freshdesk", {}, "its `url` is not an address"),
    ):
        settings = load(
            local_dir=tmp_path, sources={"x": {"kind": kind, **own}}, tokens={"x": "t"},
            _env_file=None,
        )  # fmt: skip
        setting: Any = settings.sources["x"]
        with pytest.raises(SettingError, match=problem):
            desk_source("x", setting, settings)


def test_the_documentation_of_each_desk_is_named() -> None:
    """A declaration says where its shape is documented."""
    assert all(desk.documented for desk in KNOWN.values())
    assert all(url.startswith("https://") for d in KNOWN.values() for url in d.documented)
