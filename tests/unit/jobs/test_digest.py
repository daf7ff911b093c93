"""The digest of a week: what it holds, and how it is written."""

import datetime as dt
import json
import re
from html.parser import HTMLParser

import pytest

from nlp.digests import (
    Digest,
    LifeStep,
    LoggedDecision,
    ModelStep,
    NamedTheme,
    RaisedAlert,
)
from nlp.errors import NotFoundError
from nlp.jobs.digest.build import build_digest
from nlp.jobs.digest.render import to_html, to_json, to_markdown, to_slack
from nlp.jobs.digest.sections import driver_sentence, sections
from nlp.records import Driver, Segment
from nlp.settings import load
from nlp.states import Action, AlertKind, AlertStatus, Event, ModelDecision, Severity
from tests.fakes.digests import MemoryDigest

_LAST = dt.date(2026, 3, 29)
"""A Sunday."""
_BIRTH = dt.date(2026, 2, 1)
_STEADY, _UP, _DOWN, _NEW, _YOUNG = 1, 2, 3, 4, 5
_SETTINGS = load(_env_file=None)
_PAGE = "https://airflow.example.org/triage"


def _day(ago: int) -> dt.date:
    return _LAST - dt.timedelta(ago)


def _theme(topic: int, born_on: dt.date = _BIRTH, *, muted: bool = False) -> NamedTheme:
    return NamedTheme(topic, f"Theme {topic}", born_on, muted)


def _store() -> MemoryDigest:
    """Five weeks: one theme as ever, one that grows, one that fades, one new, one young."""
    counts = {
        t: {_day(n): 10 + n % 3 for n in range(35)} for t in (_STEADY, _UP, _DOWN, *range(10, 30))
    }
    counts[_UP] |= {_day(n): 40 for n in range(4)}
    counts[_DOWN] |= {_day(n): 0 for n in range(7)}
    counts[_NEW] = {_day(n): 9 for n in range(3)}
    counts[_YOUNG] = {_day(n): 5 for n in range(9)}
    born = {_NEW: _day(2), _YOUNG: _day(8)}
    return MemoryDigest(
        named=[_theme(t, born.get(t, _BIRTH)) for t in counts],
        counts=counts,
        days={_day(n): (300, 250) for n in range(35)},
    )


def _build(store: MemoryDigest, day: dt.date | None = None, n_days: int = 7) -> Digest:
    return build_digest(store, day, n_days=n_days, settings=_SETTINGS)


def _texts(digest: Digest, title: str) -> list[str]:
    (section,) = (s for s in sections(digest) if s.title == title)
    return [item.text for item in section.items] or [section.nothing]


def test_themes_that_began_grew_and_faded_are_listed() -> None:
    """Each in its place, with the counts of both weeks and quotes; the steady one in none."""
    digest = _build(_store())
    assert [t.topic_id for t in digest.born] == [_NEW]
    (up,), (down,) = digest.grew, digest.faded
    assert (up.topic_id, up.n_messages, up.n_before) == (_UP, 4 * 40 + 10 + 11 + 12, 77)
    assert (down.topic_id, down.n_messages) == (_DOWN, 0)
    assert [q.message_id for q in up.quotes] == ["2-0", "2-1", "2-2"]
    assert (digest.n_messages, digest.n_before, digest.n_clustered) == (2100, 2100, 1750)
    assert digest.n_young == 1
    (text,) = _texts(digest, "Growing")
    people = "Theme 2: 193 messages from 35 customers"
    assert text == f"{people}, forecast {up.lower} to {up.upper}; 77 in the week before."


def test_the_next_week_is_forecast_by_theme() -> None:
    """Around ten messages a day are expected of a theme that had them, the largest first."""
    digest = _build(_store())
    (steady,) = (a for a in digest.ahead if a.topic_id == _STEADY)
    assert steady.lower <= 77 <= steady.upper
    expected = [a.expected for a in digest.ahead]
    assert expected == sorted(expected, reverse=True)


