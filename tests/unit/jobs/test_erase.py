"""Erasing from a store in memory: what goes, what stays, and what is answered."""

import datetime as dt
from typing import Any

import pytest

from nlp.errors import BusyError, DecisionError, NotFoundError, SettingError
from nlp.jobs import erase as job
from nlp.jobs.cut import cut_day
from nlp.jobs.ingest import ingest_day
from nlp.jobs.triage import embed_day
from nlp.lives import Life
from nlp.records import RawRow
from nlp.settings import Settings, load
from nlp.states import Subject
from nlp.topics.life.state import State
from tests.fakes import MemoryEncoder, MemorySource, MemoryStore, OneErasure

_DAY = dt.date(2026, 3, 2)
_ENCODER = MemoryEncoder(("card", "refund"))


def _row(name: str, words: str, **fields: Any) -> RawRow:
    given = {"external_id": name, "created_at": f"{_DAY}T09:00:00Z", "text": words, **fields}
    return RawRow(name, given)


_ROWS = [
    _row("own-1", "My card is lost. Thank you", customer_id="maria"),
    _row("own-2", "A zyxquamble ate it", customer_id="maria", conversation_id="talk"),
    _row("answer", "Which zyxquamble?", conversation_id="talk", author="agent"),
    _row("other-1", "My refund is late. Thank you", customer_id="ben"),
    _row("other-2", "Same talk, another customer", customer_id="ben", conversation_id="talk"),
    _row("broken", "", customer_id="maria"),
]
_SOURCE = MemorySource("inbox", {_DAY: _ROWS})


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    """Settings with a key of their own."""
    return load(local_dir=tmp_path, hash_key="a key", _env_file=None)


@pytest.fixture
def store(settings: Settings) -> MemoryStore:
    """A day that was pulled and cut."""
    store = MemoryStore()
    ingest_day(store, _SOURCE, _DAY, settings=settings)
    embed_day(store, _ENCODER, _DAY, settings=settings)
    cut_day(store, _ENCODER, _DAY, settings=settings)
    return store


def test_a_customer_goes_with_the_talk_and_others_stay(
    store: MemoryStore, settings: Settings
) -> None:
    """Messages, the answers to them, the broken row and their embeddings go; the rest is there."""
    erasure = OneErasure(store)
    erased = job.erase(erasure, job.customer("maria", settings=settings), actor="officer")
    assert erased.counts["messages"] == 3
    assert {m.external_id for m in store.messages.values()} == {"other-1", "other-2"}
    assert store.quarantine == []
    texts = {p.text for p in store.passages.values()}
    assert all("zyxquamble" not in t and "card" not in t for t in texts)
    assert {h for _, h in store.embeddings} >= {p.text_hash for p in store.passages.values()}
    assert erasure.logged == [("officer", Subject.CUSTOMER, dict(erased.counts))]


def test_rows_of_the_erased_are_counted_and_show_nothing(
    store: MemoryStore, settings: Settings
) -> None:
    """Pulled = stored + known + quarantined, and what is in quarantine names nobody."""
    job.erase(OneErasure(store), job.customer("maria", settings=settings), actor="officer")
    counts = ingest_day(store, _SOURCE, _DAY, settings=settings).counts
    assert (counts["n_stored"], counts["n_known"], counts["n_quarantined"]) == (0, 2, 4)
    assert {(r.reason, r.external_id, r.excerpt, r.customer_hash) for r in store.quarantine} == {
        ("erased", None, "", None)
    }


def test_a_label_of_the_customers_own_word_goes(store: MemoryStore, settings: Settings) -> None:
    """A label with a word of this customer alone is replaced; what others say as well stays."""
    lives = {n: Life(n, _DAY, label) for n, label in ((1, "Eaten by a Zyxquamble"), (2, "Refund"))}
    store.state = State(lives)
    job.erase(OneErasure(store), job.customer("maria", settings=settings), actor="officer")
    assert [life.label for life in store.state.lives.values()] == ["Unnamed theme 1", "Refund"]


def test_a_message_goes_alone(store: MemoryStore, settings: Settings) -> None:
    """Other messages of the customer stay; the message is barred by its id."""
    target = job.message(" own-1 ", source=None, settings=settings)
    assert job.erase(OneErasure(store), target, actor="officer").counts["messages"] == 1
    assert len(store.messages) == 4
    assert ingest_day(store, _SOURCE, _DAY, settings=settings).counts["n_stored"] == 0


def test_each_odd_request_has_its_answer(store: MemoryStore, settings: Settings) -> None:
    """A job at work, a lost key, an id of nobody, and one that is none: each is said."""
    erasure, maria = OneErasure(store), job.customer("maria", settings=settings)
    with store.at_work(), pytest.raises(BusyError):
        job.erase(erasure, maria, actor="officer")
    lost = settings.model_copy(update={"hash_key": None})
    with pytest.raises(SettingError, match="Restore that key"):
        job.erase(erasure, job.customer("maria", settings=lost), actor="officer")
    with pytest.raises(NotFoundError, match="name its source"):
        job.erase(erasure, job.message("none", source=None, settings=settings), actor="officer")
    with pytest.raises(DecisionError, match="1 to 200 characters"):
        job.customer("  ", settings=settings)
    assert erasure.logged == []
    first, again = (job.erase(erasure, maria, actor="officer") for _ in range(2))
    assert (first.number, again.number, dict(again.counts)) == (1, None, {})
    assert again.barred_on is not None
