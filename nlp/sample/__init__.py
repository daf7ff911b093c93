"""The sample inbox: 28 days of a bank's messages, made from a seed, with the truth beside them.

Thirty intents, of which two appear in the fourth week and one surges; typos, repeats from web
forms, personal data, other languages, and rows that break the contract.
"""

import csv
import datetime as dt
import io
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nlp.sample.noise import broken_rows, misspell, with_personal_data
from nlp.sample.phrases import CLOSERS, DETAILS, FOREIGN, INTENTS, OPENERS, SLOTS

FIRST_DAY = dt.date(2026, 3, 2)
N_DAYS = 28
NEW_INTENTS = {"app_update_loop": 22, "phishing_text": 24}
"""Intent to the day, from 0, on which it appears."""
_NEW_RATE = 26
_SURGE = ("charged_twice", 18, 3, 5.0)
"""Intent, first day from 0, days, factor."""
_WEEKDAY = (1.1, 1.05, 1.0, 1.0, 1.0, 0.55, 0.45)
_N_EXAMPLES = 12


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written."""

    folder: Path
    n_messages: int
    n_broken: int
    n_days: int

    def __str__(self) -> str:
        return (
            f"{self.n_messages:,} messages of {self.n_days} days in {self.folder / 'inbox'}, "
            f"and {self.n_broken} rows that break the contract"
        )


@dataclass(frozen=True, slots=True)
class _Row:
    external_id: str
    created_at: str
    text: str
    channel: str
    customer_id: str
    intent: str


def write(
    out: Path, *, seed: int = 7, first_day: dt.date = FIRST_DAY, per_day: int = 400
) -> SampleSummary:
    """Write `inbox/DAY.csv`, `truth.csv`, `events.csv`, `intents.csv`, `examples.csv`,
    `broken.csv` and `personal_data.csv` under `out`; the same seed gives the same bytes."""
    rng = random.Random(seed)
    (out / "inbox").mkdir(parents=True, exist_ok=True)
    truth, personal, broken = [], [], []
    seen: set[str] = set()
    for number in range(N_DAYS):
        day = first_day + dt.timedelta(number)
        rows, planted = _day(rng, number, day, per_day=per_day)
        personal += planted
        truth += [(r.external_id, r.intent) for r in rows]
        seen.update(r.text for r in rows)
        lines = [_line(r) for r in rows]
        bad = broken_rows(rng, day, known_id=rows[0].external_id)
        broken += [(day, reason) for reason, _ in bad]
        for _, line in bad:
            lines.insert(rng.randrange(len(lines) + 1), line)
        header = b"external_id,created_at,text,channel,customer_id\n"
        (out / "inbox" / f"{day}.csv").write_bytes(header + b"".join(lines))
    _write(out / "truth.csv", ["message_id", "intent"], truth)
    _write(out / "personal_data.csv", ["message_id", "kind", "value"], personal)
    _write(out / "broken.csv", ["day", "reason"], broken)
    _write(out / "events.csv", ["intent", "kind", "start", "days"], _events(first_day))
    _write(
        out / "intents.csv", ["intent", "description"], [(i, d) for i, (d, _) in INTENTS.items()]
    )
    _write(out / "examples.csv", ["text", "intent"], _examples(rng, seen))
    return SampleSummary(out, len(truth), len(broken), N_DAYS)


def _day(
    rng: random.Random, number: int, day: dt.date, *, per_day: int
) -> tuple[list[_Row], list[tuple[str, str, str]]]:
    rows: list[_Row] = []
    personal: list[tuple[str, str, str]] = []
    forms: dict[str, str] = {}
    for intent, rate in _rates(number, day, per_day).items():
        for _ in range(_poisson(rng, rate)):
            external_id = f"{day:%m%d}-{len(rows):04d}"
            text, kind = _text(rng, intent, forms), intent
            luck = rng.random()
            if luck < 0.03:
                text, kind = rng.choice(FOREIGN), "other_language"
            elif luck < 0.07:
                text, name, value = with_personal_data(rng, text)
                personal.append((external_id, name, value))
            is_late = number > 2 and rng.random() < 0.003
            written = day - dt.timedelta(rng.choice((1, 2)) if is_late else 0)
            created = dt.datetime.combine(written, dt.time(), dt.UTC)
            created += dt.timedelta(seconds=rng.randrange(6 * 3600, 23 * 3600))
            channel = rng.choices(("chat", "email", "web form"), (6, 3, 1))[0]
            customer = f"C{rng.randrange(6000):05d}"
            rows.append(_Row(external_id, created.isoformat(), text, channel, customer, kind))
    rng.shuffle(rows)
    return rows, personal


def _rates(number: int, day: dt.date, per_day: int) -> dict[str, float]:
    """Expected messages an intent on a day; steady rates differ by a factor of eight."""
    running = [i for i in INTENTS if i not in NEW_INTENTS]
    weights = {
        i: 8 ** (((7 * n) % len(running)) / (len(running) - 1)) for n, i in enumerate(running)
    }
    scale = per_day / sum(weights.values()) * _WEEKDAY[day.weekday()]
    rates = {i: w * scale for i, w in weights.items()}
    intent, start, days, factor = _SURGE
    if start <= number < start + days:
        rates[intent] *= factor
    for intent, start in NEW_INTENTS.items():
        if number >= start:
            rates[intent] = _NEW_RATE * _WEEKDAY[day.weekday()] ** 0.5
    return rates


def _text(rng: random.Random, intent: str, forms: dict[str, str]) -> str:
    """One message; one in twenty repeats the day's web form of its intent, slightly changed."""
    if intent in forms and rng.random() < 0.05:
        return forms[intent] + rng.choice(("", ".", " - thanks", " (sent twice)"))
    core = rng.choice(INTENTS[intent][1])
    if rng.random() < 0.12:
        core = f"{core} and {rng.choice(INTENTS[intent][1])}"
    opener = rng.choice(OPENERS)
    text = _filled(rng, opener + core + rng.choice(DETAILS) + rng.choice(CLOSERS))
    forms.setdefault(intent, text)
    if not opener and rng.random() < 0.6:
        text = text[0].upper() + text[1:]
    if rng.random() < 0.12:
        text = text.lower().rstrip("?.!")
    return misspell(rng, text) if rng.random() < 0.06 else text


