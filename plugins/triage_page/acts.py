"""People's decisions: each route carries out one, once, and redirects back with an undo."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.responses import JSONResponse, RedirectResponse, Response

from nlp.errors import ConflictError, DecisionError
from nlp.jobs import bulk, decide, taxonomy
from nlp.jobs.look import MAX_AT_ONCE
from nlp.states import Channel
from nlp.topics.life import requests as ask
from nlp.topics.life.state import State, living
from sql.queries import board, figures, groups, theme
from sql.stores.decisions.store import Decisions
from triage_page import frame, guard
from triage_page.database import Db
from triage_page.forms import (
    Back,
    BulkForm,
    CorrectForm,
    FormRoute,
    MergeAllForm,
    MergeForm,
    NoteForm,
    PromoteForm,
    RenameForm,
    Seen,
    SplitForm,
    UndoForm,
)
from triage_page.parameters import message_id, topic_id

_MAX_NAME = 200
"""Characters of what was typed that are compared with the names that there are."""
INTENT_FIELDS = ("intent", "other")
"""Fields of forms that hold the name of an intent."""
router = APIRouter(dependencies=guard.writes, route_class=FormRoute)


class _Person:
    """Who decides, on which connection, through which channel."""

    def __init__(self, request: Request, db: Db, actor: guard.Actor) -> None:
        self.request = request
        self.db = db
        self.actor = actor
        is_page = "text/html" in request.headers.get("accept", "")
        self.channel = Channel.PAGE if is_page else Channel.API

    def decide(
        self, wanted: ask.PersonRequest, form: Back, where: str = "", *, step: int | None = None
    ) -> Response:
        """Carry it out, and redirect back, or to `where`, or to the theme that it is about."""
        seen = form.seen if isinstance(form, Seen) else None
        decided = decide.decide(
            Decisions(self.db), wanted, actor=self.actor, channel=self.channel, seen=seen, step=step
        )
        return self.back(form, where or f"/themes/{decided.topic_id}", step or decided.number)

    def back(self, form: Back, default: str, number: int | None) -> Response:
        """Redirect to the page that the person came from, or to `default`; a script gets JSON.

        `number` is that of the decision, which the page names; None where there is none.
        """
        if self.channel == Channel.API:
            return JSONResponse({"decision": number})
        root = self.request.scope.get("root_path", "")
        parts = urlsplit(form.back)
        inside = parts.path.startswith(f"{root}/") and not parts.scheme and not parts.netloc
        path = parts.path if inside else f"{root}{default}"
        kept = [p for p in parts.query.split("&") if p and not p.startswith(("done=", "propose="))]
        done = [] if number is None else [urlencode({"done": number})]
        query = "&".join([*(kept if inside else []), *done])
        return RedirectResponse(f"{path}?{query}" if query else path, 303)


Person = Annotated[_Person, Depends()]


@router.post("/themes/{topic}/rename")
def rename(topic: str, form: Annotated[RenameForm, Form()], person: Person) -> Response:
    """Rename a theme."""
    return person.decide(ask.Rename(topic_id(topic), form.label), form)


@router.post("/themes/{topic}/merge")
def merge(topic: str, form: Annotated[MergeForm, Form()], person: Person) -> Response:
    """Merge a theme into another."""
    heir = _theme(person.db, form.heir, field="heir")
    if heir is None:
        raise DecisionError("Choose the theme to merge into")
    return person.decide(ask.Merge(topic_id(topic), heir), form)


@router.post("/themes/{topic}/part")
def unmerge(topic: str, form: Annotated[Seen, Form()], person: Person) -> Response:
    """Restore a theme that a run merged into another."""
    return person.decide(ask.Unmerge(topic_id(topic)), form)


@router.post("/themes/{topic}/split")
def split_off(topic: str, form: Annotated[SplitForm, Form()], person: Person) -> Response:
    """Make messages a theme of their own."""
    ids = tuple(message_id(m) for m in form.message)
    return person.decide(ask.Split(topic_id(topic), ids, form.label), form)


@router.post("/themes/{topic}/mute")
def mute(topic: str, form: Annotated[Seen, Form()], person: Person) -> Response:
    """Stop alerts about a theme."""
    return person.decide(ask.Mute(topic_id(topic)), form)


@router.post("/themes/{topic}/unmute")
def unmute(topic: str, form: Annotated[Seen, Form()], person: Person) -> Response:
    """Send alerts about a theme again."""
    return person.decide(ask.Mute(topic_id(topic), muted=False), form)


@router.post("/themes/{topic}/promote")
def promote(topic: str, form: Annotated[PromoteForm, Form()], person: Person) -> Response:
    """Make a theme an intent."""
    return person.decide(ask.Promote(topic_id(topic), form.intent, form.description), form)


@router.post("/themes/{topic}/note")
def note(topic: str, form: Annotated[NoteForm, Form()], person: Person) -> Response:
    """Add a note to a theme."""
    return person.decide(ask.Note(topic_id(topic), form.note), form)


@router.post("/messages/{message}/correct")
def correct_message(message: str, form: Annotated[CorrectForm, Form()], person: Person) -> Response:
    """Correct the intent or theme of a message."""
    name = message_id(message)
    topic = _theme(person.db, form.theme, field="theme")
    intent, step = form.intent, None
    if form.intent and not _is_known(person.db, form.intent, may_be_new=form.new):
        store = Decisions(person.db)
        step, intent = taxonomy.define(
            store, intent, description="", actor=person.actor, channel=person.channel
        )
    wanted = ask.Place((name,), topic, intent or None)
    return person.decide(wanted, form, f"/messages/{name}", step=step)


@router.post("/queue/decide")
def decide_many(form: Annotated[BulkForm, Form()], person: Person) -> Response:
    """Give an intent to all messages that wait in themes, or to those that were picked."""
    intent = form.other.strip() or form.intent
    is_new = not _is_known(person.db, intent, may_be_new=form.new, field="other")
    decided = bulk.place_all(
        Decisions(person.db),
        _wanted(person.db, form),
        intent,
        is_new=is_new,
        actor=person.actor,
        channel=person.channel,
    )
    return person.back(form, "/queue/themes", decided.number)


def _wanted(db: Connection, form: BulkForm) -> list[str]:
    """The messages that a bulk decision is about. Raises ConflictError where none is left."""
    if form.message:
        return [message_id(m) for m in form.message]
    topics = [topic_id(t) for t in form.theme]
    state = State(Decisions(db).lives(topics))
    for topic in topics:
        living(state, topic)
    last = form.until or board.last_day(db)
    rows = groups.waiting_in(db, topics, last=last, most=MAX_AT_ONCE) if last and topics else []
    if not rows:
        raise ConflictError("Nothing of this waits any more: somebody decided it. Open the queue")
    return [row.message_id for row in rows]


@router.post("/themes/merge")
def merge_many(form: Annotated[MergeAllForm, Form()], person: Person) -> Response:
    """Merge several themes into one, in one step."""
    topics = [topic_id(t) for t in form.theme]
    heir = _theme(person.db, form.heir, field="heir") or (topics[0] if topics else None)
    if heir is None:
        raise DecisionError("Pick at least two themes to merge")
    decided = bulk.merge_all(
        Decisions(person.db), topics, heir, actor=person.actor, channel=person.channel
    )
    return person.back(form, f"/themes/{heir}", decided.number)


@router.post("/undo/{number}")
def undo_decision(number: str, form: Annotated[UndoForm, Form()], person: Person) -> Response:
    """Undo a decision, or all of the same step."""
    wanted = topic_id(number)
    undo = bulk.undo_step if form.whole else decide.undo
    undone = undo(Decisions(person.db), wanted, actor=person.actor)
    where = f"/themes/{undone.topic_id}" if undone.topic_id else "/"
    if undone.message_id:
        where = f"/messages/{undone.message_id}"
    return person.back(form, where, wanted)


class UnknownNameError(DecisionError):
    """A name that a person typed is none of those that exist; `near` are similar names."""

    def __init__(self, field: str, typed: str, names: Sequence[str]) -> None:
        kind = "intent" if field in INTENT_FIELDS else "theme"
        super().__init__(f"No {kind} is called {typed[:80]!r}. Choose one from the list")
        self.field = field
        by_words = {name.casefold().replace("_", " "): name for name in names}
        wanted = typed[:_MAX_NAME].casefold().replace("_", " ")
        self.near = [by_words[w] for w in get_close_matches(wanted, by_words, n=4, cutoff=0.5)]


def _is_known(db: Connection, intent: str, *, may_be_new: bool, field: str = "intent") -> bool:
    """Whether there is such an intent. Raises UnknownNameError where there must be."""
    names = figures.names(db)
    if intent not in names and not may_be_new:
        raise UnknownNameError(field, intent, names)
    return intent in names


def _theme(db: Connection, entered: str, *, field: str) -> int | None:
    """The theme that a person chose by name, by number, or as `name · number` from the list."""
    entered = entered.strip()
    last = entered.rsplit(" ", 1)[-1]
    if not entered or (last.isascii() and last.isdigit() and len(last) >= 9):
        return topic_id(last) if entered else None
    if (named := theme.named(db, entered)) is None:
        raise UnknownNameError(field, entered, [t.label for t in frame.theme_names(db)])
    return named
