"""Days that are larger than the sample, on the real store: as on the store in memory."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import text

from nlp.jobs.replay import run_days
from sql.connect import PostgresStore
from tests.fakes import MemoryStore
from tests.large_days import DAYS, ENCODER, FIRST, MOST, SOURCE, settings_of

_LAST = DAYS[3]


@pytest.fixture
def stores(store: PostgresStore) -> tuple[PostgresStore, MemoryStore]:
    """Both stores after four days, of which discovery read a sample."""
    memory = MemoryStore()
    for one in (store, memory):
        run_days(one, ENCODER, DAYS[:4], sources=[SOURCE], settings=settings_of(MOST))
    return store, memory


def test_the_real_store_draws_and_counts_as_the_one_in_memory(
    stores: tuple[PostgresStore, MemoryStore],
) -> None:
    """Pools, counts by topic, and what discovery made of them are equal; so is every part."""
    real, memory = stores
    living = {t.topic_id for t in memory.topics_on_eve(_LAST)}
    assert living
    options = {"day": _LAST, "first": FIRST, "languages": ["en"], "most": 120}
    for some in (living, {min(living)}, set()):
        for last in (_LAST, _LAST - dt.timedelta(1)):
            got, wanted = (s.pools(last=last, living=some, **options) for s in stores)
            assert got == wanted
    assert real.pools(last=_LAST, living=living, **{**options, "most": 5_000}) is None
    assert sorted(real.topic_days(_LAST), key=lambda t: t.topic_id) == memory.topic_days(_LAST)
    for day in DAYS[:4]:
        got, wanted = ({r.job: dict(r.counts) for r in s.runs_of(day)} for s in stores)
        assert got == wanted
    whole = real.window(first=FIRST, last=_LAST, encoder=ENCODER.name, languages=["en"])
    some = whole.passage_ids[10:40:3]
    part = real.window(first=FIRST, last=_LAST, encoder=ENCODER.name, languages=["en"], only=some)
    assert part.passage_ids == some
    assert (part.embeddings == whole.embeddings[10:40:3]).all()
    after = real.window(
        first=FIRST, last=_LAST, encoder=ENCODER.name, languages=["en"],
        after=whole.passage_ids[9], most=4,
    )  # fmt: skip
    assert after.passage_ids == whole.passage_ids[10:14]
    known = real.topics_of_passages(day=_LAST, first=FIRST)
    assert real.topics_of_passages(day=_LAST, first=FIRST, only=some) == {p: known[p] for p in some}
    (topic, *_) = living
    assert real.topics_of_passages(day=_LAST, first=FIRST, of={topic}) == {
        p: t for p, t in known.items() if t == topic
    }


def test_what_came_without_a_topic_stays_so_when_it_gets_one(
    stores: tuple[PostgresStore, MemoryStore],
) -> None:
    """A message is compared with those that came alike: the first day came without any topic."""
    real, _ = stores
    living = {t.topic_id for t in real.topics_on_eve(_LAST)}
    pools = real.pools(
        day=_LAST, first=FIRST, last=_LAST, languages=["en"], living=living, most=300
    )
    assert pools is not None
    with real.engine.connect() as connection:
        query = text("SELECT passage_id::text FROM triage.passages WHERE arrived_on = :d")
        first_day = set(connection.execute(query, {"d": FIRST}).scalars())
    assert not first_day & {*pools.claimed}
    assert replace(pools, earlier=[]) != pools
