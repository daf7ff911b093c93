"""The queue by what the model guesses: many intents are taken as guessed in one step."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from nlp.errors import ConflictError
from nlp.jobs import bulk
from sql.queries import guesses as by_guess
from sql.queries.queue import n_queued
from sql.stores.decisions.store import Decisions
from triage_page import frame, guard
from triage_page.acts import Person
from triage_page.contexts import GuessesPage
from triage_page.database import Db
from triage_page.forms import FormRoute, GuessesForm

router = APIRouter()
acts = APIRouter(dependencies=guard.writes, route_class=FormRoute)


@router.get("/queue/guesses")
def guesses(request: Request, user: guard.User, db: Db, last: frame.LastDay) -> Response:
    """What waits by the intent that the model guesses and is more sure of than not."""
    context = GuessesPage(
        day=last, guesses=by_guess.guesses(db, last=last), n_queued=n_queued(db, last=last)
    )
    return frame.page(request, context, user=user, db=db)


@acts.post("/queue/guesses")
def take(form: Annotated[GuessesForm, Form()], person: Person, last: frame.LastDay) -> Response:
    """Take the messages of the ticked intents as guessed; the undo takes all back."""
    day: dt.date = min(form.until or last, last)
    guessed = by_guess.guessed(person.db, form.intent, last=day)
    if not guessed:
        raise ConflictError("Nothing of this waits any more: somebody decided it. Open the queue")
    decided = bulk.take_guesses(
        Decisions(person.db), guessed, actor=person.actor, channel=person.channel
    )
    return person.back(form, "/queue/guesses", decided.number)


router.include_router(acts)
