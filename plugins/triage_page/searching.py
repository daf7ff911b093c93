"""What a search finds, by meaning or by words, and how it went about it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fastapi import Request
from sqlalchemy import Connection

from sql.queries import search
from sql.queries.board import SORTS, STATES, Choice
from sql.queries.messages import Filter
from triage_page import past
from triage_page.meaning import embed
from triage_page.parameters import Board, Messages, topic_id, words_of

_ALL, _ANY, _MEANING = "words", "any word", "meaning"


@dataclass(frozen=True, slots=True)
class Searched:
    """How a search went."""

    by: str = ""
    """`meaning`, `words` (all of them), `any word`, or empty where nothing was searched for."""
    no_service: bool = False
    """It should have been by meaning, but no service embeds the query."""
    nothing_near: bool = False
    """It was by meaning first, but nothing is near enough."""
    likeness: Mapping[int | str, float] = field(default_factory=dict)
    """By theme or message, 0..1, where it was by meaning."""
    cut: float = search.CUT
    """The likeness from which on something is near."""


def choice_of(
    connection: Connection, parameters: Board, *, last: dt.date, request: Request
) -> tuple[Choice, Searched]:
    """Return which themes to ask the store for, and how they were searched."""
    ids, searched = None, Searched()
    if words := words_of(parameters.q):
        ids, searched = _themes(connection, words, parameters.by, last=last, request=request)
    default = "found" if ids is not None else "today"
    choice = Choice(
        state=parameters.state if parameters.state in STATES else "",
        channel=parameters.channel.replace("\0", ""),
        intent=parameters.intent.replace("\0", ""),
        area=topic_id(parameters.area) if parameters.area else 0,
        by_area=parameters.group == "area",
        sort=parameters.sort if parameters.sort in SORTS else default,
        ids=ids,
    )
    return choice, searched


def filter_of(
    connection: Connection,
    parameters: Messages,
    *,
    last: dt.date | None,
    request: Request,
    topic: int | None = None,
) -> tuple[Filter, Searched]:
    """Return which messages to ask the store for, and how they were searched.

    Raises ParameterError where a day of the filter is wrong.
    """
    chosen = parameters.filter()
    if (day := past.as_of(request)) is not None:
        chosen = replace(chosen, last=min(chosen.last or day, day))
    if not chosen.words:
        return chosen, Searched()
    failed = Searched()
    if parameters.by == _MEANING and topic is None and last is not None:
        vector = embed(chosen.words, request.app.state.database.settings)
        near = search.messages_by_meaning(connection, vector, last=last) if vector else {}
        if near:
            searched = Searched(_MEANING, likeness=dict(near))
            return replace(chosen, words="", ids=list(near)), searched
        failed = Searched(no_service=not vector, nothing_near=bool(vector))
    chosen = search.widened(connection, chosen, topic_id=topic)
    return chosen, replace(failed, by=_ANY if chosen.any_word else _ALL)


def _themes(
    connection: Connection, words: str, by: str, *, last: dt.date, request: Request
) -> tuple[list[int], Searched]:
    """The ids of the themes that were found, the best first."""
    failed = Searched()
    if by != _ALL:
        vector = embed(words, request.app.state.database.settings)
        if near := search.by_meaning(connection, vector) if vector else {}:
            return list(near), Searched(_MEANING, likeness=dict(near))
        failed = Searched(no_service=not vector, nothing_near=bool(vector))
    if ids := search.by_words(connection, words, last=last):
        return ids, replace(failed, by=_ALL)
    if not search.has_several(connection, words):
        return [], replace(failed, by=_ALL)
    ids = search.by_words(connection, words, last=last, any_word=True)
    return ids, replace(failed, by=_ANY)
