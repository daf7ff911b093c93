"""The taxonomy, labelled examples, corrections and intent predictions in Postgres."""

import datetime as dt
import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from nlp.records import Floats, Intent, LabelledExample, Prediction
from nlp.text.own import own_text
from sql.stores.copy import copy_embeddings_out, copy_rows

_HASH_OF_NOTHING = own_text("").text_hash


class IntentTables:
    """`nlp.ports.IntentStore` on Postgres."""

    engine: Engine

    def examples(self) -> list[LabelledExample]:
        """See `nlp.ports.IntentStore`."""
        query = text(
            "SELECT e.text, e.intent, e.origin FROM triage.labelled_examples e "
            "JOIN triage.intents i ON i.name = e.intent AND i.active ORDER BY e.text, e.intent"
        )
        with self.engine.connect() as connection:
            return [LabelledExample(*row) for row in connection.execute(query)]

    def save_examples(self, examples: Sequence[LabelledExample], *, origin: str) -> int:
        """See `nlp.ports.IntentStore`."""
        with self.engine.begin() as connection:
            _mend_hashes(connection)
            connection.exec_driver_sql(
                "CREATE TEMP TABLE given (text_hash uuid, intent text, text text) ON COMMIT DROP"
            )
            rows = ((own_text(e.text).text_hash, e.intent, e.text) for e in examples)
            copy_rows(connection, "given", ("text_hash", "intent", "text"), rows)
            connection.exec_driver_sql(
                "INSERT INTO triage.intents (name) SELECT DISTINCT intent FROM given "
                "ORDER BY 1 ON CONFLICT DO NOTHING"
            )
            return connection.execute(
                text(
                    "INSERT INTO triage.labelled_examples (text_hash, intent, text, origin) "
                    "SELECT DISTINCT ON (text_hash, intent) text_hash, intent, text, :origin "
                    "FROM given ORDER BY text_hash, intent, text ON CONFLICT DO NOTHING"
                ),
                {"origin": origin},
            ).rowcount

    def taxonomy(self) -> list[Intent]:
        """See `nlp.ports.IntentStore`."""
        query = text("SELECT name, description FROM triage.intents WHERE active ORDER BY name")
        with self.engine.connect() as connection:
            return [Intent(*row) for row in connection.execute(query)]

    def save_intents(self, intents: Sequence[Intent]) -> None:
        """Add intents, or change the descriptions of those that exist."""
        query = text(
            "INSERT INTO triage.intents (name, description) VALUES (:name, :description) "
            "ON CONFLICT (name) DO UPDATE SET description = excluded.description"
        )
        with self.engine.begin() as connection:
            for one in intents:
                connection.execute(query, {"name": one.name, "description": one.description})

    def corrected(self) -> list[LabelledExample]:
        """See `nlp.ports.IntentStore`."""
        query = text(
            """
            SELECT p.text, c.intent FROM (
                SELECT DISTINCT ON (message_id) message_id, intent FROM triage.corrections
                WHERE intent IS NOT NULL AND NOT as_guessed
                ORDER BY message_id, corrected_at DESC) c
            JOIN triage.passages p ON p.passage_id = c.message_id
            JOIN triage.intents i ON i.name = c.intent AND i.active
            ORDER BY p.text, c.intent
            """
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query)
            return [LabelledExample(row.text, row.intent, "correction") for row in rows]

    def training_is_due(self, *, days: int, corrections: int) -> bool:
        """Whether there are intents and the latest training is at least `days` days ago, or
        `corrections` messages or more were corrected since.
        """
        query = text(
            "SELECT EXISTS (SELECT FROM triage.intents WHERE active) AND "
            "coalesce((SELECT max(trained_at) FROM triage.model_versions), '-infinity') "
            "<= now() - make_interval(days => :days)"
        )
        with self.engine.connect() as connection:
            is_old = bool(connection.scalar(query, {"days": days}))
        return is_old or self.n_new_corrections() >= corrections

    def n_new_corrections(self) -> int:
        """How many messages were corrected since the latest model was trained."""
        query = text(
            "SELECT count(DISTINCT message_id) FROM triage.corrections WHERE intent IS NOT NULL "
            "AND NOT as_guessed AND corrected_at > "
            "coalesce((SELECT max(trained_at) FROM triage.model_versions), '-infinity')"
        )
        with self.engine.connect() as connection:
            return int(connection.scalar(query) or 0)

    def unlabelled(
        self, *, encoder: str, languages: Sequence[str], most: int
    ) -> tuple[list[str], Floats]:
        """See `nlp.ports.IntentStore`."""
        query = """
            SELECT m.text_hash, e.embedding
            FROM (SELECT p.text_hash, max(m.day) AS day FROM triage.passages p
                  JOIN triage.messages m USING (message_id)
                  WHERE m.language = ANY(%s) GROUP BY p.text_hash) m
            JOIN triage.embeddings e ON e.text_hash = m.text_hash AND e.encoder = %s
            WHERE NOT EXISTS (SELECT FROM triage.labelled_examples l
                              WHERE l.text_hash = m.text_hash)
            ORDER BY m.day DESC, m.text_hash LIMIT %s"""
        with self.engine.connect() as connection:
            ids, rows = copy_embeddings_out(connection, query, ([*languages], encoder, most))
            texts = connection.exec_driver_sql(
                "SELECT DISTINCT ON (text_hash) text_hash::text, text FROM triage.passages "
                "WHERE text_hash = ANY(%s::uuid[]) ORDER BY text_hash, arrived_on, passage_id",
                (ids,),
            ).all()
        by_hash = {row[0]: row[1] for row in texts}
        return [by_hash[i] for i in ids], rows

    def save_predictions(
        self, day: dt.date, *, model_version: str, predictions: Sequence[Prediction]
    ) -> None:
        """See `nlp.ports.IntentStore`; replaces the day's predictions of this version."""
        columns = (
            "passage_id", "model_version", "day", "intent", "probability", "runners_up",
            "abstained", "reason",
        )  # fmt: skip
        rows = (
            (
                p.passage_id, model_version, day, p.intent, p.probability,
                json.dumps(p.runners_up), p.abstained, p.reason,
            )
            for p in predictions
        )  # fmt: skip
        with self.engine.begin() as connection:
            connection.execute(
                text("DELETE FROM triage.intent_predictions WHERE day = :d AND model_version = :v"),
                {"d": day, "v": model_version},
            )
            copy_rows(connection, "triage.intent_predictions", columns, rows)


def _mend_hashes(connection: Connection) -> None:
    """Correct the hash of examples that are stored under the hash of the empty text.

    Earlier versions stored a text of placeholders alone, such as `<CARD>`, that way.
    """
    stale = {"stale": _HASH_OF_NOTHING}
    query = text("SELECT intent, text FROM triage.labelled_examples WHERE text_hash = :stale")
    move = text(
        "UPDATE triage.labelled_examples SET text_hash = :own "
        "WHERE text_hash = :stale AND intent = :intent AND NOT EXISTS (SELECT FROM "
        "triage.labelled_examples e WHERE e.text_hash = :own AND e.intent = :intent)"
    )
    for row in connection.execute(query, stale).all():
        own = own_text(row.text).text_hash
        connection.execute(move, {**stale, "own": own, "intent": row.intent})
    connection.execute(text("DELETE FROM triage.labelled_examples WHERE text_hash = :stale"), stale)


def is_uuid(value: str) -> bool:
    """Whether `value` is the text form of a UUID."""
    try:
        UUID(value)
    except ValueError:
        return False
    return True
