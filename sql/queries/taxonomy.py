"""Each intent as people defined it, how it does, and what it is mixed up with."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from sql.queries.figures import Corrected, IntentDays, Taxon
from sql.rows import Record, fetch, record

_DAYS = 28
_FEW_EXAMPLES, _FEW_JUDGED = 10, 5
_OFTEN_WRONG, _MOSTLY_UNSURE, _OVERLAPS = 0.7, 0.5, 0.1
# Of what the model in service, or the one before, predicted: where another intent is as likely.
_OVERLAP = """
SELECT p.intent, p.runners_up->0->>0 AS other, count(*)::int AS n
FROM triage.intent_predictions p JOIN triage.model_versions v ON v.version = p.model_version
WHERE p.reason = 'ambiguous' AND p.abstained AND v.role = 'champion'
  AND p.day > CAST(:last AS date) - CAST(:days AS integer) AND p.day <= :last
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
_ONE = """
SELECT i.name, i.description, i.active, count(e.intent)::int AS n_examples
FROM triage.intents i LEFT JOIN triage.labelled_examples e ON e.intent = i.name
WHERE i.name = :name GROUP BY i.name, i.description, i.active
"""
_EXAMPLES = """
SELECT text FROM triage.labelled_examples WHERE intent = :name ORDER BY added_at DESC, text LIMIT 8
"""
SORTS = ("week", "name", "examples", "right", "unsure", "overlap")


@dataclass(frozen=True, slots=True)
class Intent(Record):
    """One intent of the taxonomy, retired ones too."""

    name: str
    description: str
    active: bool
    n_examples: int


@dataclass(frozen=True, slots=True)
class IntentLine:
    """An intent with its figures, over the days shown, and the one thing to do about it."""

    name: str
    n_examples: int
    n: int
    n_abstained: int
    n_week: int
    n_week_before: int
    n_judged: int
    """Predictions of it that people judged."""
    n_right: int
    confused: Sequence[tuple[str, int]]
    """What such messages really were, with how often people said so, the most frequent first."""
    overlaps: Sequence[tuple[str, int]]
    """Intents nearly as likely as it, with the messages of four weeks, the most frequent first."""

    @property
    def unsure(self) -> float:
        """The share of its messages for which the model would not decide, 0..1."""
        return self.n_abstained / self.n if self.n else 0.0

    @property
    def right(self) -> float | None:
        """The share that was right of those that people judged; None where nobody did."""
        return self.n_right / self.n_judged if self.n_judged else None

    @property
    def overlap(self) -> float:
        """The share of its messages for which the foremost other intent is nearly as likely."""
        return self.overlaps[0][1] / self.n if self.overlaps and self.n else 0.0

    @property
    def advice(self) -> str:
        """What to do first: `examples`, `wrong`, `overlap`, `unsure`, or empty for nothing."""
        if self.n_examples < _FEW_EXAMPLES:
            return "examples"
        if self.right is not None and self.n_judged >= _FEW_JUDGED and self.right < _OFTEN_WRONG:
            return "wrong"
        if self.overlap > _OVERLAPS:
            return "overlap"
        return "unsure" if self.unsure > _MOSTLY_UNSURE else ""


def lines(
    connection: Connection,
    rows: Sequence[IntentDays],
    *,
    taxa: Sequence[Taxon],
    judged: Sequence[Corrected],
    last: dt.date,
    sort: str,
) -> list[IntentLine]:
    """Every intent that was predicted, sorted by one of `SORTS`, what needs most work first."""
    overlaps = fetch(connection, _OVERLAP, last=last, days=_DAYS)
    n_examples = {t.name: t.n_examples for t in taxa}
    listed = []
    for row in rows:
        own = [j for j in judged if j.guessed == row.intent]
        wrong: Counter[str] = Counter()
        for j in own:
            if j.corrected != row.intent:
                wrong[j.corrected] += j.n
        line = IntentLine(
            name=row.intent,
            n_examples=n_examples.get(row.intent, 0),
            n=row.n,
            n_abstained=row.n_abstained,
            n_week=row.n_week,
            n_week_before=row.n_week_before,
            n_judged=sum(j.n for j in own),
            n_right=sum(j.n for j in own if j.corrected == row.intent),
            confused=wrong.most_common(3),
            overlaps=[(o["other"], o["n"]) for o in overlaps if o["intent"] == row.intent][:3],
        )
        listed.append(line)
    return sorted(listed, key=_KEYS.get(sort, _by_week))


def _by_week(line: IntentLine) -> tuple[float, str]:
    return -line.n_week, line.name


_KEYS = {
    "week": _by_week,
    "name": lambda line: (0.0, line.name),
    "examples": lambda line: (line.n_examples, line.name),
    "right": lambda line: (2.0 if line.right is None else line.right, line.name),
    "unsure": lambda line: (-line.unsure, line.name),
    "overlap": lambda line: (-line.overlap, line.name),
}


def one(connection: Connection, name: str) -> Intent | None:
    """The intent of that name, None where there is none."""
    return record(connection, Intent, _ONE, name=name.replace("\0", ""))


def examples(connection: Connection, name: str) -> list[str]:
    """Some of the labelled examples of an intent, the latest first."""
    return [row["text"] for row in fetch(connection, _EXAMPLES, name=name)]


def retired(connection: Connection) -> list[str]:
    """The intents that are not predicted any more."""
    rows = fetch(connection, "SELECT name FROM triage.intents WHERE NOT active ORDER BY name")
    return [row["name"] for row in rows]
