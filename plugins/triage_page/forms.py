"""The forms of decisions: their fields, and how their body is read."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from triage_page import guard

_MAX_FIELDS = 2_000
_Text = Annotated[str, AfterValidator(lambda value: value.replace("\0", ""))]
"""Without NUL characters, which Postgres cannot store."""


class FormRoute(APIRoute):
    """A route that reads the form first, within limits, and keeps it unchanged.

    A page about a conflict can offer the fields again.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """Wrap FastAPI's own handler, which takes the form that was read here."""
        handle = super().get_route_handler()

        async def read(request: Request) -> Response:
            guard.check_size(request)
            form = await request.form(max_files=0, max_fields=_MAX_FIELDS)
            request.state.form = {name: form.getlist(name) for name in form}
            return await handle(request)

        return read


class Back(BaseModel):
    """Where to go afterwards."""

    back: _Text = ""
    """Address of the page that the person came from."""


class UndoForm(Back):
    """What to undo."""

    whole: bool = False
    """All decisions of the same step, such as several merges."""


class Seen(Back):
    """A decision about what a person saw."""

    seen: _Text | None = None
    """The token that the page was loaded with; without it, conflicts are not detected."""


class RenameForm(Seen):
    """A new name."""

    label: _Text = ""


class MergeForm(Seen):
    """Another theme."""

    heir: _Text = ""
    """Its name, its number, or both as in the list."""


class SplitForm(Seen):
    """Some messages, and a name for them."""

    message: list[_Text] = []
    """Their ids."""
    label: _Text = ""


class PromoteForm(Seen):
    """A new intent."""

    intent: _Text = ""
    description: _Text = ""


class NoteForm(Back):
    """A note."""

    note: _Text = ""


class CorrectForm(Seen):
    """The right intent or theme of a message; one of the two is enough."""

    intent: _Text = ""
    new: bool = False
    """The intent is a new one, and is defined."""
    theme: _Text = ""
    """A name, a number, or both as in the list."""


class DefineForm(Back):
    """A new intent."""

    intent: _Text = ""
    description: _Text = ""


class DescribeForm(Seen):
    """What an intent covers."""

    description: _Text = ""


class BulkForm(Back):
    """The right intent of many messages."""

    intent: _Text = ""
    other: _Text = ""
    """The intent that was typed; it counts instead of `intent`."""
    new: bool = False
    """The intent is a new one, and is defined."""
    message: list[_Text] = []
    """The messages; without any, all that wait in the themes."""
    theme: list[_Text] = []
    until: dt.date | None = None
    """The last day of arrival that the person saw."""


class GuessesForm(Back):
    """The intents of which the guesses are taken."""

    intent: list[_Text] = []
    until: dt.date | None = None
    """The last day of arrival that the person saw."""


class MergeAllForm(Back):
    """Themes to merge into one."""

    theme: list[_Text] = []
    heir: _Text = ""
    """Its name, its number, or both as in the list; without one, the first of the themes."""


class AlertForm(Seen):
    """The new status of an alert; `seen` is the status that the person saw."""

    alert: _Text = ""
    status: _Text = ""


class AssignForm(Seen):
    """Who takes care of an alert; `seen` is who did when the person looked, empty for nobody."""

    alert: _Text = ""
    person: _Text = ""
    """A name in Airflow; empty for nobody."""


class SnoozeForm(Back):
    """How long an alert is put off."""

    alert: _Text = ""
    days: int = Field(0, ge=0, le=365)
    """From the last day on; 0 lists it again."""


class CommentForm(Back):
    """A comment about an alert."""

    alert: _Text = ""
    comment: _Text = ""


class SubscribeForm(Back):
    """A theme, or an attribute with a value, whose alerts a person wants to hear of."""

    theme: _Text = ""
    name: _Text = ""
    value: _Text = ""
    address: _Text = ""
    """Where to mail them; empty for none."""
