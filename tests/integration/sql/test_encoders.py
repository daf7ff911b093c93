"""Which encoder the stored embeddings are of."""

import datetime as dt
import uuid

import numpy as np
from sqlalchemy import text

from sql.connect import PostgresStore

_OLD, _NEW, _ALONE = (str(uuid.UUID(int=n)) for n in (1, 2, 3))
_PASSAGE = text(
    "INSERT INTO triage.passages (passage_id, message_id, n, arrived_on, start, stop, text, "
    "text_hash) VALUES (:id, :id, 0, :day, 0, 1, 'x', :id)"
)


def test_the_newest_passages_say_which_precision_is_in_use(store: PostgresStore) -> None:
    """Of several precisions the one of the newest passages counts, and other weights never do."""
    assert store.precision_in_use("a") is None
    _embed(store, "a/int8", _ALONE)
    assert store.precision_in_use("a") == "int8"  # the day's passages are not cut yet
    _embed(store, "a/bfloat16", _OLD, _ALONE)
    _embed(store, "a/float32", _NEW, _OLD)
    _embed(store, "ab/int8", _NEW, _OLD)
    with store.engine.begin() as db:
        db.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no messages are needed
        for text_hash, day in ((_OLD, 1), (_NEW, 2)):
            db.execute(_PASSAGE, {"id": text_hash, "day": dt.date(2026, 3, day)})
    assert store.precision_in_use("a") == "float32"
    assert store.precision_in_use("ab") == "int8"
    assert store.precision_in_use("b") is None


def _embed(store: PostgresStore, encoder: str, *text_hashes: str) -> None:
    rows = np.eye(len(text_hashes), 4, dtype=np.float32)
    store.save_embeddings(encoder=encoder, text_hashes=sorted(text_hashes), embeddings=rows)
