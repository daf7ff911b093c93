"""Days that are larger than the sample that discovery reads, with a small topic on the last one."""

import datetime as dt

from nlp.records import RawRow
from nlp.settings import Settings, load
from tests.fakes import MemoryEncoder, MemorySource

FIRST = dt.date(2026, 3, 2)
DAYS = [FIRST + dt.timedelta(n) for n in range(7)]
SUBJECTS = ("card", "refund", "pin", "app")
ENCODER = MemoryEncoder((*SUBJECTS, "outage"))
N_EACH, N_NEW, MOST = 30, 12, 150
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home", "by post", "at noon")  # fmt: skip


def _rows(day: dt.date) -> list[RawRow]:
    """Thirty messages of each subject; on the last day twelve of one that nobody wrote about."""
    counts = dict.fromkeys(SUBJECTS, N_EACH)
    if day == DAYS[-1]:
        counts["outage"] = N_NEW
    return [
        RawRow(
            f"{subject}-{day}-{n}",
            {
                "external_id": f"{subject}-{day}-{n}",
                "created_at": f"{day}T10:00:00Z",
                "text": f"{subject} {_PLACES[n % 12]} {n} {day.day}",
                "customer_id": f"c{n % 20}",
            },
        )
        for subject, n_own in counts.items()
        for n in range(n_own)
    ]


SOURCE = MemorySource("inbox", {day: _rows(day) for day in DAYS})


def settings_of(most: int) -> Settings:
    """The sample is smaller than a setting may say, so that a test can be fast."""
    topics = {"young_days": 2}
    settings = load(hash_key="key", topics=topics, _env_file=None)
    return settings.model_copy(update={"sample_passages": most})