def test_a_muted_theme_is_left_out() -> None:
    """Somebody asked not to hear about it."""
    store = _store()
    store.named = [_theme(t.topic_id, t.born_on, muted=True) for t in store.named]
    digest = _build(store)
    assert (digest.born, digest.grew, digest.faded, digest.ahead) == ((), (), (), ())


def test_a_week_without_messages_says_so() -> None:
    """Nothing fades just because nothing came in, and every section has its sentence."""
    store = _store()
    quiet = {_day(n): 0 for n in range(7)}
    store.counts = {t: own | quiet for t, own in store.counts.items()}
    store.days |= {_day(n): (0, 0) for n in range(7)}
    digest = _build(store)
    assert (
        _texts(digest, "Summary")
        == [
            "No message arrived.",
            "1 theme is older than the week, but too young to be compared.",
        ][:1]
    )
    assert (digest.grew, digest.faded) == ((), ())
    assert all(s.items or s.nothing for s in sections(digest))


def test_a_day_without_state_is_named_and_nothing_is_compared() -> None:
    """Its messages are unknown, so that no theme fades by it."""
    store = _store()
    del store.days[_day(2)]
    digest = _build(store)
    assert digest.missing == (_day(2),)
    assert "Not discovered, so that their messages are missing: 27 Mar 2026." in _texts(
        digest, "Summary"
    )
    assert digest.faded == ()


def test_a_week_that_was_not_discovered_is_a_clear_answer() -> None:
    """It says which day was the last; before the first day it is an error that names the remedy."""
    digest = _build(_store(), dt.date(2027, 1, 1))
    ((only,),) = (s.items for s in sections(digest))
    assert only.text == (
        "No day of these 7 days was discovered. The last day that was discovered is 29 Mar 2026."
    )
    with pytest.raises(NotFoundError, match="triage run-day"):
        _build(MemoryDigest())
    with pytest.raises(ValueError, match="has 1 to 14 days"):
        _build(_store(), n_days=15)


def test_a_theme_born_merged_and_parted_within_the_week_is_one_sentence() -> None:
    """All that happened to it, in order; a mere birth is told under New alone."""
    store = _store()
    step = (_STEADY, "Theme 1")
    store.steps = [
        LifeStep(_day(6), Event.BIRTH, _NEW, "Theme 4", None, None, "run"),
        LifeStep(_day(5), Event.BIRTH, 9, "Theme 9", None, None, "run"),
        LifeStep(_day(4), Event.MERGE, _NEW, "Theme 4", *step, "run"),
        LifeStep(_day(2), Event.UNMERGE, _NEW, "Theme 4", *step, "maria"),
    ]
    (text,) = _texts(_build(store), "Merged, split, ended")
    assert text == (
        "Theme 4 began on 23 Mar 2026, was merged into Theme 1 on 25 Mar 2026, is a theme of its "
        "own again on 27 Mar 2026 (maria)."
    )


def test_the_driver_of_a_theme_is_one_sentence() -> None:
    """With both shares, the interval, and since when."""
    segment = Segment("app", "8.2", 31, 44, 6, 0.09)
    assert driver_sentence(Driver(segment, 1e-6, 0.56, 0.82), _LAST) == (
        "31 of 44 since Tuesday are app 8.2 (56% to 82%); usually 9%."
    )


def test_a_theme_is_driven_by_what_is_over_represented() -> None:
    """The driver stands with the theme that grew."""
    store = _store()
    driver = Driver(Segment("app", "8.2", 31, 44, 6, 0.09), 1e-6, 0.56, 0.82)
    store.driven = {_UP: driver}
    digest = _build(store)
    (up,) = digest.grew
    assert up.driver == driver
    (growing,) = (s for s in sections(digest) if s.title == "Growing")
    assert [item.note for item in growing.items] == [driver_sentence(driver, _LAST)]


