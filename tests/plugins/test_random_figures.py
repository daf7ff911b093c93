"""One figure everywhere, whatever people decided: random decisions, then two more days."""

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.jobs.replay import run_days
from nlp.records import RawRow
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.fakes import MemoryEncoder, MemorySource
from tests.inbox import FIRST, N_DAYS, inbox
from tests.plugins.test_figures import _same_everywhere

_Open = Callable[[Settings], TestClient]
_N_DECISIONS, _LEAST_THEMES = 50, 4
"""With fewer themes the lead merges none."""
_WORDS = ("card", "refund", "pin", "app", "mortgage", "lost", "blocked", "crash", "monday")


class _Lead:
    """Somebody who decides at random, by the forms of the page; what is refused does not count."""

    def __init__(self, client: TestClient, store: PostgresStore, rng: Random) -> None:
        self.client, self.store, self.rng = client, store, rng
        self.done: list[str] = []
        self.numbers: list[int] = []

    def themes(self) -> list[int]:
        with self.store.engine.connect() as connection:
            query = "SELECT topic_id FROM triage.themes ORDER BY topic_id"
            return list(connection.execute(text(query)).scalars())

    def messages(self, n: int, topic: int | None = None) -> list[str]:
        where = "topic_id = :t" if topic else "true"
        query = f"SELECT message_id::text FROM triage.message_triage WHERE {where} ORDER BY 1"
        with self.store.engine.connect() as connection:
            result = list(connection.execute(text(query), {"t": topic}).scalars())
        return self.rng.sample(result, min(n, len(result)))

    def decide(self) -> None:
        """One of the decisions that there are."""
        kinds = self.kinds()
        few = len(self.themes()) < _LEAST_THEMES
        kind = self.rng.choice(sorted(k for k in kinds if not (few and k.startswith("merge"))))
        path, fields = kinds[kind]()
        headers = {"Accept": "application/json"}
        answer = self.client.post(f"/triage{path}", data=fields, headers=headers)
        assert answer.status_code in (200, 409, 422), answer.text
        if answer.status_code == 200:
            self.done.append(kind)
            self.numbers.append(int(answer.json()["decision"]))

    def kinds(self) -> dict[str, Callable[[], tuple[str, dict[str, Any]]]]:
        """How to make each kind of decision: its address and its form."""
        pick = self.rng.choice
        themes = self.themes()
        topic, other = pick(themes), pick(themes)
        name = f"Theme {len(self.done)}"
        return {
            "rename": lambda: (f"/themes/{topic}/rename", {"label": name}),
            "merge": lambda: (f"/themes/{topic}/merge", {"heir": str(other)}),
            "merge all": lambda: ("/themes/merge", {"theme": [*map(str, themes[:2])]}),
            "split": lambda: (
                f"/themes/{topic}/split", {"message": self.messages(5, topic), "label": name},
            ),
            "mute": lambda: (f"/themes/{topic}/{pick(['mute', 'unmute'])}", {}),
            "place": lambda: (
                f"/messages/{self.messages(1)[0]}/correct", {"theme": str(other)},
            ),
            "correct": lambda: (
                f"/messages/{self.messages(1)[0]}/correct", {"intent": "odd", "new": "true"},
            ),
            "bulk": lambda: (
                "/queue/decide",
                {"message": self.messages(6, topic), "intent": "odd", "new": "true"},
            ),
            "undo": lambda: (f"/undo/{pick(self.numbers or [1])}", {"whole": "true"})
            if self.numbers else (f"/themes/{topic}/note", {"note": "since the release"}),
        }  # fmt: skip


def _every_other(rows: dict[dt.date, list[RawRow]]) -> dict[dt.date, list[RawRow]]:
    """Half of the messages of each day, which is enough and takes half of the time."""
    return {day: messages[::2] for day, messages in rows.items()}


@pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])
def test_every_figure_is_the_same_after_50_random_decisions_and_two_more_days(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Board, theme page, CSV, JSON, API, views and command line agree on every theme."""
    monkeypatch.setenv("COLUMNS", "250")
    encoder, source = MemoryEncoder(_WORDS), MemorySource("inbox", _every_other(inbox()))
    days = [FIRST + dt.timedelta(n) for n in range(N_DAYS)]
    run_days(store, encoder, days[:-2], sources=[source], settings=settings)
    client, rng = client_of(settings), Random(18)
    lead = _Lead(client, store, rng)
    while len(lead.done) < _N_DECISIONS:
        lead.decide()
    assert set(lead.done) >= {"merge", "split", "place", "bulk", "undo"}
    assert len(_same_everywhere(store, client, capsys)) >= 3
    for day in days[-2:]:
        run_days(store, encoder, [day], sources=[source], settings=settings)
        assert len(_same_everywhere(store, client, capsys)) >= 3
