"""`nlp.sources.desks.writing`: notes and tags, written once to each desk that takes them."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench.desk_world import Talk, World
from nlp.errors import SettingError, SourceError, TransientError
from nlp.jobs.ingest import ingest_day
from nlp.jobs.write_back import note_of, write_back_day
from nlp.records import Conversation, Listed, TicketNote, WriteBack
from nlp.settings import DeskSource, RestSource, Settings, load
from nlp.sources.desks.build import desk_source
from nlp.sources.desks.source import DeskSource as Source
from nlp.states import WriteState
from nlp.topics.words.naming import unnamed
from tests.fakes import MemoryDesk, MemoryStore
from tests.writable import WRITABLE, Writing

_DAY = dt.date(2026, 3, 2)
_KEY = "0f" * 16
_FORMS = [(kind, form) for kind, (_, forms) in WRITABLE.items() for form in forms]


@pytest.fixture(params=_FORMS, ids="-".join)
def form(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Each desk with each form that it takes."""
    kind, form = request.param
    return str(kind), str(form)


@pytest.fixture
def server(form: tuple[str, str]) -> Iterator[Writing]:
    """A desk with one conversation that has a tag."""
    world = World(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    world.begin("My card has not arrived", tags=("vip",))
    make, forms = WRITABLE[form[0]]
    with make(world, writes=tuple(forms.values())) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    """Settings of a store in memory, of a desk that is not waited for."""
    return load(
        hash_key="key", local_dir=tmp_path, desk_attempts=4, desk_wait_seconds=60, _env_file=None
    )


@pytest.fixture
def source(form: tuple[str, str], server: Writing, settings: Settings) -> Iterator[Source]:
    """The desk as a source that is written to."""
    kind, write_back = form
    setting = DeskSource(
        kind=kind, url=server.url, user="agent@acme.example", write_back=write_back,
        account="3" * (kind == "chatwoot"),
    )  # fmt: skip
    with desk_source("support", setting, settings, token=server.token) as opened:
        opened.client.sleep = lambda _: None
        yield opened


def note(talk: Talk, **more: Any) -> TicketNote:
    """What is to be written to a conversation."""
    return TicketNote(
        str(talk.id), _KEY, "Theme: Card <lost> & {id}\nIntent: card_lost",
        ("theme-card-lost", "intent-card-lost"), more.get("is_unsure", False),
    )  # fmt: skip


def written(server: Writing) -> tuple[int, tuple[str, ...]]:
    """How many notes the conversation has, and its tags."""
    (talk,) = server.world.talks.values()
    assert len(talk.parts) == 1 or "Card" in talk.parts[1].text
    return len(talk.parts) - 1, talk.tags


_TAGS = ("vip", "theme-card-lost", "intent-card-lost")


def test_it_is_written_once_whatever_happens(
    form: tuple[str, str], server: Writing, source: Source
) -> None:
    """A limit, an error before and one after it has arrived, and a run that was killed."""
    (talk,) = server.world.talks.values()
    as_tags = form[1] == "tags"
    whole = (0, _TAGS) if as_tags else (1, ("vip",))
    server.faults = [(429, {"Retry-After": "7"}, {}), (503, {}, {})]
    server.n_lost = 1
    assert source.write(note(talk), as_tags=as_tags) == WriteState.SENT
    assert written(server) == whole
    assert source.write(note(talk, is_unsure=True), as_tags=as_tags) == WriteState.SENT
    assert written(server) == whole
    assert set(server.keys) == {_KEY}


@pytest.mark.parametrize("form", [f for f in _FORMS if f[1] == "note"], indirect=True)
def test_a_note_is_internal_and_escaped(
    form: tuple[str, str], server: Writing, source: Source
) -> None:
    """No customer sees it, HTML stays text, and a brace in a name is not filled in."""
    (talk,) = server.world.talks.values()
    source.write(note(talk), as_tags=False)
    body = json.dumps(next(a.body for a in server.asked if a.method in ("POST", "PUT")))
    assert any(mark in body for mark in ('"public": false', '"private": true', '"internal": true',
                                         '"message_type": "note"'))  # fmt: skip
    is_html = form[0] in ("intercom", "freshdesk")
    assert ("&lt;lost&gt; &amp; {id}<br>" if is_html else "<lost> & {id}\\n") in body


def test_a_ticket_that_is_gone_or_closed_stops_nothing(
    form: tuple[str, str], server: Writing, source: Source
) -> None:
    """What the desk does not take is told apart from what is worth another try."""
    (talk,) = server.world.talks.values()
    as_tags = form[1] == "tags"
    server.closed = {talk.id}
    assert source.write(note(talk), as_tags=as_tags) == WriteState.REFUSED
    server.world.delete(talk)
    assert source.write(note(talk), as_tags=as_tags) == WriteState.GONE
    assert source.write(note(talk, is_unsure=True), as_tags=as_tags) == WriteState.GONE
    server.faults = [(500, {}, {})] * 20
    with pytest.raises(TransientError, match="500 after 4 requests"):
        source.write(note(talk), as_tags=as_tags)
    server.faults = []
    server.token = "another"
    with pytest.raises(SourceError, match="refuses the token"):
        source.write(note(talk), as_tags=as_tags)
    assert server.keys == []


def test_our_own_notes_are_no_messages(
    form: tuple[str, str], server: Writing, source: Source, settings: Settings
) -> None:
    """A conversation that was written to has the same messages as before, and one of an agent."""
    (talk,) = server.world.talks.values()
    store = MemoryStore()
    server.world.add(talk, "We look into it", author="agent")
    source.write(note(talk), as_tags=form[1] == "tags")
    server.world.add(talk, f"You wrote (triage-note:{_KEY}), what is that?", author="customer")
    server.world.now += dt.timedelta(days=1)
    ingest_day(store, source, _DAY, settings=settings)
    assert sorted(m.author for m in store.messages.values()) == ["agent", "customer", "customer"]


def _rest(**more: Any) -> RestSource:
    desk = {"listing": {"path": "/t"}, "columns": {}, "one": "/t/{id}", **more}
    return RestSource(kind="rest", url="http://127.0.0.1:1", desk=desk, write_back="note")


_NOTE = {"path": "/t/{id}/notes", "body": {"said": "{note}"}}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (DeskSource(kind="intercom", write_back="tags"), "takes no tags"),
        (DeskSource(kind="intercom", write_back="note"), "Set `user`"),
        (_rest(), "takes no note"),
        (_rest(note=_NOTE, one=""), "`one` or `parts`"),
        (_rest(note={"path": "/t/{id}/notes"}), "note.*body"),
    ],
)
def test_what_cannot_be_written_is_said_at_once(
    setting: DeskSource | RestSource, words: str, settings: Settings
) -> None:
    """Before anything is read, the line names the source and what is missing."""
    with pytest.raises(SettingError, match=f"'support'.*{words}"):
        desk_source("support", setting, settings, token="t")


