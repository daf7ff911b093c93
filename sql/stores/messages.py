"""Messages, passages and embeddings in Postgres."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from sqlalchemy import Engine, text

from nlp.records import DayTexts, Floats, Passage, StoredText
from nlp.topics.segments import values_of
from sql.stores.copy import copy_embeddings_in, copy_embeddings_out, copy_rows

_PASSAGE = ("passage_id", "message_id", "n", "arrived_on", "start", "stop", "text", "text_hash")
_JOIN = """
UPDATE triage.messages m SET joined_to = t.head
FROM triage.messages own
LEFT JOIN unnest(CAST(:turns AS uuid[]), CAST(:heads AS uuid[])) AS t(turn, head)
    ON t.turn = own.message_id
WHERE own.arrived_on = :day AND m.message_id = own.message_id
  AND m.joined_to IS DISTINCT FROM t.head
"""
_CUT = (
    *(
        f"DELETE FROM triage.{table} x USING triage.passages p WHERE p.arrived_on = :day "
        "AND x.passage_id = p.passage_id AND NOT EXISTS ("
        "SELECT FROM cut c WHERE c.passage_id = p.passage_id)"
        for table in ("memberships", "intent_predictions")
    ),
    "DELETE FROM triage.passages WHERE arrived_on = :day",
    "INSERT INTO triage.passages SELECT * FROM cut",
    _JOIN,
)
_WINDOW = """
SELECT p.passage_id::text, p.message_id::text, p.text_hash::text, p.text, p.arrived_on, m.source,
       coalesce(m.customer_hash, m.message_id::text)
FROM triage.passages p JOIN triage.messages m USING (message_id)
WHERE p.arrived_on BETWEEN :first AND :last AND m.language = ANY(:languages) {only} {after}
  AND EXISTS (SELECT FROM triage.embeddings e
              WHERE e.encoder = :encoder AND e.text_hash = p.text_hash)
