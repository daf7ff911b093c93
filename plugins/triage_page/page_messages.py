"""Messages: all of them, one, and the queue of those that a person should decide."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from nlp.errors import NotFoundError
from sql.queries import board, figures, groups, messages, passages
from sql.queries import queue as waiting_rows
from sql.queries import theme as themes
from sql.queries.guesses import waiting_as
from sql.stores.decisions import record
from triage_page import frame, guard
from triage_page.contexts import (
    Context,
    GroupPage,
    GroupsPage,
    MessagePage,
    MessagesPage,
    QueuePage,
)
from triage_page.database import Db
from triage_page.parameters import Messages, Queue, message_id, topic_id
from triage_page.searching import Searched, filter_of

router = APIRouter()
_N_GROUPS = 5
_MOST_LISTED = 500
"""Messages of a group that are shown, and decided, at once."""


@router.get("/messages")
def all_messages(
    request: Request,
    user: guard.User,
    db: Db,
    last: frame.LastDay,
    parameters: Annotated[Messages, Depends()],
) -> Response:
    """Every message, filtered, the latest arrivals first or as the search has them."""
    wrong = parameters.wrong()
    rows, searched = ([], Searched()) if wrong else _search(request, db, parameters, last=last)
    context = MessagesPage(
        parameters=parameters,
        wrong=wrong,
        searched=searched,
        messages=rows[: frame.PAGE_SIZE],
        has_more=len(rows) > frame.PAGE_SIZE,
        filters=board.filters(db, last=last),
    )
    return frame.page(request, context, user=user, db=db, status=422 if wrong else 200)


def _search(
    request: Request, db: Connection, parameters: Messages, *, last: dt.date
) -> tuple[list[messages.ListedMessage], Searched]:
    """A page of messages and one more where there are more, and how they were searched."""
    chosen, searched = filter_of(db, parameters, last=last, request=request)
    skip = (parameters.page - 1) * frame.PAGE_SIZE
    return messages.listed(db, chosen, most=frame.PAGE_SIZE + 1, skip=skip), searched


@router.get("/messages/{message}")
def one_message(request: Request, user: guard.User, db: Db, message: str) -> Response:
    """One message with its theme, its intent and the runners-up."""
    name = message_id(message)
    row = messages.message(db, name)
    if row is None:
        raise NotFoundError(f"There is no message {name}. It may have been deleted")
    turns = passages.conversation(db, name)
    context = MessagePage(
        message=row,
        has_themes=passages.parts(db, name),
        around=passages.around(db, name),
        turns=turns,
        joined_to=next((t.joined_to for t in turns if t.message_id == name), None),
        history=messages.history(db, name),
        seen=record.token(db, message_id=name),
        names=figures.names(db),
        themes=frame.theme_names(db),
    )
    return frame.page(request, context, user=user, db=db)


@router.get("/queue")
def queue(
    request: Request,
    user: guard.User,
    db: Db,
    last: frame.LastDay,
    parameters: Annotated[Queue, Depends()],
) -> Response:
    """Messages whose intent a person should decide, one by one, with single keys."""
    waiting = waiting_rows.waiting(db, last=last)
    context = QueuePage(
        parameters=parameters,
        messages=waiting_rows.queue(db, last=last, most=frame.PAGE_SIZE, **parameters.values()),
        n_queued=waiting.of(parameters.why),
        kinds={
            k: waiting.shown(k)
            for k in waiting_rows.KINDS
            if k in ("", parameters.why) or waiting.of(k)
        },
        names=figures.names(db),
    )
    return frame.page(request, context, user=user, db=db)


@router.get("/queue/themes")
def queue_by_theme(
    request: Request,
    user: guard.User,
    db: Db,
    last: frame.LastDay,
    theme: str = "",
    like: str = "",
    guess: str = "",
) -> Response:
    """What waits by theme, to decide at once; or all of one theme or guess, or what is like a
    message.
    """
    context: Context
    if theme or like or guess:
        context = _one_group(db, topic=theme, like=like, guess=guess, last=last)
    else:
        context = GroupsPage(
            day=last,
            groups=groups.groups(db, last=last, most=_N_GROUPS),
            n_queued=waiting_rows.n_queued(db, last=last),
            names=figures.names(db),
        )
    return frame.page(request, context, user=user, db=db)


def _one_group(db: Connection, *, topic: str, like: str, guess: str, last: dt.date) -> GroupPage:
    label, most = "", _MOST_LISTED + 1
    if topic:
        row = themes.theme(db, topic_id(topic))
        if row is None:
            raise NotFoundError(f"There is no theme {topic}. Look it up under Themes")
        label = row.label
        wanted = row.heir_id or row.topic_id
        rows = groups.waiting_in(db, [wanted], last=last, most=most)
    elif guess:
        label = guess.replace("\0", "").replace("_", " ")
        rows = waiting_as(db, guess.replace("\0", ""), last=last, most=most)
    else:
        rows = groups.waiting_near(db, message_id(like), last=last, most=most)
    guesses = groups.guesses_of(rows)
    ticked = set(groups.likely(rows, guesses[0][0])) if guesses else set()
    return GroupPage(
        label=label,
        messages=sorted(rows[:_MOST_LISTED], key=lambda m: m.message_id in ticked),
        ticked=ticked,
        has_more=len(rows) > _MOST_LISTED,
        guesses=guesses,
        names=figures.names(db),
    )
