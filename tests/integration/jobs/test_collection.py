"""Sources that deliver twice, or nothing at all, cause no alerts."""

import datetime as dt
from dataclasses import replace
from random import Random

from sqlalchemy import text

from nlp.jobs.replay import run_days
from nlp.records import RawRow
from nlp.settings import Settings
from nlp.text.embed import SentenceEncoder
from sql.connect import PostgresStore
from tests.fakes import MemorySource
from tests.inbox import FIRST, about

_USUAL = {"chat": {"card": 8, "pin": 5}, "mail": {"refund": 7, "app": 4, "card": 3}}
"""Roughly the messages per day of each subject, by source."""
_DOUBLED, _DOWN, _NEW = 11, 13, 15
"""Day numbers; the first ten days are the warm-up, in which no new topic is reported."""
_N_NEW = 25


def _delivered(source: str, number: int, rng: Random) -> list[RawRow]:
    day = FIRST + dt.timedelta(number)
    rows = []
    for subject, n_usual in _USUAL[source].items():
        rows += about(subject, day, n_usual + rng.randint(-2, 2), rng)
    if number == _NEW and source == "mail":
        rows += about("mortgage", day, _N_NEW, rng)
    return rows


def _again(row: RawRow) -> RawRow:
    """The same message with another id and a few more words."""
    fields = dict(row.fields)
    fields["external_id"] += "-again"
    fields["text"] += ", thank you"
    return replace(row, fields=fields)


def _sources(seed: int) -> list[MemorySource]:
    rng = Random(seed)
    sources = []
    for name in _USUAL:
        days = {FIRST + dt.timedelta(n): _delivered(name, n, rng) for n in range(_NEW + 1)}
        sources.append(MemorySource(name, days))
    chat, mail = (source.rows for source in sources)
    doubled = chat[FIRST + dt.timedelta(_DOUBLED)]
    doubled.extend([_again(row) for row in doubled])
    del mail[FIRST + dt.timedelta(_DOWN)]
    return sources


def test_only_a_new_subject_is_news(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """A source that doubled for a day and one that was silent for a day raise no alert.

    A new subject raises one on its day, and there is no other alert.
    """
    days = [FIRST + dt.timedelta(n) for n in range(_NEW + 1)]
    run_days(store, encoder, days, sources=_sources(5), settings=settings)
    with store.engine.connect() as connection:
        alerts = connection.execute(
            text("SELECT day, kind, label FROM triage.alerts JOIN triage.topics USING (topic_id)")
        ).all()
        pulled = dict(connection.execute(text("SELECT day, n_pulled FROM triage.run_health")).all())
    assert pulled[days[_DOUBLED]] > 1.3 * pulled[days[_DOUBLED - 1]]
    assert pulled[days[_DOWN]] < 0.7 * pulled[days[_DOWN - 1]]
    assert {(a.day, a.kind) for a in alerts} == {(days[_NEW], "new_topic")}
    assert all("mortgage" in a.label.casefold() for a in alerts)