ORDER BY p.passage_id LIMIT :most
"""


class MessageTables:
    """`nlp.ports.MessageStore` on Postgres."""

    engine: Engine

    def count_by_day(self, *, since: dt.date, until: dt.date) -> dict[dt.date, int]:
        """See `nlp.ports.MessageStore`."""
        query = text(
            "SELECT arrived_on, count(*) FROM triage.messages "
            "WHERE arrived_on BETWEEN :since AND :until GROUP BY 1 ORDER BY 1"
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query, {"since": since, "until": until})
            return {row[0]: row[1] for row in rows}

    def texts_of(
        self,
        *,
        first: dt.date,
        last: dt.date,
        languages: Sequence[str] | None = None,
        most: int | None = None,
    ) -> list[StoredText]:
        """See `nlp.ports.MessageStore`."""
        query = text(
            "SELECT message_id::text, text, arrived_on, created_at, "
            "source || ' ' || conversation_id FROM triage.messages "
            "WHERE arrived_on BETWEEN :first AND :last "
            "AND (CAST(:languages AS text[]) IS NULL OR language = ANY(:languages)) "
            "ORDER BY message_id LIMIT :most"
        )
        values = {
            "first": first, "last": last, "most": most,
            "languages": None if languages is None else list(languages),
        }  # fmt: skip
        with self.engine.connect() as connection:
            return [StoredText(*row) for row in connection.execute(query, values)]

    def save_passages(
        self, day: dt.date, passages: Sequence[Passage], *, joined_to: Mapping[str, str]
    ) -> None:
        """See `nlp.ports.MessageStore`; all of it is one transaction."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TEMP TABLE cut ON COMMIT DROP AS SELECT * FROM triage.passages LIMIT 0"
            )
            rows = (
                [p.passage_id, p.message_id, p.n, day, p.start, p.stop, p.text, p.text_hash]
                for p in passages
            )
            copy_rows(connection, "cut", _PASSAGE, rows)
            values = {"day": day, "turns": [*joined_to], "heads": [*joined_to.values()]}
            for statement in _CUT:
                connection.execute(text(statement), values)

    def unembedded(self, text_hashes: Collection[str], *, encoder: str) -> set[str]:
        """See `nlp.ports.MessageStore`."""
        query = text(
            "SELECT h::text FROM unnest(CAST(:hashes AS uuid[])) h WHERE NOT EXISTS ("
            "SELECT FROM triage.embeddings e WHERE e.text_hash = h AND e.encoder = :encoder)"
        )
        with self.engine.connect() as connection:
            values = {"hashes": list(text_hashes), "encoder": encoder}
            return set(connection.execute(query, values).scalars())

    def save_embeddings(
        self, *, encoder: str, text_hashes: Sequence[str], embeddings: Floats
    ) -> None:
        """See `nlp.ports.MessageStore`; an embedding that is stored already stays as it is."""
        if not len(text_hashes):
            return
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TEMP TABLE embedded (text_hash uuid, embedding halfvec) ON COMMIT DROP"
            )
            copy_embeddings_in(connection, "embedded", text_hashes, embeddings)
            connection.execute(
                text(
                    "INSERT INTO triage.embeddings (text_hash, encoder, embedding) "
                    "SELECT text_hash, :encoder, embedding FROM embedded ON CONFLICT DO NOTHING"
                ),
                {"encoder": encoder},
            )

    def embeddings_of(self, text_hashes: Sequence[str], *, encoder: str) -> dict[str, Floats]:
        """See `nlp.ports.MessageStore`."""
        with self.engine.connect() as connection:
            ids, vectors = copy_embeddings_out(
                connection,
                "SELECT text_hash, embedding FROM triage.embeddings "
                "WHERE encoder = %s AND text_hash = ANY(%s::uuid[]) ORDER BY text_hash",
                (encoder, list(text_hashes)),
            )
        return dict(zip(ids, vectors, strict=True))

    def window(
        self,
        *,
        first: dt.date,
        last: dt.date,
        encoder: str,
        languages: Sequence[str],
        only: Collection[str] | None = None,
        after: str | None = None,
        most: int | None = None,
    ) -> DayTexts:
        """See `nlp.ports.MessageStore`."""
        values = {
            "first": first, "last": last, "languages": list(languages), "encoder": encoder,
            "only": None if only is None else list(only), "after": after, "most": most,
        }  # fmt: skip
        query = _WINDOW.format(
            only="" if only is None else "AND p.passage_id = ANY(CAST(:only AS uuid[]))",
            after="" if after is None else "AND p.passage_id > CAST(:after AS uuid)",
        )
        with self.engine.connect() as connection:
            rows = connection.execute(text(query), values).all()
            hashes, vectors = copy_embeddings_out(
                connection,
                "SELECT text_hash, embedding FROM triage.embeddings "
                "WHERE encoder = %s AND text_hash = ANY(%s::uuid[])",
                (encoder, list({row[2] for row in rows})),
            )
        at = {text_hash: i for i, text_hash in enumerate(hashes)}
        rows = [row for row in rows if row[2] in at]
        index = np.array([at[row[2]] for row in rows], dtype=np.intp)
        return DayTexts(
            passage_ids=[row[0] for row in rows],
            message_ids=[row[1] for row in rows],
            texts=[row[3] for row in rows],
            arrived_on=[row[4] for row in rows],
            sources=[row[5] for row in rows],
            embeddings=vectors[index] if rows else vectors,
            customers=[row[6] for row in rows],
        )

    def attributes_of(
        self, *, first: dt.date, last: dt.date, only: Collection[str] | None = None
    ) -> dict[str, dict[str, str]]:
        """See `nlp.ports.MessageStore`."""
        query = text(
            "SELECT message_id::text, channel, attributes FROM triage.messages "
            "WHERE arrived_on BETWEEN :first AND :last "
            "AND (channel IS NOT NULL OR attributes <> '{}')"
            + ("" if only is None else " AND message_id = ANY(CAST(:only AS uuid[]))")
        )
        values = {"first": first, "last": last, "only": None if only is None else list(only)}
        with self.engine.connect() as connection:
            rows = connection.execute(query, values)
            return {row[0]: values_of(row[1], row[2]) for row in rows}

    def unsupported(self, day: dt.date, *, languages: Sequence[str]) -> list[str]:
        """See `nlp.ports.MessageStore`."""
        query = text(
            "SELECT passage_id::text FROM triage.passages JOIN triage.messages m "
            "USING (message_id) WHERE m.arrived_on = :day AND m.language <> ALL(:languages) "
            "ORDER BY passage_id"
        )
        with self.engine.connect() as connection:
            values = {"day": day, "languages": list(languages)}
            return list(connection.execute(query, values).scalars())
