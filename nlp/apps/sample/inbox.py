"""The files of the sample: the inbox, and beside it the ground truth."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nlp.apps.sample.broken import with_broken
from nlp.apps.sample.day import Writer, day_messages
from nlp.apps.sample.mail.markup import is_html
from nlp.apps.sample.mail.threads import Desk, in_conversations
from nlp.apps.sample.material import Material, load_material
from nlp.apps.sample.rows import COLUMNS, Row, external_id, to_csv
from nlp.apps.sample.schedule import EVENTS, MACHINE_MAIL, OTHER_LANGUAGE, events_within, rates

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
    """Messages with personal data in the customer's own words."""
    n_agent_turns: int
    n_machine: int
    """Mails that no person wrote."""
    n_two_subjects: int
    """Messages that raise two intents."""
    n_conversations: int
    """Those of two or more turns."""
    n_html: int
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

    `per_day` is the number of customers' messages on a usual weekday, without the planted events.
    Agents' turns, thanks and machine mail come on top. The files:

    - `inbox/{day}.csv`: what is delivered on a day, columns as in the contract of a message
    - `truth.csv`: the first intent of every good message; `other_language` if it is not in English,
      and one of `NO_REQUEST` if no customer asks for anything in it
    - `truth_all.csv`: every intent that a message raises, with the words that raise it
    - `broken.csv`: file and row (the first below the header is 1) of each broken row, and why
    - `personal_data.csv`: every planted piece of personal data, literally, and whether it stands in
      the customer's own words or around them: in a greeting, a signature, a quoted mail
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
    writers = [
        _writer(material, day, number=n, seed=seed, per_day=per_day) for n, day in enumerate(days)
    ]
    letters = [day_messages(w, number=n, per_day=per_day) for n, w in enumerate(writers)]
    talks = in_conversations(random.Random(f"{seed} conversations"), letters, days=days)
    created = _with_ids(talks, days)
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


def _writer(material: Material, day: dt.date, *, number: int, seed: int, per_day: int) -> Writer:
    return Writer(
        rng=random.Random(f"{seed} {day}"),
        day=day,
        material=material,
        intents={i.name: i for i in material.intents},
        expected=rates(material.intents, number=number, day=day, per_day=per_day),
        forms={},
    )


def _with_ids(talks: Sequence[Sequence[Row]], days: Sequence[dt.date]) -> list[list[Row]]:
    """Number the rows of each day; a conversation has the number of its first message."""
    conversations: dict[str, str] = {}
    numbered: list[list[Row]] = []
    for day, rows in zip(days, talks, strict=True):
        numbered.append([])
        for n, row in enumerate(rows):
            own = external_id(day, n)
            talk = conversations.setdefault(row.conversation_id, own.replace("T", "K", 1))
            numbered[-1].append(replace(row, external_id=own, conversation_id=talk))
    return numbered


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
    desk = Desk(writer.rng)
    while True:
        letter = writer.write(writer.rng.choice(running))
        own = external_id(writer.day, first)
        row = desk.written(letter, desk.begun(letter))
        yield replace(row, external_id=own, conversation_id=own.replace("T", "K", 1))
        first += 1


def _write_truth(out: Path, files: Sequence[Sequence[Row]], days: Sequence[dt.date]) -> None:
    good = sorted((r for rows in files for r in rows if r.reason is None), key=_by_id)
    broken = [
        (f"{day}.csv", n, row.external_id, row.reason)
        for day, rows in zip(days, files, strict=True)
        for n, row in enumerate(rows, 1)
        if row.reason is not None
    ]
    planted = [(r.external_id, *planted) for r in good for planted in r.planted]
    truth = [(r.external_id, r.intent) for r in good]
    pairs = [(r.external_id, *pair) for r in good for pair in r.raised]
    (out / "truth.csv").write_bytes(to_csv(("message_id", "intent"), truth))
    (out / "truth_all.csv").write_bytes(to_csv(("message_id", "intent", "text"), pairs))
    header = ("file", "row", "external_id", "reason")
    (out / "broken.csv").write_bytes(to_csv(header, broken))
    header_personal = ("external_id", "kind", "value", "place")
    (out / "personal_data.csv").write_bytes(to_csv(header_personal, planted))


def _write_taxonomy(out: Path, material: Material, days: Sequence[dt.date]) -> None:
    events = [
        (e.intent, e.kind, days[e.start], e.n_days, e.segment) for e in events_within(len(days))
    ]
    intents = [(i.name, i.description) for i in material.intents]
    examples = [(text, i.name) for i in material.intents for text in i.examples]
    header = ("intent", "kind", "start", "days", "segment")
    (out / "events.csv").write_bytes(to_csv(header, events))
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
        n_personal=sum(any(p[2] == "words" for p in r.planted) for _, r in good),
        n_agent_turns=sum(r.author == "agent" for _, r in good),
        n_machine=sum(r.intent == MACHINE_MAIL for _, r in good),
        n_two_subjects=sum(len(r.raised) > 1 for _, r in good),
        n_conversations=sum(n > 1 for n in Counter(r.conversation_id for _, r in good).values()),
        n_html=sum(is_html(r.text) for _, r in good),
        n_other_language=sum(r.intent == OTHER_LANGUAGE for _, r in good),
        n_distinct=len({r.text for _, r in good}),
        n_intents=len(material.intents),
        n_examples=sum(len(i.examples) for i in material.intents),
    )


def _by_id(row: Row) -> str:
    return row.external_id
