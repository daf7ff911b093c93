"""Derive anew what edits and deletions at a helpdesk made void on earlier days.

`MessageStore.save_conversations` deletes what was derived from a text that changed or went. The
days of those messages are cut and assigned again here, before the day itself; their topics and
counts stay as they were known at their end, until the days are discovered again.
"""

import datetime as dt
from typing import Protocol

from nlp.jobs.cut import CutStore, cut_day
from nlp.jobs.triage import TriageStore, assign_day, predict_day
from nlp.ports import Encoder
from nlp.records import RunReport
from nlp.settings import Settings


class MendStore(CutStore, TriageStore, Protocol):
    """What mending reads and writes."""


def mend_days(
    store: MendStore, encoder: Encoder, day: dt.date, *, settings: Settings
) -> list[RunReport]:
    """Cut, predict and assign the days before `day` that have messages without passages."""
    reports = []
    for earlier in store.uncut_days(before=day):
        reports += [
            cut_day(store, encoder, earlier, settings=settings),
            predict_day(store, earlier, encoder_name=encoder.name, settings=settings),
            assign_day(store, earlier, encoder_name=encoder.name, settings=settings),
        ]
    return reports