def _decided(
    number: int, action: Action, *, is_undone: bool = False, **became: object
) -> LoggedDecision:
    was = {"label": "Waiter"}
    return LoggedDecision(number, "maria", action, _UP, "Card", None, was, became, is_undone)


def test_decisions_are_told_and_those_about_messages_counted() -> None:
    """What was undone is counted as undone; what the model learnt follows."""
    store = _store()
    store.decisions = [
        _decided(1, Action.RENAME, label="Card"),
        _decided(2, Action.MERGE, is_undone=True, label="Pin"),
        _decided(3, Action.CORRECT, intent="pin", n_messages=20),
        _decided(4, Action.CORRECT, intent="pin"),
        _decided(5, Action.ALERT, status="resolved"),
    ]
    store.models = [ModelStep("m2", ModelDecision.REFUSE, "gate", "worse on pin")]
    digest = _build(store)
    assert _texts(digest, "What people decided") == [
        "maria renamed Waiter to Card.",
        "21 messages corrected by 1 person.",
        "1 alert resolved.",
        "1 decision undone.",
    ]
    assert _texts(digest, "What the model learnt") == [
        "Model m2 was refused by the gate.",
        "Model m1 is in service; 12 messages corrected since it was trained.",
    ]


def test_every_action_and_every_decision_about_a_model_has_its_words() -> None:
    """None of them breaks the digest."""
    store = _store()
    became = {"label": "Pin", "intent": "pin", "name": "card", "note": "x", "status": "open"}
    store.decisions = [_decided(n, action, **became) for n, action in enumerate(Action)]
    store.models = [ModelStep("m2", decision, "maria", "") for decision in ModelDecision]
    digest = _build(store)
    assert len(_texts(digest, "What people decided")) == len(Action)
    assert len(_texts(digest, "What the model learnt")) == len(ModelDecision) + 1


_HOSTILE = "<img src=x onerror=alert(1)> [a](http://evil) | `b` *c* & d"


def _hostile() -> Digest:
    store = _store()
    store.text = _HOSTILE
    store.named = [NamedTheme(t.topic_id, _HOSTILE, t.born_on, muted=False) for t in store.named]
    segment = Segment("country", "<b>FR</b>", 9, 10, 1, 0.1)
    store.alerts = [
        RaisedAlert(_day(1), AlertKind.SURGE, _UP, _HOSTILE, 40, 11.0, Severity.HIGH,
                    AlertStatus.OPEN, segment)
    ]  # fmt: skip
    return _build(store)


class _Reader(HTMLParser):
    """Notes tags and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def test_a_mail_is_escaped_and_loads_nothing() -> None:
    """A label with markup is text; every sentence links to the page, and nothing else does."""
    reader = _Reader()
    reader.feed(to_html(_hostile(), page_url=_PAGE))
    assert reader.tags == {"div", "h1", "h2", "ul", "li", "a", "p", "q"}
    assert all(link.startswith(f"{_PAGE}/") for link in reader.links)
    plain = _Reader()
    plain.feed(to_html(_hostile(), page_url=None))
    assert plain.links == []


def test_markdown_and_slack_quote_labels_as_they_are() -> None:
    """Neither markup nor links of a customer or a label become any."""
    markdown = to_markdown(_hostile(), page_url=_PAGE)
    targets = re.findall(r"(?<!\\)\]\(([^)]*)\)", markdown)
    assert targets
    assert all(target.startswith(f"{_PAGE}/") for target in targets)
    assert "<img" not in markdown.replace("\\<img", "")
    slack = to_slack(_hostile(), page_url=_PAGE)
    assert "<img" not in slack
    assert all(link.startswith(_PAGE) for link in re.findall(r"<([^|>]*)[|>]", slack))
    assert "<" not in to_slack(_hostile(), page_url=None)


def test_json_has_every_figure() -> None:
    """A script finds themes, forecast and days under the names of the records."""
    read = json.loads(to_json(_build(_store())))
    assert read["grew"][0]["n_messages"] == 193
    assert read["day"] == "2026-03-29"
    assert len(read["ahead"]) == 24
