"""The sample inbox, written and read back through the product's own reader and contract."""

import csv
import datetime as dt
import html
import re
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import fsspec

from nlp.apps.sample import FIRST_DAY, N_DAYS, NO_REQUEST, SampleSummary, write
from nlp.sources.files import FileSource
from nlp.text.clean import clean
from nlp.text.contract import Broken, Draft, check

DAYS = [FIRST_DAY + dt.timedelta(n) for n in range(N_DAYS)]


@dataclass(repr=False)
class Sample:
    """A written sample, read back through the product's own reader and contract."""

    out: Path
    summary: SampleSummary
    seconds: float
    files: dict[dt.date, list[Draft | str]] = field(default_factory=dict)
    """A day's rows in order: a draft, or the reason for a rejection."""

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.out / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def intents(self) -> dict[str, str]:
        return {r["message_id"]: r["intent"] for r in self.table("truth.csv")}

    @cached_property
    def raised(self) -> dict[str, list[tuple[str, str]]]:
        """Every intent that a message raises, with its words, by message."""
        pairs: dict[str, list[tuple[str, str]]] = {}
        for row in self.table("truth_all.csv"):
            pairs.setdefault(row["message_id"], []).append((row["intent"], row["text"]))
        return pairs

    def planted(self, place: str) -> list[dict[str, str]]:
        """The personal data in customers' own words, or around them."""
        return [row for row in self.table("personal_data.csv") if row["place"] == place]

    @cached_property
    def requests(self) -> list[Draft]:
        """The good messages in which a customer asks for something."""
        intents = self.intents
        return [d for _, d in self.good if intents[d.external_id] not in NO_REQUEST]

    @cached_property
    def conversations(self) -> dict[str, list[Draft]]:
        """The turns of each conversation, in the order of their ids."""
        talks: dict[str, list[Draft]] = {}
        for draft in sorted((d for _, d in self.good), key=lambda d: d.external_id):
            talks.setdefault(str(draft.conversation_id), []).append(draft)
        return talks

    @cached_property
    def good(self) -> list[tuple[dt.date, Draft]]:
        """Each good message with the day of its file; a repeated id is rejected."""
        refused = {(r["file"], int(r["row"])) for r in self.table("broken.csv")}
        return [
            (day, row)
            for day, rows in self.files.items()
            for n, row in enumerate(rows, 1)
            if isinstance(row, Draft) and (f"{day}.csv", n) not in refused
        ]


def _read(out: Path) -> dict[dt.date, list[Draft | str]]:
    source = FileSource("inbox", fs=fsspec.filesystem("file"), pattern=f"{out}/inbox/{{day}}.csv")
    files: dict[dt.date, list[Draft | str]] = {}
    for day in DAYS:
        files[day] = []
        for row in source.pull(day):
            try:
                draft = check(
                    row, arrived_on=day, zone=dt.UTC, max_chars=50_000, hash_key=b"a test's key"
                )
            except Broken as broken:
                files[day].append(broken.reason)
            else:
                files[day].append(draft)
    return files


def sample_in(out: Path) -> Sample:
    """Write the sample as the demo does, and read it back."""
    started = time.process_time()
    summary = write(out)
    return Sample(out, summary, time.process_time() - started, _read(out))


def readable(text: str) -> str:
    """Return a text without tags, marks of quotes and line breaks, its words one space apart."""
    text = re.sub(r"(?s)<style.*?</style>", "", text)
    text = html.unescape(re.sub(r"<(?!\S+@)[^>]*>", " ", text)) if text.startswith("<") else text
    return " ".join(clean(text).split())
