"""The sentences of a digest, each with the page that shows the figures behind it.

Page, mail, Slack and Markdown all show these.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlp.digests import (
    Digest,
    LifeStep,
    LoggedDecision,
    ModelStep,
    Quote,
    RaisedAlert,
    ThemeAhead,
    ThemeWeek,
)
from nlp.records import Driver
from nlp.states import Action, AlertKind, Event, ModelDecision

_MOST_LISTED = 6
"""Themes of a kind that are listed, as on Today."""
_MOST_AHEAD = 10
_MOST_DECIDED = 12


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence, and what belongs to it."""

    text: str
    path: str
    """The address on the page of what it says: `/themes/20260302001`."""
    note: str = ""
    """A further sentence about the same."""
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences about one thing."""

    title: str
    items: tuple[Item, ...]
    nothing: str = ""
    """What to say where there are no sentences."""


def title(digest: Digest) -> str:
    """Return the title of a digest."""
    kind = "Week" if digest.n_days == 7 else _days(digest.n_days)
    return f"{kind} to {_date(digest.day)}"


def sections(digest: Digest) -> list[Section]:
    """Return what a digest says, in order."""
    if not digest.has_state:
        return [Section("Summary", (_without_state(digest),))]
    return [
        Section("Summary", tuple(_summary(digest))),
        Section("Alerts", tuple(map(_alert, digest.alerts)), "No alert was raised."),
        _of_themes("New", digest.born, digest, "No theme began."),
        _of_themes("Growing", digest.grew, digest, "No theme is above what was forecast."),
        _of_themes("Fading", digest.faded, digest, "No theme is below what was forecast."),
        Section(
            "Merged, split, ended",
            tuple(map(_life, digest.lives)),
            "No theme was merged, split or ended.",
        ),
        _forecast(digest),
        _decided(digest),
        Section("What the model learnt", tuple(_learnt(digest))),
    ]


def _without_state(digest: Digest) -> Item:
    last = digest.last_discovered
    known = "" if last is None else f" The last day that was discovered is {_date(last)}."
    return Item(f"No day of these {_days(digest.n_days)} was discovered.{known}", "/runs")


def _summary(digest: Digest) -> Iterable[Item]:
    if not digest.n_messages:
        yield Item("No message arrived.", "/runs")
    else:
        share = digest.n_clustered / digest.n_messages
        before = f"{digest.n_before:,} in the {_span(digest)} before"
        yield Item(
            f"{_messages(digest.n_messages)} arrived, {before}; {share:.0%} have a theme.",
            "/messages",
        )
    if digest.missing:
        days = ", ".join(_date(day) for day in digest.missing[:7])
        more = f" and {len(digest.missing) - 7} more" if len(digest.missing) > 7 else ""
        yield Item(f"Not discovered, so that their messages are missing: {days}{more}.", "/runs")
    if digest.n_young:
        themes = "1 theme is" if digest.n_young == 1 else f"{digest.n_young} themes are"
        text = f"{themes} older than the {_span(digest)}, but too young to be compared."
        yield Item(text, "/themes?state=new")


def _alert(alert: RaisedAlert) -> Item:
    kind = "New theme" if alert.kind == AlertKind.NEW_TOPIC else "Surge"
    usual = "" if alert.expected is None else f", {alert.expected:.0f} expected"
    note = "" if alert.segment is None else f"{alert.segment.sentence}."
    text = (
        f"{kind} on {_date(alert.day)}: {alert.label}: {_messages(alert.observed)}{usual} "
        f"({alert.severity}, {alert.status})."
    )
    return Item(text, f"/themes/{alert.topic_id}", note)


def _of_themes(name: str, rows: Sequence[ThemeWeek], digest: Digest, nothing: str) -> Section:
    items = [_theme(row, digest) for row in rows[:_MOST_LISTED]]
    if (more := len(rows) - _MOST_LISTED) > 0:
        items.append(Item(f"{more} more.", "/themes"))
    return Section(name, tuple(items), nothing)


def _theme(row: ThemeWeek, digest: Digest) -> Item:
    began = f", born {_date(row.born_on)}" if row.born_on >= digest.first else ""
    usual = "" if row.lower is None else f", forecast {row.lower:,} to {row.upper:,}"
    people = f" from {row.n_customers:,} customer{'s' * (row.n_customers != 1)}"
    text = (
        f"{row.label}: {_messages(row.n_messages)}{people if row.n_customers else ''}{usual}; "
        f"{row.n_before:,} in the {_span(digest)} before{began}."
    )
    note = "" if row.driver is None else driver_sentence(row.driver, digest.day)
    return Item(text, f"/themes/{row.topic_id}", note, row.quotes)


def driver_sentence(driver: Driver, day: dt.date) -> str:
    """Return which segment is over-represented up to `day`, with effect and interval."""
    segment = driver.segment
    first = day - dt.timedelta(segment.n_days - 1)
    since = f"on {first:%A}" if segment.n_days == 1 else f"since {first:%A}"
    usual = "<1%" if segment.usual < 0.005 else f"{segment.usual:.0%}"
    return (
        f"{segment.n} of {segment.n_of} {since} are {segment.name} {segment.value} "
        f"({driver.lower:.0%} to {driver.upper:.0%}); usually {usual}."
    )


_STEPS = {
    Event.BIRTH: "began",
    Event.MERGE: "was merged into {other}",
    Event.SPLIT: "was split: {other} is a theme of its own",
    Event.UNMERGE: "is a theme of its own again",
    Event.RETIRE: "ended",
    Event.REVIVE: "came back",
}


def _life(steps: Sequence[LifeStep]) -> Item:
    """One sentence about all that happened to a theme, in order."""
    parts = [
        f"{_STEPS[step.event].format(other=step.other_label or '?')} on {_date(step.day)}"
        f"{'' if step.actor == 'run' else f' ({step.actor})'}"
        for step in steps
    ]
    last = steps[-1]
    name = last.label or f"Theme {last.topic_id}"
    return Item(f"{name} {', '.join(parts)}.", f"/themes/{last.topic_id}")


def _forecast(digest: Digest) -> Section:
    span = "next week" if digest.n_days == 7 else f"next {_days(digest.n_days)}"
    items = [_ahead(row, digest) for row in digest.ahead[:_MOST_AHEAD]]
    return Section(
        f"Forecast for the {span}", tuple(items), "There is too little past for a forecast."
    )


def _ahead(row: ThemeAhead, digest: Digest) -> Item:
    text = (
        f"{row.label}: {row.lower:,} to {row.upper:,} messages, about {row.expected:,.0f}; "
        f"{row.n_messages:,} in this {_span(digest)}."
    )
    return Item(text, f"/themes/{row.topic_id}")


def _decided(digest: Digest) -> Section:
    """Decisions about themes one by one, those about messages and alerts counted."""
    items = [_decision(d) for d in digest.decided if not d.is_undone and d.action in _DECISIONS]
    more = len(items) - _MOST_DECIDED
    items = items[:_MOST_DECIDED]
    if more > 0:
        items.append(Item(f"{more} more decisions about themes and intents.", "/themes"))
    items += _counted(digest.decided)
    return Section("What people decided", tuple(items), "Nobody decided anything.")


_DECISIONS = {
    Action.RENAME: "renamed {was[label]} to {became[label]}",
    Action.MERGE: "merged {was[label]} into {became[label]}",
    Action.UNMERGE: "made {became[label]} a theme of its own again",
    Action.SPLIT: "split off {became[label]}",
    Action.MUTE: "muted {label}",
    Action.UNMUTE: "asked for alerts about {label} again",
    Action.PROMOTE: "made {label} the intent {became[intent]}",
    Action.NOTE: "noted about {label}: {became[note]}",
    Action.DEFINE: "defined the intent {became[intent]}",
    Action.DESCRIBE: "described the intent {became[intent]}",
    Action.RETIRE: "retired the intent {became[intent]}",
    Action.MOVE: "made the intent {became[intent]} part of {became[name]}",
}


_OF_ALERTS = {
    Action.ALERT: "{became[status]}",
    Action.ASSIGN: "assigned",
    Action.SNOOZE: "put off",
    Action.COMMENT: "commented",
}


def _decision(decided: LoggedDecision) -> Item:
    words = _DECISIONS[decided.action].format(
        was=decided.was, became=decided.became, label=decided.label
    )
    path = "/intents" if decided.topic_id is None else f"/themes/{decided.topic_id}"
    return Item(f"{decided.actor} {words}.", path)


def _counted(decided: Sequence[LoggedDecision]) -> Iterable[Item]:
    kept = [d for d in decided if not d.is_undone]
    corrections = [d for d in kept if d.action == Action.CORRECT]
    if corrections:
        n = sum(int(d.became.get("n_messages", 1)) for d in corrections)
        people = len({d.actor for d in corrections})
        by = f"by {people} {'person' if people == 1 else 'people'}"
        yield Item(f"{_messages(n)} corrected {by}.", "/messages?decided=person")
    alerts = Counter(
        _OF_ALERTS[d.action].format(became=d.became) for d in kept if d.action in _OF_ALERTS
    )
    for words, n in sorted(alerts.items()):
        yield Item(f"{n} alert{'s' * (n > 1)} {words}.", "/?alerts=all")
    if n_undone := len(decided) - len(kept):
        yield Item(f"{n_undone} decision{'s' * (n_undone > 1)} undone.", "/themes")


_MODELS = {
    ModelDecision.PROMOTE: "was put into service by {actor}",
    ModelDecision.ROLLBACK: "was put back into service by {actor}",
    ModelDecision.REFUSE: "was refused by the gate",
    ModelDecision.REJECT: "was rejected by {actor}",
}


def _learnt(digest: Digest) -> Iterable[Item]:
    for step in digest.models:
        yield _model(step)
    n = digest.n_corrections
    if digest.champion is None:
        yield Item("No model of intents is in service.", "/intents")
    else:
        yield Item(
            f"Model {digest.champion} is in service; {_messages(n)} corrected since it was "
            "trained.",
            "/intents",
        )


def _model(step: ModelStep) -> Item:
    words = _MODELS[step.decision].format(actor=step.actor)
    return Item(f"Model {step.version} {words}.", "/intents", step.detail)


def _span(digest: Digest) -> str:
    return "week" if digest.n_days == 7 else _days(digest.n_days)


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"


def _messages(n: int) -> str:
    return "1 message" if n == 1 else f"{n:,} messages"


def _date(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"
