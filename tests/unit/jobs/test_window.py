"""How far back the window reaches."""

import datetime as dt

import pytest

from nlp.jobs.cut import cut_day
from nlp.jobs.ingest import ingest_day
from nlp.jobs.triage import embed_day
from nlp.jobs.window import first_of_window, parts_of_day
from nlp.records import RawRow
from nlp.settings import Settings, load
from tests.fakes import MemoryEncoder, MemorySource, MemoryStore

_LAST = dt.date(2026, 3, 31)


class _Store(MemoryStore):
    """A store with the same number of messages on every day since a given day."""

    def __init__(self, a_day: int, *, since: dt.date = dt.date.min) -> None:
        super().__init__()
        self.a_day, self.since = a_day, since

    def count_by_day(self, *, since: dt.date, until: dt.date) -> dict[dt.date, int]:
        days = ((since + dt.timedelta(n)) for n in range((until - since).days + 1))
        return {day: self.a_day for day in days if day >= self.since}


def _settings(messages: int) -> Settings:
    return load(window_days=14, window_messages=messages, _env_file=None)


@pytest.mark.parametrize(
    ("a_day", "messages", "n_days"),
    [
        (200, 0, 14),
        (200, 2800, 14),
        (200, 2801, 15),
        (12, 3000, 250),
        (1, 3000, 365),  # at most a year
        (10_000, 3000, 14),
    ],
)
def test_it_reaches_back_until_it_holds_enough(a_day: int, messages: int, n_days: int) -> None:
    """The window grows until it has enough messages: at least its days, at most a year."""
    first = first_of_window(_Store(a_day), _LAST, settings=_settings(messages))
    assert (_LAST - first).days + 1 == n_days


@pytest.mark.parametrize(("age", "n_days"), [(5, 14), (40, 41)])
def test_it_does_not_reach_beyond_the_first_message(age: int, n_days: int) -> None:
    """The window ends at the first message, even if it has too few."""
    store = _Store(12, since=_LAST - dt.timedelta(age))
    first = first_of_window(store, _LAST, settings=_settings(3000))
    assert (_LAST - first).days + 1 == n_days


def test_without_messages_it_has_its_days() -> None:
    """In an empty store the window has its configured days."""
    first = first_of_window(MemoryStore(), _LAST, settings=_settings(3000))
    assert (_LAST - first).days + 1 == 14


def _filled(n: int) -> tuple[MemoryStore, Settings]:
    """A store with `n` embedded messages on one day."""
    store, encoder = MemoryStore(), MemoryEncoder(("card",))
    rows = [
        RawRow(str(i), {"external_id": str(i), "created_at": f"{_LAST}T10:00:00Z",
                        "text": f"My card {i} is lost"})
        for i in range(n)
    ]  # fmt: skip
    settings = load(hash_key="key", embed_shards=1, _env_file=None)
    ingest_day(store, MemorySource("inbox", {_LAST: rows}), _LAST, settings=settings)
    embed_day(store, encoder, _LAST, settings=settings)
    cut_day(store, encoder, _LAST, settings=settings)
    return store, settings


@pytest.mark.parametrize(("most", "sizes"), [(3, [3, 3, 1]), (7, [7]), (50, [7])])
def test_a_day_is_read_in_parts_of_the_sample(most: int, sizes: list[int]) -> None:
    """Every passage is in one part, in the order of ids."""
    store, settings = _filled(7)
    settings = settings.model_copy(update={"sample_passages": most})
    parts = list(parts_of_day(store, _LAST, encoder_name="memory/float32", settings=settings))
    assert [len(p.passage_ids) for p in parts] == sizes
    assert [i for p in parts for i in p.passage_ids] == sorted(store.passages)


def test_an_empty_day_is_one_empty_part() -> None:
    """So that whoever reads parts has the shape of one."""
    settings = load(_env_file=None)
    (part,) = parts_of_day(MemoryStore(), _LAST, encoder_name="x", settings=settings)
    assert part.passage_ids == []


def test_a_day_that_is_cut_in_parts_has_the_passages_of_one_cut_whole() -> None:
    """Messages of one sentence do not depend on one another."""
    store, settings = _filled(9)
    whole = dict(store.passages)
    settings = settings.model_copy(update={"sample_passages": 2})
    report = cut_day(store, MemoryEncoder(("card",)), _LAST, settings=settings)
    assert store.passages == whole
    assert (report.counts["n_messages"], report.counts["n_passages"]) == (9, 9)
