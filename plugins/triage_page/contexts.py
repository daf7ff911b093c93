"""What each template receives: one frozen dataclass per page, and what is around every page.

A test compares the names and attributes that a template uses with these fields.
"""

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from markupsafe import Markup

from nlp.jobs.digest.sections import Section
from sql.queries.alerts import ThemeAlert
from sql.queries.alike import Pair
from sql.queries.board import Area, Choice, Filters, Theme, ThemeDay
from sql.queries.figures import Corrected, ModelVersion, Taxon
from sql.queries.groups import Group
from sql.queries.guesses import Guess
from sql.queries.health import Health, MeasuredDrift, RunDay
from sql.queries.messages import Correction, ListedMessage, MessageDetail
from sql.queries.passages import Part, Turn, ZoneText
from sql.queries.queue import QueuedMessage
from sql.queries.segments import Value
from sql.queries.subscriptions import Subscribed
from sql.queries.suggested import Suggestion
from sql.queries.taxonomy import Intent, IntentLine
from sql.queries.theme import Decision, Fellow, LifeEvent, Mix, NearTheme, Parent, ThemeDetail
from triage_page.airflow_runs import AirflowRun
from triage_page.parameters import Board, Messages, Queue
from triage_page.searching import Searched


@dataclass(frozen=True, slots=True)
class Flash:
    """The decision that was just made, with the number that undoes it."""

    number: int
    detail: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What a page shows; its fields are the names in its template."""

    template: ClassVar[str]

    def given(self) -> dict[str, Any]:
        """The fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads the page, whether they may decide, and what was just done."""

    user: str = ""
    may_write: bool = False
    flash: Flash | None = None
    as_of: dt.date | None = None
    """The day whose board is shown, None for the last one."""
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    """The days that have a board; None before there is one."""


@dataclass(frozen=True, slots=True)
class EmptyPage(Context):
    """Shown until a day is discovered."""

    template: ClassVar[str] = "empty.html"


@dataclass(frozen=True, slots=True)
class ErrorPage(Context):
    """Something went wrong, and what to do."""

    template: ClassVar[str] = "error.html"
    title: str
    detail: str
    again: Mapping[str, Sequence[str]] | None
    """The form that was refused, to send again."""
    retry: Mapping[str, Sequence[str]] | None
    """The form that was wrong, to put right."""
    field: str
    """The field with a name that does not exist, else empty."""
    near: Sequence[str]
    """Similar names that exist."""
    is_intent: bool
    """That field is the name of an intent, which may be a new one."""
    login: str | None
    bare: bool
    """Without style and navigation, which need a login."""


@dataclass(frozen=True, slots=True)
class TodayPage(Context):
    """What a lead reads first."""

    template: ClassVar[str] = "today.html"
    day: dt.date
    groups: Mapping[str, Sequence[Theme]]
    trends: Mapping[int, Sequence[ThemeDay]]
    health: Health | None
    alerts: Sequence[ThemeAlert]
    which: str
    """Of the alerts: `open`, `mine` or `all`."""
    people: Sequence[str]
    """To whom an alert can be assigned."""
    mine: Sequence[Subscribed]
    """What the person subscribes to."""
    counts: Mapping[str, int]
    coverage: Markup
    n_queued: int


@dataclass(frozen=True, slots=True)
class DigestPage(Context):
    """The digest of a week."""

    template: ClassVar[str] = "digest.html"
    title: str
    sections: Sequence[Section]
    before: dt.date
    """The last day of the week before."""
    after: dt.date | None
    """That of the week after, None for the latest."""


@dataclass(frozen=True, slots=True)
class ThemesPage(Context):
    """The board."""

    template: ClassVar[str] = "themes.html"
    day: dt.date
    parameters: Board
    choice: Choice
    searched: Searched
    rows: Sequence[Theme]
    n_found: int
    n_pages: int
    trends: Mapping[int, Sequence[ThemeDay]]
    filters: Filters
    areas: Sequence[Area]
    area: Area | None
    """The area that the board is limited to."""
    states: Sequence[str]
    counts: Mapping[str, int]
    alike: Sequence[Pair]
    """Pairs of themes that may be one."""


@dataclass(frozen=True, slots=True)
class ThemePage(Context):
    """One theme."""

    template: ClassVar[str] = "theme.html"
    day: dt.date
    theme: ThemeDetail
    now: Theme | None
    """Its figures of the day; None where it is not among the themes of the day."""
    span: int
    spans: Sequence[int]
    chart: Markup
    segments: Mapping[str, Sequence[Value]]
    """Its messages of four weeks by the values of each attribute."""
    driver: str
    """Which segment is over-represented in its week, in a sentence; empty where none is."""
    events: Sequence[LifeEvent]
    decisions: Sequence[Decision]
    parents: Sequence[Parent]
    """The themes that it was split off from."""
    fellows: Sequence[Fellow]
    near: Sequence[NearTheme]
    mix: Mix
    exemplars: Sequence[ListedMessage]
    parameters: Messages
    wrong: str
    """What is wrong with the filter, else empty."""
    searched: Searched
    messages: Sequence[ListedMessage]
    proposed: Set[str]
    """Ids of the messages that are proposed to split off."""
    has_more: bool
    seen: str
    filters: Filters
    merged: str
    """The name of the merged theme whose address led here, else empty."""
    names: Sequence[str]
    subscribed: Sequence[Subscribed]
    """Who is told of its alerts."""


@dataclass(frozen=True, slots=True)
class MapPage(Context):
    """The themes in two dimensions."""

    template: ClassVar[str] = "map.html"
    day: dt.date
    chart: Markup
    n_places: int


@dataclass(frozen=True, slots=True)
class MessagesPage(Context):
    """Every message, filtered."""

    template: ClassVar[str] = "messages.html"
    parameters: Messages
    wrong: str
    """What is wrong with the filter, else empty."""
    searched: Searched
    messages: Sequence[ListedMessage]
    has_more: bool
    filters: Filters


@dataclass(frozen=True, slots=True)
class MessagePage(Context):
    """One message."""

    template: ClassVar[str] = "message.html"
    message: MessageDetail
    has_themes: Sequence[Part]
    """Its themes, the one that says most first."""
    around: Sequence[ZoneText]
    """What is not the customer's own words."""
    turns: Sequence[Turn]
    """Of its conversation, by time; empty where it is alone."""
    joined_to: str | None
    """The turn that it is counted with; None where it counts itself."""
    history: Sequence[Correction]
    seen: str
    names: Sequence[str]
    themes: Sequence[Theme]


