"""A day of three themes of eight messages each, in Postgres, as a run leaves them.

The same four customers wrote about all three, two messages each.
"""

import datetime as dt
import uuid
from dataclasses import replace

import numpy as np
from sqlalchemy import text

from nlp.records import Alert, Assignment, Discovery, Floats, Topic, TopicDay, TopicEvent
from sql.connect import PostgresStore

DAY = dt.date(2026, 3, 9)
NEXT = DAY + dt.timedelta(1)
CARD, PIN, APP = 20260302001, 20260302002, 20260302003
NAMES = {CARD: "Card lost", PIN: "Pin blocked", APP: "App crashes"}
N_EACH = 8


def vector(topic: int, n: int = 0) -> Floats:
    """Near the axis of the topic; odd messages lean to one side, even ones to the other."""
    result = np.zeros(8, dtype=np.float32)
    result[topic % 1000] = 1.0
    result[5 + n % 2] = 0.3
    return result / np.float32(np.linalg.norm(result))


def message_id(topic: int, n: int) -> str:
    """The id of the n-th message of a theme."""
    return str(uuid.UUID(int=topic * 1000 + n))


def discovery(topics: list[int]) -> Discovery:
    """What a run of the day finds: these themes, each as large as before."""
    return Discovery(
        topics=[
            Topic(t, dt.date(2026, 3, 2), NAMES.get(t, "?"), ("word",), (message_id(t, 0),),
                  vector(t), 0.5, N_EACH, last_on=DAY)
            for t in topics
        ],
        assignments=[],
        topic_days=[TopicDay(t, N_EACH, 5.0, 9.0, 0.5, "steady") for t in topics],
        events=[],
        alerts=[Alert(topics[0], "surge", N_EACH, 2.0, 1e-6, "high")],
    )  # fmt: skip


def run(store: PostgresStore, day: dt.date, result: Discovery) -> None:
    """Save it as the run of a day."""
    store.save_discovery(day, result)
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO triage.runs (job, day, counts, seconds, settings, code_version) "
                "VALUES ('discover', :d, '{\"n_messages\": 24}', '{}', '{}', 'test'), "
                "('ingest:inbox', :d, '{}', '{}', '{}', 'test') ON CONFLICT DO NOTHING"
            ),
            {"d": day},
        )


def fill(store: PostgresStore) -> None:
    """Write the day into an empty store."""
    with store.engine.begin() as connection:
        connection.execute(text("SELECT triage.ensure_month(:d)"), {"d": DAY})
        for topic, name in NAMES.items():
            for n in range(N_EACH):
                connection.execute(
                    text(
                        "WITH new AS (INSERT INTO triage.messages (message_id, source, external_id,"
                        " created_at, day, arrived_on, text, text_hash, language, channel, "
                        "customer_hash) VALUES "
                        "(CAST(:id AS uuid), 'inbox', :id, :d, :d, :d, :text, CAST(:id AS uuid), "
                        "'en', 'chat', :customer)), cut AS (INSERT INTO triage.passages VALUES "
                        "(CAST(:id AS uuid), CAST(:id AS uuid), 1, :d, 0, length(:text), :text, "
                        "CAST(:id AS uuid))) INSERT INTO triage.embeddings VALUES "
                        "(CAST(:id AS uuid), 'test', CAST(:v AS halfvec))"
                    ),
                    {
                        "id": message_id(topic, n), "d": DAY, "text": f"{name} again {n}",
                        "v": str(vector(topic, n).tolist()), "customer": f"{n // 2:032x}",
                    },
                )  # fmt: skip
        connection.execute(text("INSERT INTO triage.intents (name) VALUES ('card_lost'), ('pin')"))
    assigned = [Assignment(message_id(t, n), t, 0.8) for t in NAMES for n in range(N_EACH)]
    run(store, DAY, discovery(list(NAMES)))
    store.save_assignments(DAY, assigned)
    run(store, DAY, discovery(list(NAMES)))


def merge_by_a_run(store: PostgresStore) -> None:
    """The run of the next day merges PIN into CARD and moves its messages, with an event."""
    moved = [Assignment(message_id(PIN, n), CARD, 0.7) for n in range(N_EACH)]
    merge = TopicEvent("merge", PIN, CARD, "both in one cluster on several days running")
    result = replace(discovery([CARD, APP]), assignments=moved, events=[merge])
    run(store, NEXT, result)
