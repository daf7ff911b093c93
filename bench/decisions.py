"""How far decisions take the queue of the sample inbox, and how many of them are right.

    python -m bench.decisions [--local-dir .local]     after `triage demo`

Each step is one click with one undo: the guesses of all intents, then a theme with those of the
same guess, in the order in which the queue asks. The person gives a theme the intent that most of
its messages have. Nothing is kept.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from nlp.apps.local.up import local_settings
from nlp.jobs import bulk
from nlp.states import Channel
from sql.connect import open_store
from sql.queries import board, groups, guesses, queue
from sql.stores.decisions.store import Decisions

_N_STEPS, _MOST = 20, 1_000
_WHO: dict[str, Any] = {"actor": "bench", "channel": Channel.COMMAND_LINE}


class Right:
    """How many decided messages have an intent that their mail raises."""

    def __init__(self, truth: Mapping[str, Sequence[str]]) -> None:
        self.truth = truth
        """The intents of each message, the first one first."""
        self.n = self.n_first = self.n_any = 0

    def add(self, message_ids: Sequence[str], intent: str) -> None:
        """Count messages that got an intent."""
        raised = [self.truth.get(m, ()) for m in message_ids]
        self.n += len(message_ids)
        self.n_first += sum(intents[:1] == [intent] for intents in raised)
        self.n_any += sum(intent in intents for intents in raised)

    def most(self, message_ids: Sequence[str]) -> str:
        """The intent that most of the messages raise first."""
        firsts = Counter(self.truth[m][0] for m in message_ids if self.truth.get(m))
        return firsts.most_common(1)[0][0] if firsts else "none"

    def line(self, step: int, n_left: int) -> str:
        """A row of the table."""
        return f"| {step} | {n_left:,} | {self.n_first / self.n:.2f} | {self.n_any / self.n:.2f} |"


def main() -> None:
    """Print a table row per step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--local-dir", type=Path, default=Path(".local"))
    folder = parser.parse_args().local_dir
    settings = local_settings()
    with open_store(settings) as store, store.engine.connect() as connection:
        print("| step | waiting | first | any |\n|---|---|---|---|")
        for line in count(connection, _truth(connection, folder)):
            print(line)
        connection.rollback()


def count(connection: Connection, truth: Mapping[str, Sequence[str]]) -> list[str]:
    """Decide `_N_STEPS` times in the transaction of the connection; return a row of each step."""
    last = board.last_day(connection)
    assert last is not None, "Run `triage demo` first"
    store, right, rows = Decisions(connection), Right(truth), []
    guessed = guesses.guessed(
        connection, [g.intent for g in guesses.guesses(connection, last=last)], last=last
    )
    for intent, ids in guessed.items():
        right.add(ids, intent)
    if guessed:
        bulk.take_guesses(store, guessed, **_WHO)
        rows.append(right.line(1, queue.n_queued(connection, last=last)))
    while len(rows) < _N_STEPS and (waits := groups.groups(connection, last=last, most=5)):
        topics = [waits[0].topic_id, *(c.topic_id for c in waits[0].companions)]
        own, waiting = (
            [m.message_id for m in groups.waiting_in(connection, t, last=last, most=_MOST)]
            for t in (topics[:1], topics)
        )
        intent = right.most(own)
        is_new = intent not in store.intents()
        bulk.place_all(store, waiting, intent, is_new=is_new, **_WHO)
        right.add(waiting, intent)
        rows.append(right.line(len(rows) + 1, queue.n_queued(connection, last=last)))
    return rows


def _truth(connection: Connection, folder: Path) -> dict[str, list[str]]:
    """The intents that each stored message raises, by its id."""
    raised: dict[str, list[str]] = {}
    for name in ("truth.csv", "truth_all.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                raised.setdefault(row["message_id"], []).append(row["intent"])
    known = connection.execute(text("SELECT message_id::text, external_id FROM triage.messages"))
    return {message: raised[external] for message, external in known if external in raised}


if __name__ == "__main__":
    main()
