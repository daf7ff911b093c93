"""Real complaints by day, with a planted outage among them, as a stream."""

import csv
import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import outage
from bench.streams import Event, Stream

DAYS = "TRIAGE_BENCH_DAYS"
"""Environment variable with the number of first days to replay; `--days` sets it."""
OUTAGE = "~outage"
"""The intent of the planted complaints."""
_FILE = "cfpb_2023_loans/cfpb_2023_loans.csv"
_NOON = dt.time(12, tzinfo=dt.UTC)
"""Complaints have a day and no time."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint as published; missing values are empty."""

    day: dt.date
    text: str
    issue: str
    product: str
    sub_product: str


@dataclass(frozen=True, slots=True)
class Planted:
    """A stream, and the complaint at each of its positions; None: planted."""

    stream: Stream
    complaints: list[Complaint | None]


def read_complaints(data: Path, *, n_days: int | None = None) -> list[Complaint]:
    """Read the complaints in order of days; `n_days` limits them to the first days."""
    with (data / _FILE).open(encoding="utf-8", newline="") as file:
        complaints = [
            Complaint(
                day=dt.date.fromisoformat(row["date_received"]),
                text=row["text"],
                issue=row["issue"],
                product=row["product"],
                sub_product=row["sub_product"],
            )
            for row in csv.DictReader(file)
        ]
    complaints.sort(key=lambda c: c.day)
    first = complaints[0].day
    return [c for c in complaints if n_days is None or (c.day - first).days < n_days]


def days_wanted() -> int | None:
    """Return the number of first days to replay, None for all."""
    value = os.environ.get(DAYS)
    return int(value) if value else None


def plant_outage(complaints: Sequence[Complaint], *, seed: int) -> Planted:
    """Return the complaints, with their issues as intents, mixed with those of the outage.

    The outage begins after two thirds of the days; its complaints are on random days of two weeks.
    Raises ValueError if these do not fit into the last third.
    """
    first, last = complaints[0].day, complaints[-1].day
    n_days = (last - first).days + 1
    if n_days < 3 * outage.N_DAYS:
        raise ValueError(f"An outage needs at least {3 * outage.N_DAYS} days, was: {n_days}")
    start = first + dt.timedelta(2 * n_days // 3)
    rng = np.random.default_rng(seed)
    offsets = rng.integers(0, outage.N_DAYS, outage.N_COMPLAINTS)
    offsets[0] = 0  # an outage has a complaint on its first day
    rows: list[tuple[dt.date, str, Complaint | None]] = [(c.day, c.text, c) for c in complaints]
    for offset, text in zip(offsets, outage.write(rng), strict=True):
        rows.append((start + dt.timedelta(int(offset)), text, None))
    rows.sort(key=lambda row: row[0])  # stable: the order of a day is kept
    stream = Stream(
        times=[dt.datetime.combine(day, _NOON) for day, _, _ in rows],
        texts=[text for _, text, _ in rows],
        intents=[c.issue if c else OUTAGE for _, _, c in rows],
        events=[Event(OUTAGE, "new_topic", start, outage.N_DAYS)],
    )
    return Planted(stream, [c for _, _, c in rows])
