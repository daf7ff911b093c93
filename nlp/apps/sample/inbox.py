"""The files of the sample: the inbox, and beside it the ground truth."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nlp.apps.sample.broken import with_broken
from nlp.apps.sample.day import Writer, day_messages, external_id
from nlp.apps.sample.material import Material, load_material
from nlp.apps.sample.rows import COLUMNS, Row, to_csv
from nlp.apps.sample.schedule import EVENTS, OTHER_LANGUAGE, events_within

FIRST_DAY = dt.date(2026, 3, 2)
"""A Monday."""
N_DAYS = 28
NEW_INTENTS = {e.intent: e.start for e in EVENTS if e.kind == "new_topic"}
"""The day, from 0, on which each new intent appears."""
_LATE_SHARE = 0.008


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """A summary of the written files."""

    folder: Path
    n_days: int
    n_rows: int
    """Good and broken ones."""
    n_messages: int
    n_broken: int
    n_late: int
    """Good rows in the file of a later day."""
    n_personal: int
    """Messages with personal data."""
    n_other_language: int
    n_distinct: int
    """Distinct texts among the messages."""
    n_intents: int
    n_examples: int

    def __str__(self) -> str:
        return (
            f"{self.n_messages:,} messages of {self.n_days} days in {self.folder / 'inbox'}, "
            f"and {self.n_broken} rows that break the contract"
        )


def write(
    out: Path,
    *,
    seed: int = 7,
    first_day: dt.date = FIRST_DAY,
    n_days: int = N_DAYS,
    per_day: int = 400,
) -> SampleSummary:
    """Write the sample under `out`; the same arguments give the same bytes.

    `per_day` is the number of messages of a usual weekday, without the planted events. The files:

    - `inbox/{day}.csv`: what is delivered on a day, columns as in the contract of a message
    - `truth.csv`: the intent of every good message; `other_language` if it is not in English
    - `broken.csv`: file and row (the first below the header is 1) of each broken row, and why
    - `personal_data.csv`: every planted piece of personal data, literally
    - `events.csv`, `intents.csv`, `examples.csv`: the planted events, the meaning of the intents,
      and twelve labelled examples of each intent that exists from the first day

    Files of an earlier sample in `out` are overwritten; files of other days stay.
    """
    material = load_material()
    days = [first_day + dt.timedelta(n) for n in range(n_days)]
    files = _files(material, days, seed=seed, per_day=per_day)
    (out / "inbox").mkdir(parents=True, exist_ok=True)
    for day, rows in zip(days, files, strict=True):
        (out / "inbox" / f"{day}.csv").write_bytes(to_csv(COLUMNS, (r.cells() for r in rows)))
    _write_truth(out, files, days)
    _write_taxonomy(out, material, days)
    return _summary(out, files, days, material)


def _files(
    material: Material, days: Sequence[dt.date], *, seed: int, per_day: int
) -> list[list[Row]]:
    """The rows of each day's file: good, late and broken."""
    by_name = {i.name: i for i in material.intents}
    writers = [Writer(random.Random(f"{seed} {day}"), day, material, by_name, {}) for day in days]
    created = [day_messages(w, number=n, per_day=per_day) for n, w in enumerate(writers)]
    delivered = _delivered(random.Random(f"{seed} late"), created)
    files: list[list[Row]] = []
    for number, (writer, rows) in enumerate(zip(writers, delivered, strict=True)):
        spare = _spare_rows(writer, first=len(created[number]))
        files.append(
            with_broken(
                writer.rng,
                rows,
                number=number,
                spare=spare.__next__,
                earlier=delivered[number - 1] if number else (),
            )
        )
    return files


def _delivered(rng: random.Random, created: Sequence[Sequence[Row]]) -> list[list[Row]]:
    """Put each row into the file of its day; a few come one or two days later."""
    files: list[list[Row]] = [[] for _ in created]
    for number, rows in enumerate(created):
        for row in rows:
            delay = rng.choice((1, 2)) if rng.random() < _LATE_SHARE else 0
            files[min(number + delay, len(files) - 1)].append(row)
    return [sorted(rows, key=lambda r: r.moment) for rows in files]


def _spare_rows(writer: Writer, *, first: int) -> Iterator[Row]:
    """An endless series of good rows, whose ids continue after the day's last."""
    running = [i.name for i in writer.material.intents if i.rate]
    while True:
        row = writer.write(writer.rng.choice(running))
        yield replace(row, external_id=external_id(writer.day, first))
        first += 1


def _write_truth(out: Path, files: Sequence[Sequence[Row]], days: Sequence[dt.date]) -> None:
    good = sorted((r for rows in files for r in rows if r.reason is None), key=_by_id)
    broken = [
        (f"{day}.csv", n, row.external_id, row.reason)
        for day, rows in zip(days, files, strict=True)
        for n, row in enumerate(rows, 1)
        if row.reason is not None
    ]
    planted = [(r.external_id, kind, value) for r in good for kind, value in r.planted]
    truth = [(r.external_id, r.intent) for r in good]
    (out / "truth.csv").write_bytes(to_csv(("message_id", "intent"), truth))
    header = ("file", "row", "external_id", "reason")
    (out / "broken.csv").write_bytes(to_csv(header, broken))
    header_personal = ("external_id", "kind", "value")
    (out / "personal_data.csv").write_bytes(to_csv(header_personal, planted))


def _write_taxonomy(out: Path, material: Material, days: Sequence[dt.date]) -> None:
    events = [(e.intent, e.kind, days[e.start], e.n_days) for e in events_within(len(days))]
    intents = [(i.name, i.description) for i in material.intents]
    examples = [(text, i.name) for i in material.intents for text in i.examples]
    (out / "events.csv").write_bytes(to_csv(("intent", "kind", "start", "days"), events))
    (out / "intents.csv").write_bytes(to_csv(("intent", "description"), intents))
    (out / "examples.csv").write_bytes(to_csv(("text", "intent"), examples))


def _summary(
    out: Path, files: Sequence[Sequence[Row]], days: Sequence[dt.date], material: Material
) -> SampleSummary:
    delivered = [(day, r) for day, rows in zip(days, files, strict=True) for r in rows]
    good = [(day, r) for day, r in delivered if r.reason is None]
    return SampleSummary(
        folder=out,
        n_days=len(days),
        n_rows=len(delivered),
        n_messages=len(good),
        n_broken=len(delivered) - len(good),
        n_late=sum(r.moment.date() < day for day, r in good),
        n_personal=sum(bool(r.planted) for _, r in good),
        n_other_language=sum(r.intent == OTHER_LANGUAGE for _, r in good),
        n_distinct=len({r.text for _, r in good}),
        n_intents=len(material.intents),
        n_examples=sum(len(i.examples) for i in material.intents),
    )


def _by_id(row: Row) -> str:
    return row.external_id