def test_a_rest_source_declares_its_note(settings: Settings) -> None:
    """A desk that no declaration knows is written to by its setting alone."""
    source = desk_source("support", _rest(note=_NOTE), settings, token="t")
    assert source.desk.note is not None
    assert source.desk.note.method == "POST"


def one(key: str, conversation: str, **more: Any) -> WriteBack:
    """What the outbox holds for a conversation."""
    known = {"topic_id": 7, "theme": "Lost card", "intent": None} | more
    return WriteBack(key, conversation, is_unsure=False, **known)


def test_the_job_writes_what_is_due(settings: Settings) -> None:
    """Each state is counted; a theme without a name waits for one, and nothing is sent twice."""
    listed = Listed("1", "1", _DAY, is_gone=False, record={})
    desk = MemoryDesk("support", {"1": Conversation(listed)})
    dues = [one("a", "1"), one("b", "2"), one("c", "1", theme=unnamed(7)),
            one("d", "jane@mail.example")]  # fmt: skip
    store = MemoryStore(outbox={d.key: d for d in dues})
    counts = write_back_day(store, desk, _DAY, as_tags=False, settings=settings).counts
    assert counts == {"n_gone": 1, "n_refused": 1, "n_sent": 1, "n_waiting": 1}
    store.outbox["c"] = one("c", "1", theme="Named now")
    counts = write_back_day(store, desk, _DAY, as_tags=False, settings=settings).counts
    assert counts == {"n_sent": 1}
    assert [n.key for n in desk.notes] == ["a", "c"]


@pytest.mark.parametrize(
    ("due", "page", "text", "tags"),
    [
        ({}, "https://x/t", "Theme: Lost card\nhttps://x/t/themes/7", ["theme-lost-card"]),
        ({"intent": "card_lost"}, None, "Theme: Lost card\nIntent: card_lost",
         ["theme-lost-card", "intent-card-lost"]),
        ({"topic_id": None, "theme": None, "intent": "Pay in"}, "https://x", "Intent: Pay in",
         ["intent-pay-in"]),
        ({"theme": "App & web: it won\u2019t open on a phone again"}, None, None,
         ["theme-app-web-it-won-t-open-on-a"]),
    ],
)  # fmt: skip
def test_words_and_tags(due: dict[str, Any], page: str | None, text: str, tags: list[str]) -> None:
    """Tags have at most 32 letters, digits and hyphens; the link needs the page's address."""
    made = note_of(one("a", "1", **due), page_url=page)
    assert text in (None, made.text)
    assert list(made.tags) == tags
    assert all(len(tag) <= 32 for tag in made.tags)