def _filled(rng: random.Random, text: str) -> str:
    for slot, choices in SLOTS.items():
        while f"{{{slot}}}" in text:
            text = text.replace(f"{{{slot}}}", rng.choice(choices), 1)
    return text


def _examples(rng: random.Random, seen: set[str]) -> list[tuple[str, str]]:
    """Labelled examples of the running intents: nobody has labelled the new ones yet."""
    rows = []
    for intent in (i for i in INTENTS if i not in NEW_INTENTS):
        texts: Counter[str] = Counter()
        while len(texts) < _N_EXAMPLES:
            text = _text(rng, intent, {})
            if text not in seen:
                texts[text] += 1
        rows += [(text, intent) for text in texts]
    return rows


def _events(first_day: dt.date) -> list[tuple[str, str, dt.date, int]]:
    new = [
        (i, "new_topic", first_day + dt.timedelta(n), N_DAYS - n) for i, n in NEW_INTENTS.items()
    ]
    intent, start, days, _ = _SURGE
    return [*new, (intent, "surge", first_day + dt.timedelta(start), days)]


def _poisson(rng: random.Random, rate: float) -> int:
    """A Poisson count, by the waiting times between its events."""
    n, waited = 0, rng.expovariate(1.0)
    while waited < rate:
        n, waited = n + 1, waited + rng.expovariate(1.0)
    return n


def _line(row: _Row) -> bytes:
    buffer = io.StringIO()
    cells = (row.external_id, row.created_at, row.text, row.channel, row.customer_id)
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()


def _write(path: Path, header: list[str], rows: object) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        assert isinstance(rows, list)
        writer.writerows(rows)