@dataclass(frozen=True, slots=True)
class QueuePage(Context):
    """Messages whose intent a person should decide."""

    template: ClassVar[str] = "queue.html"
    parameters: Queue
    messages: Sequence[QueuedMessage]
    n_queued: int
    """Of the kind that is asked for."""
    kinds: Mapping[str, str]
    """Why there are any, with how many; the one that is asked for included."""
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class GroupsPage(Context):
    """The queue by theme."""

    template: ClassVar[str] = "groups.html"
    day: dt.date
    groups: Sequence[Group]
    n_queued: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class GuessesPage(Context):
    """The queue by what the model guesses."""

    template: ClassVar[str] = "guesses.html"
    day: dt.date
    guesses: Sequence[Guess]
    n_queued: int


@dataclass(frozen=True, slots=True)
class GroupPage(Context):
    """All messages of a theme or of a guess that wait, or those that say nearly the same."""

    template: ClassVar[str] = "group.html"
    label: str
    """The name of the theme or the intent, empty for nearly the same messages."""
    messages: Sequence[ListedMessage]
    ticked: Set[str]
    """Ids of those that may have the likeliest intent."""
    has_more: bool
    guesses: Sequence[tuple[str, float]]
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class IntentsPage(Context):
    """Intents over time."""

    template: ClassVar[str] = "intents.html"
    span: int
    spans: Sequence[int]
    rows: Sequence[IntentLine]
    sort: str
    """One of `sql.queries.taxonomy.SORTS`."""
    retired: Sequence[str]
    chart: Markup
    legend: Sequence[str]
    untrained: Sequence[Taxon]
    """Active intents that no message of the days shown was predicted to have."""
    described: Mapping[str, str]
    """What each active intent covers, where somebody wrote it down."""
    n_judged: int
    n_right: int
    confused: Sequence[Corrected]
    suggested: Sequence[Suggestion]
    window: int
    """Days that the suggestions are based on."""
    models: Sequence[ModelVersion]


@dataclass(frozen=True, slots=True)
class IntentPage(Context):
    """One intent: what it covers, how it does, and what to do about it."""

    template: ClassVar[str] = "intent.html"
    intent: Intent
    line: IntentLine | None
    """Its figures of four weeks; None where the model has not predicted it."""
    examples: Sequence[str]
    seen: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """A day and how it stands."""

    day: dt.date
    figures: RunDay | None
    """None where no job has finished."""
    state: str
    """`failed`, `running`, `missing`, `unfinished` (not discovered yet), or empty."""
    runs: Sequence[AirflowRun]
    """Airflow's runs that did not succeed."""


@dataclass(frozen=True, slots=True)
class RunsPage(Context):
    """How each day went."""

    template: ClassVar[str] = "runs.html"
    span: int
    spans: Sequence[int]
    rows: Sequence[RunLine]
    no_airflow: bool
    """Airflow's own database did not answer."""
    airflow: str
    """The path of Airflow, below which its logs are."""
    seconds: Markup
    stages: Sequence[str]
    drift: MeasuredDrift | None


@dataclass(frozen=True, slots=True)
class Route:
    """An address for scripts."""

    method: str
    path: str
    detail: str
    takes: Sequence[str]


@dataclass(frozen=True, slots=True)
class ApiPage(Context):
    """The documentation of the API."""

    template: ClassVar[str] = "api.html"
    routes: Sequence[Route]
