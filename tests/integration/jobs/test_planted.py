"""The planted days of `bench volume`, small: what they hold, and that both tables are printed."""

import datetime as dt

import numpy as np
import pytest
from sqlalchemy import text

from bench import planted, volume
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.fakes import MemoryEncoder

_SUBJECTS = ("card", "refund", "pin", "outage")
_ENCODER = MemoryEncoder(_SUBJECTS)
_PER_DAY, _N_NEW, _N_DAYS = 60, 10, 3


@pytest.fixture
def first(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> dt.date:
    """The first of three planted days and two that no run has seen."""
    monkeypatch.setattr(planted, "_N_MEMBERS", 200)
    texts = [f"My {subject} at place {n}" for subject in _SUBJECTS for n in range(12)]
    inbox = planted.Inbox(texts, _ENCODER.encode(texts), np.repeat(np.arange(4), 12))
    return planted.fill(
        store.engine, inbox, per_day=_PER_DAY, n_days=_N_DAYS, n_new=_N_NEW, encoder=_ENCODER.name
    )


def test_the_days_are_planted_and_measured(
    store: PostgresStore,
    settings: Settings,
    first: dt.date,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Only the last day has the new topic; a run over it counts every message, and says it."""
    days = [first + dt.timedelta(n) for n in range(_N_DAYS + 2)]
    assert store.count_by_day(since=first, until=days[-1]) == dict.fromkeys(days, _PER_DAY)
    with store.engine.connect() as connection:
        new = connection.execute(
            text(
                "SELECT arrived_on, count(*) FROM triage.messages WHERE channel = 'new' GROUP BY 1"
            )
        )
        assert [tuple(row) for row in new] == [(days[-1], _N_NEW)]
        stages = connection.execute(
            text("SELECT stage, count(DISTINCT arrived_on) FROM triage.memberships GROUP BY 1")
        )
        assert {row[0]: row[1] for row in stages} == {"assign": _N_DAYS, "discover": _N_DAYS}
    settings = settings.model_copy(update={"window_days": _N_DAYS, "sample_passages": 100})
    volume.days(store, _ENCODER, first, settings)
    out = capsys.readouterr().out
    assert out.count(f"| {_PER_DAY} |") == 2
    assert "messages of the new topic" in out
    assert "Bytes a message, indexes included: messages " in out
