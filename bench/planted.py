"""Days of a large inbox, written with COPY: real embeddings, varied, of known topics."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, text

from bench import data as sets
from nlp.ports import Encoder
from nlp.records import Floats, Topic
from nlp.topics.assign import Members, assign, centroid_of, radius_of
from nlp.topics.config import TopicConfig
from sql.stores.copy import copy_embeddings_in, copy_rows

_SPREAD = 0.3
"""Length of what is added to an embedding of length 1: variants of a text have a cosine of .92."""
_STRAY = 0.05
"""Share of the messages that belong to no topic: two texts in one, much varied."""
_N_MEMBERS = 20_000
"""Messages of earlier days that an assignment is compared with."""
_EACH = 25
"""Texts of each intent that are varied."""
_UNCLAIMED = 0.05
"""Share of the others that earlier days left without a topic."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What customers write: texts (t,) with their embeddings and topics; the last is new."""

    texts: list[str]
    rows: Floats
    topic_of: np.ndarray
    """(t,), 0..k-1."""

    @property
    def new(self) -> int:
        """The topic that nobody has written about yet."""
        return int(self.topic_of.max())

    @classmethod
    def read(cls, folder: Path, encoder: Encoder) -> "Inbox":
        """Banking77 and HWU64 train; the intent of most letters is the new one."""
        read = [sets.read(folder, name) for name in ("Banking77 train", "HWU64 train")]
        pairs = [pair for both in read for pair in zip(*both, strict=True)]
        seen: Counter[str] = Counter()
        pairs = [(t, i) for t, i in dict(pairs).items() if (seen.update([i]) or seen[i]) <= _EACH]
        names = sorted({intent for _, intent in pairs}, key=lambda n: (len(n), n))
        code = {name: n for n, name in enumerate(names)}
        texts = [t for t, _ in pairs]
        return cls(texts, encoder.encode(texts), np.array([code[i] for _, i in pairs]))


def fill(
    engine: Engine, inbox: Inbox, *, per_day: int, n_days: int, n_new: int, encoder: str
) -> dt.date:
    """Write `n_days` days as runs left them, and two that no run has seen; return the first.

    `n_new` messages of the last one are of the new topic, on the channel `new`.
    """
    first = dt.date(2026, 3, 2)
    with engine.begin() as connection:  # to fill its index would take longer than all else
        connection.exec_driver_sql("DROP INDEX triage.messages_search")
    fill_topics(engine, inbox, first=first, last=first + dt.timedelta(n_days - 1))
    for n in range(n_days + 2):
        fill_day(
            engine, inbox, first + dt.timedelta(n), n=per_day, encoder=encoder, first=first,
            n_new=n_new * (n > n_days), is_claimed=n < n_days,
        )  # fmt: skip
    fill_assigned(engine, inbox, first=first)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return first


def fill_day(
    engine: Engine,
    inbox: Inbox,
    day: dt.date,
    *,
    n: int,
    encoder: str,
    first: dt.date,
    n_new: int = 0,
    is_claimed: bool = True,
) -> None:
    """Write a day of `n` messages with passages and embeddings; the last `n_new` are of the new
    topic. If it `is_claimed`, most have the topic that they are of, as a run would leave them."""
    rng = np.random.default_rng(day.toordinal())
    usual = np.flatnonzero(inbox.topic_of != inbox.new)
    share = 1 / (1 + np.argsort(np.random.default_rng(0).permutation(inbox.new + 1)))
    weight = share[inbox.topic_of[usual]] / np.bincount(inbox.topic_of)[inbox.topic_of[usual]]
    picked = rng.choice(usual, n, p=weight / weight.sum())
    if n_new:
        picked[-n_new:] = rng.choice(np.flatnonzero(inbox.topic_of == inbox.new), n_new)
    is_stray = (rng.random(n) < _STRAY) & (np.arange(n) < n - n_new)
    rows = _varied(inbox.rows[picked], rng, _SPREAD)
    other = inbox.rows[rng.choice(usual, int(is_stray.sum()))]
    rows[is_stray] = _varied((rows[is_stray] + other) / np.sqrt(2), rng, 3 * _SPREAD)
    topics = inbox.topic_of[picked]
    topics[is_stray | (rng.random(n) < _UNCLAIMED)] = -1
    ids = [str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(n)]
    with engine.begin() as connection:
        connection.execute(text("SELECT triage.ensure_month(:d)"), {"d": day})
        _write(connection, day, ids, [inbox.texts[i] for i in picked], rows, encoder, n_new)
        if is_claimed:
            claims = ((m, m, day, day, "discover", named(first, t), 0.8 if t >= 0 else 0.0)
                      for m, t in zip(ids, topics.tolist(), strict=True))  # fmt: skip
            copy_rows(connection, "triage.memberships", _CLAIM, claims)
            _run(connection, day)


_MESSAGE = ("message_id", "source", "external_id", "created_at", "day", "arrived_on", "text",
            "text_hash", "language", "channel", "customer_hash", "attributes")  # fmt: skip
_PASSAGE = ("passage_id", "message_id", "n", "arrived_on", "start", "stop", "text", "text_hash")
_CLAIM = (
    "passage_id", "message_id", "arrived_on", "decided_on", "stage", "topic_id", "strength",
)  # fmt: skip


