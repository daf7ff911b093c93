"""`triage run-day` in separate processes: repeated after later days, and out of order.

Each process has only the command line, the settings and Postgres, as on another machine.
"""

import csv
import datetime as dt
import hashlib
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from nlp.settings import Settings
from tests import forks

_DAYS = [dt.date(2026, 3, 2) + dt.timedelta(n) for n in range(4)]
_SUBJECTS = (
    ("I lost my card {}", "my card is gone, lost it {}", "card missing since {}"),
    ("where is my refund from {}", "refund not here, shop {}", "still no refund of {}"),
    ("how do I change my pin {}", "pin blocked {}", "forgot the pin code {}"),
    ("the app crashes on {}", "cannot open the app {}", "app shows error {}"),
    ("mortgage rate for a house {}", "which mortgage rate do I pay {}", "fix my mortgage {}"),
)
"""Two on the first day and one more on each later day; too few texts for UMAP."""
_PLACES = ("London", "the train", "a shop")
_OF_DAY = {
    "messages": "arrived_on",
    "passages": "arrived_on",
    "topic_states": "day",
    "memberships": "decided_on",
    "topic_days": "day",
    "topic_events": "day",
    "alerts": "day",
}
"""The tables with the results of a day, and their column with the day."""


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """One file per day, with the subjects of that day and of the days before it."""
    forks.warm_up()
    for n, day in enumerate(_DAYS):
        with (tmp_path / f"{day}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["external_id", "created_at", "text"])
            texts = [f.format(p) for own in _SUBJECTS[: n + 2] for f in own for p in _PLACES]
            writer.writerows(
                (f"{day}-{i}", f"{day}T10:00:00Z", line) for i, line in enumerate(texts)
            )
    return tmp_path


class Triage:
    """Runs the command line over the inbox and reads the results."""

    def __init__(self, settings: Settings, inbox: Path) -> None:
        assert settings.database_url is not None
        url = settings.database_url.get_secret_value()
        self.inbox = inbox
        self.environment = {
            "TRIAGE_DATABASE_URL": url,
            "TRIAGE_LOCAL_DIR": str(settings.local_dir),
            "TRIAGE_SOURCES": f'{{"inbox": {{"kind": "files", "url": "{inbox}/{{day}}.csv"}}}}',
        }
        self.engine: Engine = create_engine(url)

    def run_day(self, first: dt.date, last: dt.date | None = None) -> None:
        """Run a day, or all days from `first` to `last`."""
        self("run-day", str(first), *(["--through", str(last)] if last else []))

    def __call__(self, *arguments: str) -> None:
        forks.finish(forks.start(forks.triage, arguments, self.environment))

    def refused(self, *arguments: str) -> str:
        """Run a command that must exit with 1; return its output."""
        words = self.inbox / "said.txt"
        process = forks.start(forks.triage, arguments, self.environment, words)
        process.join(300)
        assert process.exitcode == 1
        return words.read_text(encoding="utf-8")

    def rows(self) -> dict[tuple[str, dt.date], str]:
        """A hash of the rows of each table for each day."""
        out = {}
        with self.engine.connect() as connection:
            for table, column in _OF_DAY.items():
                for day in _DAYS:
                    query = text(
                        "SELECT (to_jsonb(t) - 'stored_at')::text AS row "
                        f"FROM triage.{table} t WHERE {column} = :day ORDER BY 1"
                    )
                    rows = "\n".join(connection.scalars(query, {"day": day}))
                    out[table, day] = hashlib.sha256(rows.encode()).hexdigest()
        return out

    def stale(self) -> list[dt.date]:
        """The days that are marked stale."""
        query = text("SELECT day FROM triage.run_health WHERE stale ORDER BY day")
        with self.engine.connect() as connection:
            return list(connection.scalars(query))

    def n_births(self) -> list[int]:
        """The number of themes born on each day."""
        query = text(
            "SELECT count(*) FROM triage.topic_events WHERE event = 'birth' "
            "GROUP BY day ORDER BY day"
        )
        with self.engine.connect() as connection:
            return list(connection.scalars(query))


@pytest.fixture
def triage(settings: Settings, inbox: Path) -> Triage:
    """The command on an empty database."""
    return Triage(settings, inbox)


def test_a_day_again_is_the_same_and_makes_later_days_stale(triage: Triage) -> None:
    """A day that is repeated leaves the same rows; later days are stale until they run again.

    A later day that runs out of order stays stale, because the days before it are stale.
    """
    triage.run_day(_DAYS[0], _DAYS[-1])
    before = triage.rows()
    assert sum(triage.n_births()) > len(_DAYS)
    assert triage.stale() == []
    triage.run_day(_DAYS[1])
    assert triage.rows() == before
    assert triage.stale() == _DAYS[2:]
    triage.run_day(_DAYS[3])
    assert triage.stale() == _DAYS[2:]
    triage.run_day(_DAYS[2], _DAYS[3])
    assert triage.stale() == []
    assert triage.rows() == before


def test_days_out_of_order_are_refused_or_told(triage: Triage) -> None:
    """A day whose eve has messages but no topics is refused, with the command that fixes it.

    A day before all others may run late; the days after it are then stale.
    """
    triage.run_day(_DAYS[1])
    triage("ingest", str(_DAYS[2]))
    before = triage.rows()
    words = triage.refused("run-day", str(_DAYS[3]))
    assert f"{_DAYS[3]} stand on those of {_DAYS[2]}, which is not discovered yet" in words
    assert f"triage run-day {_DAYS[2]} --through {_DAYS[3]}" in words
    same = [key for key, rows in triage.rows().items() if rows == before[key]]
    assert {table for table, day in before if (table, day) not in same} <= {
        "messages", "memberships", "passages",
    }  # fmt: skip
    triage.run_day(_DAYS[2], _DAYS[3])
    assert triage.stale() == []
    triage.run_day(_DAYS[0])
    assert triage.stale() == _DAYS[1:]
