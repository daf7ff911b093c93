"""Run the jobs day by day, in one process: for replays, the demo and `triage run-day`."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from nlp.errors import SourceMissingError
from nlp.jobs.cut import cut_day
from nlp.jobs.discover import DiscoverStore, discover_day
from nlp.jobs.ingest import IngestStore, ingest_day
from nlp.jobs.mend import MendStore, mend_days
from nlp.jobs.triage import assign_day, embed_day, predict_day
from nlp.ports import Encoder, Source
from nlp.records import RunReport
from nlp.settings import Settings


class ReplayStore(IngestStore, MendStore, DiscoverStore, Protocol):
    """What all jobs read and write."""


def triage_and_discover(
    store: ReplayStore, encoder: Encoder, day: dt.date, *, settings: Settings
) -> list[RunReport]:
    """Run the steps that follow the ingestion of a day."""
    return [
        *mend_days(store, encoder, day, settings=settings),
        *(
            embed_day(
                store,
                encoder,
                day,
                settings=settings,
                shard=shard,
                n_shards=settings.embed_shards,
            )
            for shard in range(settings.embed_shards)
        ),
        cut_day(store, encoder, day, settings=settings),
        predict_day(store, day, encoder_name=encoder.name, settings=settings),
        assign_day(store, day, encoder_name=encoder.name, settings=settings),
        discover_day(store, encoder, day, settings=settings),
    ]


def run_days(
    store: ReplayStore,
    encoder: Encoder,
    days: Iterable[dt.date],
    *,
    sources: Sequence[Source],
    settings: Settings,
    on_day: Callable[[dt.date, list[RunReport]], None] | None = None,
) -> None:
    """Ingest, triage and discover each of `days` in order; `on_day` is called after each.

    Of several sources, one that has nothing for a day is skipped; a single one raises
    SourceMissingError.
    """
    for day in days:
        reports = []
        for source in sources:
            try:
                reports.append(ingest_day(store, source, day, settings=settings))
            except SourceMissingError:
                if len(sources) == 1:
                    raise
        reports += triage_and_discover(store, encoder, day, settings=settings)
        if on_day:
            on_day(day, reports)