def named(first: dt.date, topic: int) -> int | None:
    """The id of a topic born on the first day; None for -1."""
    return None if topic < 0 else int(f"{first:%Y%m%d}") * 1000 + topic + 1


def _varied(rows: Floats, rng: np.random.Generator, spread: float) -> Floats:
    noise = rng.standard_normal(rows.shape, dtype=np.float32) / np.sqrt(rows.shape[1])
    varied = rows + np.float32(spread) * noise
    result: Floats = (varied / np.linalg.norm(varied, axis=1, keepdims=True)).astype(np.float32)
    return result


def _write(
    connection: Connection,
    day: dt.date,
    ids: list[str],
    texts: list[str],
    rows: Floats,
    name: str,
    n_new: int,
) -> None:
    countries = ("DE", "FR", "GB", "US")
    messages = ((m, "inbox", m, f"{day}T10:00:00Z", day, day, t, m, "en",
                 "new" if n >= len(ids) - n_new else "chat", f"c{n % 40_000}",
                 {"country": countries[n % 4]})
                for n, (m, t) in enumerate(zip(ids, texts, strict=True)))  # fmt: skip
    copy_rows(connection, "triage.messages", _MESSAGE, messages)
    passages = ((m, m, 1, day, 0, len(t), t, m) for m, t in zip(ids, texts, strict=True))
    copy_rows(connection, "triage.passages", _PASSAGE, passages)
    connection.exec_driver_sql(
        "CREATE TEMP TABLE embedded (text_hash uuid, embedding halfvec) ON COMMIT DROP"
    )
    copy_embeddings_in(connection, "embedded", ids, rows)
    connection.execute(
        text(
            "INSERT INTO triage.embeddings (text_hash, encoder, embedding) "
            "SELECT text_hash, :encoder, embedding FROM embedded ORDER BY text_hash"
        ),
        {"encoder": name},
    )


def _run(connection: Connection, day: dt.date) -> None:
    """Record that the day was discovered."""
    connection.execute(
        text(
            "INSERT INTO triage.runs (day, job, counts, seconds, settings, code_version) "
            "VALUES (:d, 'discover', '{\"n_messages\": 0}', '{}', '{}', 'bench')"
        ),
        {"d": day},
    )


def fill_topics(engine: Engine, inbox: Inbox, *, first: dt.date, last: dt.date) -> None:
    """Write the topics, born on the `first` day, in their state at the end of the `last`."""
    with engine.begin() as connection:
        copy_rows(
            connection,
            "triage.topics",
            ("topic_id", "label", "label_source", "keywords", "exemplars", "status", "born_on",
             "updated_on"),
            ((named(first, t), f"Topic {t}", "model", [], [], "active", first, last)
             for t in range(inbox.new)),
        )  # fmt: skip
        copy_rows(
            connection,
            "triage.topic_states",
            ("topic_id", "day", "centroid", "radius", "size", "label", "keywords", "exemplars",
             "status", "last_on"),
            _states(inbox, first, last),
        )  # fmt: skip


def _states(inbox: Inbox, first: dt.date, last: dt.date) -> Iterator[list[object]]:
    rng = np.random.default_rng(1)
    for topic in range(inbox.new):
        rows = _varied(inbox.rows[inbox.topic_of == topic], rng, _SPREAD)
        centroid = centroid_of(rows)
        vector = "[" + ",".join(map(repr, centroid.tolist())) + "]"
        yield [named(first, topic), last, vector, radius_of(rows, centroid), len(rows),
               f"Topic {topic}", [], [], "active", last]  # fmt: skip


def fill_assigned(engine: Engine, inbox: Inbox, *, first: dt.date) -> None:
    """Write what the days' own assignment said, before discovery: by text, none or its topic."""
    rng = np.random.default_rng(2)
    usual = np.flatnonzero(inbox.topic_of != inbox.new)
    picked = rng.choice(usual, _N_MEMBERS)
    rows = _varied(inbox.rows[picked], rng, _SPREAD)
    topics = []
    for topic in range(inbox.new):
        own = rows[inbox.topic_of[picked] == topic]
        centroid = centroid_of(own)
        name = topic + 1
        topics.append(Topic(name, first, "", (), (), centroid, radius_of(own, centroid), len(own)))
    assigned = assign(
        [str(n) for n in usual],
        _varied(inbox.rows[usual], rng, _SPREAD),
        topics=topics,
        members=Members(rows, (inbox.topic_of[picked] + 1).tolist()),
        config=TopicConfig(),
    )
    claimed = ((inbox.texts[n],) for n, a in zip(usual, assigned, strict=True) if a.topic_id)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE claimed (text text) ON COMMIT DROP")
        copy_rows(connection, "claimed", ("text",), claimed)
        connection.exec_driver_sql(
            "INSERT INTO triage.memberships "
            "(passage_id, message_id, arrived_on, decided_on, stage, topic_id, strength) "
            "SELECT a.passage_id, a.message_id, a.arrived_on, a.decided_on, "
            "'assign', CASE WHEN c.text IS NOT NULL THEN a.topic_id END, a.strength "
            "FROM triage.memberships a JOIN triage.passages p USING (passage_id) "
            "LEFT JOIN claimed c ON c.text = p.text WHERE a.stage = 'discover'"
        )
