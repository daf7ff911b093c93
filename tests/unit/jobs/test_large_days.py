"""Days that are larger than the sample: what is read, what follows, and what is counted."""

import datetime as dt
from collections import Counter

import pytest

from nlp.jobs.replay import run_days
from nlp.states import AlertKind
from tests.fakes import MemoryStore
from tests.large_days import (
    DAYS,
    ENCODER,
    FIRST,
    MOST,
    N_EACH,
    N_NEW,
    SOURCE,
    SUBJECTS,
    settings_of,
)


def _replayed(most: int) -> MemoryStore:
    store = MemoryStore()
    run_days(store, ENCODER, DAYS, sources=[SOURCE], settings=settings_of(most))
    return store


@pytest.fixture(scope="module")
def sampled() -> MemoryStore:
    """Seven days of which discovery reads 150 passages of up to 852."""
    return _replayed(MOST)


@pytest.fixture(scope="module")
def whole() -> MemoryStore:
    """The same days, each read whole."""
    return _replayed(5_000)


def _by_subject(store: MemoryStore) -> dict[str, Counter[int | None]]:
    """The topics of each subject's messages at the end."""
    result: dict[str, Counter[int | None]] = {}
    after = DAYS[-1] + dt.timedelta(1)
    for passage, topic in store.topics_of_passages(day=after, first=FIRST).items():
        subject = store.messages[passage].external_id.split("-")[0]
        result.setdefault(subject, Counter())[topic] += 1
    return result


def test_no_more_is_read_than_the_sample(sampled: MemoryStore, whole: MemoryStore) -> None:
    """The run says how many passages were read; all messages of the day are counted."""
    for store, n_read in ((sampled, MOST), (whole, 6 * 120 + 132)):
        counts = store.runs["discover", DAYS[-1]].counts
        assert counts["n_window"] <= n_read
        assert counts["n_messages"] == 132
        assert counts["n_clustered"] >= 120


def test_every_message_has_the_topic_of_its_subject(sampled: MemoryStore) -> None:
    """Also those that were never read by discovery: they are assigned, in chunks."""
    topics = _by_subject(sampled)
    for subject in SUBJECTS:
        (_, n), *_ = topics[subject].most_common(1)
        assert n >= 0.95 * topics[subject].total(), topics
    assert len({topics[s].most_common(1)[0][0] for s in SUBJECTS}) == len(SUBJECTS)


def test_a_small_new_topic_is_alerted_on_its_day(sampled: MemoryStore) -> None:
    """Most of twelve messages of 852 are a topic of their own with an alert; no other one is."""
    (alert,) = sampled.discoveries[DAYS[-1]].alerts
    assert alert.kind == AlertKind.NEW_TOPIC
    assert 2 * N_NEW / 3 <= alert.observed <= N_NEW
    assert _by_subject(sampled)["outage"][alert.topic_id] == alert.observed
    assert alert.n_customers == alert.observed
    assert [a for day in DAYS[:-1] for a in sampled.discoveries[day].alerts] == []


def test_counts_are_of_all_messages(sampled: MemoryStore, whole: MemoryStore) -> None:
    """Each topic has the count, the size and the customers that it has where all is read."""

    def figures(store: MemoryStore) -> dict[str, tuple[int, int]]:
        days = {t.topic_id: t.n_messages for t in store.topic_days(DAYS[-1])}
        sizes = {t.topic_id: t.size for t in store.discoveries[DAYS[-1]].topics}
        named = {s: c.most_common(1)[0][0] or 0 for s, c in _by_subject(store).items()}
        return {s: (days[t], sizes[t]) for s, t in named.items()}

    read, all_read = figures(sampled), figures(whole)
    for subject in SUBJECTS:  # some of the new ones may lie in another topic
        assert read[subject] == pytest.approx(all_read[subject], abs=N_NEW / 3)
        assert read[subject] == pytest.approx((N_EACH, N_EACH * len(DAYS)), abs=N_NEW / 3)


def test_a_day_again_leaves_the_same(sampled: MemoryStore) -> None:
    """A sample is the same whenever it is drawn."""
    before = sampled.discoveries[DAYS[-1]]
    day = [DAYS[-1]]
    run_days(sampled, ENCODER, day, sources=[SOURCE], settings=settings_of(MOST))
    after = sampled.discoveries[DAYS[-1]]
    assert after.alerts == before.alerts
    assert after.topic_days == before.topic_days
    assert sorted(a.passage_id for a in after.assignments) == sorted(
        a.passage_id for a in before.assignments
    )
