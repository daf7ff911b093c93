"""Whether forecasts hold: the share of counts within their 80% interval, on streams and complaints.

Every day from the second week on is an eve: each living theme is forecast from what was known then,
and compared with its next seven days, and with all seven together. A theme that is merged away has
no further days; its heir counts its past. Rates are of all themes and days together.

`--replays FOLDER` takes finished replays, a folder of exports each, instead of replaying mail as
`bench mail` does (`--seeds`, default 2) and the complaints, which takes hours.
"""

import datetime as dt
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import mail, mail_files
from bench.complaint_stream import days_wanted, plant_outage, read_complaints
from bench.mail_phrases import load_phrases, phrase_file
from bench.replays import replay
from bench.stream import write_messages
from bench.stream_scores import rows_of
from bench.tables import n_seeds
from nlp.settings import load
from nlp.topics.config import topic_config
from nlp.topics.forecast import LEVEL, N_AHEAD, forecast

REPLAYS = "TRIAGE_BENCH_REPLAYS"
"""Environment variable with a folder of finished replays; `--replays` sets it."""
_FIRST_EVE = 13
"""Position of the first day that is an eve: two weeks are known then."""
_SEEDS = 2


@dataclass(frozen=True)
class Days:
    """The counts of a replay, as they were known at the end of each day."""

    counts: Mapping[dt.date, Mapping[str, int]]
    """Messages of each theme that lived at the end of a day."""
    volumes: Mapping[dt.date, int]
    merges: Sequence[tuple[dt.date, str, str | None]]
    """Day, topic, and what it was merged into; None where that was undone."""

    def heir(self, topic: str, day: dt.date) -> str:
        """What a topic had become at the end of a day."""
        heirs = {t: heir for on, t, heir in self.merges if on <= day}
        while (heir := heirs.get(topic)) is not None:
            topic = heir
        return topic


@dataclass
class Coverage:
    """How often counts lay within their interval, below and above it."""

    places: Counter[str] = field(default_factory=Counter)

    def add(self, n: int, lower: int, upper: int) -> None:
        """Count one forecast that came true as `n`."""
        self.places["below" if n < lower else "above" if n > upper else "within"] += 1

    def cells(self) -> str:
        """Number of forecasts, and the shares within, below and above."""
        total = max(self.places.total(), 1)
        shares = (f"{self.places[name] / total:.3f}" for name in ("within", "below", "above"))
        return f"{self.places.total():,} | {' | '.join(shares)}"

    def __add__(self, other: "Coverage") -> "Coverage":
        """Both together."""
        return Coverage(self.places + other.places)


def main(data: Path) -> None:
    """Print a row per stream, for single days and for weeks."""
    days, weeks = [], []
    print(f"## Forecasts\n\nShare of counts within their {LEVEL:.0%} interval.\n")
    print("| what | stream | forecasts | within | below | above |\n|---|---|---|---|---|---|")
    for name, out in _replays(data):
        day, week = coverage(read_days(out))
        days.append(day)
        weeks.append(week)
        print(f"| days | {name} | {day.cells()} |\n| weeks | {name} | {week.cells()} |", flush=True)
    for what, all_of_them in (("days", days), ("weeks", weeks)):
        print(f"| {what} | all | {sum(all_of_them, Coverage()).cells()} |")


def read_days(out: Path) -> Days:
    """Read the exports of a replay."""
    counts: dict[dt.date, dict[str, int]] = defaultdict(dict)
    for row in rows_of(out / "topic_days.csv"):
        counts[_date(row["day"])][row["topic_id"]] = int(row["n_messages"])
    merges = [
        (_date(row["day"]), row["topic_id"], row["other_topic_id"] or None)
        for row in rows_of(out / "topic_events.csv")
        if row["event"] in ("merge", "unmerge")
    ]
    volumes = {_date(r["day"]): int(r["n_messages"] or 0) for r in rows_of(out / "run_days.csv")}
    return Days(counts, volumes, merges)


def coverage(days: Days) -> tuple[Coverage, Coverage]:
    """Compare the forecasts of every eve with what came: single days, and whole weeks."""
    config = topic_config(load(_env_file=None))
    of_days, of_weeks = Coverage(), Coverage()
    dates = sorted(days.counts)
    for eve in dates[_FIRST_EVE:-1]:
        past: dict[str, Counter[dt.date]] = defaultdict(Counter)
        for day in (d for d in dates if d <= eve):
            for topic, n in days.counts[day].items():
                past[days.heir(topic, eve)][day] += n
        known = {int(t): own for t, own in past.items() if t in days.counts[eve]}
        ahead = [eve + dt.timedelta(n + 1) for n in range(N_AHEAD)]
        for topic_id, result in forecast(known, days.volumes, eve, config=config).items():
            topic = str(topic_id)
            came = [days.counts[d].get(topic, 0) for d in ahead if _lives(days, topic, d)]
            for n, interval in zip(came, result.days, strict=False):
                of_days.add(n, interval.lower, interval.upper)
            if len(came) == len(ahead):
                of_weeks.add(sum(came), result.total.lower, result.total.upper)
    return of_days, of_weeks


def _lives(days: Days, topic: str, day: dt.date) -> bool:
    """Whether a theme has a count of a day: it is known, and the theme is not merged away."""
    return day in days.counts and days.heir(topic, day) == topic


def _replays(data: Path) -> Iterator[tuple[str, Path]]:
    """The name and the exports of each replay."""
    if finished := os.environ.get(REPLAYS):
        yield from ((out.name, out) for out in sorted(Path(finished).iterdir()) if out.is_dir())
        return
    phrases = load_phrases(phrase_file())
    for kind in mail.SETS:
        for seed in range(n_seeds(_SEEDS)):
            with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
                stream = mail.stream_of(data, kind, seed=seed, phrases=phrases)
                mail_files.write_messages(stream, Path(name, "messages.csv"))
                yield f"{kind}, seed {seed}", replay(Path(name, "messages.csv"), Path(name))
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
        planted = plant_outage(read_complaints(data, n_days=days_wanted()), seed=0)
        write_messages(planted.stream, Path(name, "messages.csv"))
        yield "complaints", replay(Path(name, "messages.csv"), Path(name))


def _date(value: str) -> dt.date:
    return dt.date.fromisoformat(value)
