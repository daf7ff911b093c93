"""What people decide about intents: one route per action, as in `acts`."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from nlp.jobs import taxonomy
from sql.stores.decisions.store import Decisions
from triage_page import guard
from triage_page.acts import Person
from triage_page.forms import DefineForm, DescribeForm, FormRoute, Seen

router = APIRouter(prefix="/intents", dependencies=guard.writes, route_class=FormRoute)


@router.post("/define")
def define(form: Annotated[DefineForm, Form()], person: Person) -> Response:
    """Define a new intent, or take up a retired one again."""
    number, name = taxonomy.define(
        Decisions(person.db),
        form.intent,
        description=form.description,
        actor=person.actor,
        channel=person.channel,
    )
    return person.back(form, f"/intents/{name}", number)


@router.post("/{name}/describe")
def describe(name: str, form: Annotated[DescribeForm, Form()], person: Person) -> Response:
    """Say what an intent covers."""
    number = taxonomy.describe(
        Decisions(person.db),
        name,
        description=form.description,
        actor=person.actor,
        channel=person.channel,
        seen=form.seen,
    )
    return person.back(form, f"/intents/{name}", number)


@router.post("/{name}/retire")
def retire(name: str, form: Annotated[Seen, Form()], person: Person) -> Response:
    """Stop predicting an intent from the next training on."""
    number = taxonomy.retire(
        Decisions(person.db), name, actor=person.actor, channel=person.channel, seen=form.seen
    )
    return person.back(form, f"/intents/{name}", number)
