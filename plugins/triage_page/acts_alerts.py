"""What people do about alerts: one route per action, as in `acts`."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import JSONResponse, Response

from nlp.errors import NotFoundError
from nlp.jobs import alerts
from nlp.lives import Subscription
from nlp.states import Channel
from sql.queries import subscriptions
from sql.stores.decisions.store import Decisions
from triage_page import guard
from triage_page.acts import Person
from triage_page.forms import (
    AlertForm,
    AssignForm,
    Back,
    CommentForm,
    FormRoute,
    SnoozeForm,
    SubscribeForm,
)
from triage_page.parameters import topic_id

router = APIRouter(dependencies=guard.writes, route_class=FormRoute)


@router.post("/alerts/handle")
def handle(form: Annotated[AlertForm, Form()], person: Person) -> Response:
    """Acknowledge, resolve or reopen an alert."""
    decided = alerts.handle(
        Decisions(person.db),
        form.alert,
        form.status,
        actor=person.actor,
        channel=person.channel,
        seen=form.seen,
    )
    return person.back(form, "/", decided.number)


@router.post("/alerts/assign")
def assign(form: Annotated[AssignForm, Form()], person: Person) -> Response:
    """Give an alert to a person, or to nobody."""
    decided = alerts.assign(
        Decisions(person.db),
        form.alert,
        form.person,
        actor=person.actor,
        channel=person.channel,
        seen=form.seen,
        people=guard.people(),
    )
    return person.back(form, "/", decided.number)


@router.post("/alerts/snooze")
def snooze(form: Annotated[SnoozeForm, Form()], person: Person) -> Response:
    """Put an alert off for some days, or list it again."""
    store = Decisions(person.db)
    until = store.last_day() + dt.timedelta(form.days) if form.days else None
    decided = alerts.snooze(store, form.alert, until, actor=person.actor, channel=person.channel)
    return person.back(form, "/", decided.number)


@router.post("/alerts/comment")
def comment(form: Annotated[CommentForm, Form()], person: Person) -> Response:
    """Write a comment about an alert; an @name mentions a person."""
    decided = alerts.comment(
        Decisions(person.db),
        form.alert,
        form.comment,
        actor=person.actor,
        channel=person.channel,
        people=guard.people(),
    )
    return person.back(form, "/", decided.number)


@router.post("/subscriptions")
def subscribe(form: Annotated[SubscribeForm, Form()], person: Person) -> Response:
    """Subscribe to the alerts about a theme or a segment."""
    wanted = Subscription(
        person.actor,
        topic_id(form.theme) if form.theme else None,
        form.name.strip() or None if not form.theme else None,
        form.value.strip() or None if not form.theme else None,
        form.address.strip(),
    )
    alerts.subscribe(Decisions(person.db), wanted)
    return _listed(person, form)


@router.post("/subscriptions/{number}/end")
def unsubscribe(number: str, form: Annotated[Back, Form()], person: Person) -> Response:
    """End a subscription, one's own or that of somebody who left."""
    if not subscriptions.end(person.db, topic_id(number)):
        raise NotFoundError("This subscription has ended already")
    return _listed(person, form)


def _listed(person: Person, form: Back) -> Response:
    """Where the person came from; a script gets what the person subscribes to now."""
    if person.channel == Channel.API:
        mine = subscriptions.of_person(person.db, person.actor)
        return JSONResponse([{"subscription_id": s.subscription_id, "topic_id": s.topic_id,
                              "segment_name": s.segment_name, "segment_value": s.segment_value,
                              "address": s.address} for s in mine])  # fmt: skip
    return person.back(form, "/", None)
