"""What is stored of a customer or a message, and what others say, read from Postgres."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from nlp.records import Floats, LearntModel, Target, Trace
from nlp.states import Subject
from nlp.text.traces import words_of
from sql.stores.copy import copy_embeddings_out
from sql.stores.erasures.strings import ALL
from sql.stores.turns import work_alone

# Of a conversation of the customer, the messages that name no customer are erased with it: the
# turns of agents and bots, and those that the source gives without an id.
_OF_CUSTOMER = """
SELECT message_id, day FROM triage.messages WHERE customer_hash = :customer_hash
UNION
SELECT o.message_id, o.day FROM triage.messages m JOIN triage.messages o
    ON o.conversation_id = m.conversation_id AND o.source = m.source AND o.customer_hash IS NULL
WHERE m.customer_hash = :customer_hash
"""
_OF_MESSAGE = """
SELECT message_id, day FROM triage.messages WHERE external_id = ANY(:external_ids)
    AND (CAST(:source AS text) IS NULL OR source = :source)
"""
_TRACES = """
SELECT m.message_id::text AS message_id, m.source, m.external_id, m.day, m.arrived_on, m.created_at,
       m.source || ' ' || m.conversation_id AS conversation, m.text,
       array_remove(ARRAY[m.subject], NULL) || ARRAY(
           SELECT z->>1 FROM jsonb_array_elements(m.zones) z) || ARRAY(
           SELECT v #>> '{{}}' FROM jsonb_each(m.attributes) a(k, v)
           WHERE jsonb_typeof(v) = 'string') AS around,
       ARRAY[m.text_hash::text] || ARRAY(
           SELECT p.text_hash::text FROM triage.passages p
           WHERE p.message_id = m.message_id) AS hashes
FROM triage.messages m JOIN ({found}) f USING (message_id, day) ORDER BY m.message_id
"""
_SOURCES = """
SELECT source FROM triage.messages WHERE external_id = ANY(:ids)
UNION SELECT source FROM triage.quarantine WHERE external_id = ANY(:ids) ORDER BY 1
"""
_UNSAID = """
SELECT p FROM unnest(CAST(:phrases AS text[])) p
WHERE numnode(phraseto_tsquery('english', p)) > 0 AND NOT EXISTS (
    SELECT FROM triage.messages m
    WHERE to_tsvector('english', m.text) @@ phraseto_tsquery('english', p))
"""
_LATEST = """
SELECT concat_ws(' ', text, subject, attributes::text, (
    SELECT string_agg(z->>1, ' ') FROM jsonb_array_elements(zones) z))
FROM triage.messages ORDER BY day DESC LIMIT 5000
"""
_BARRED_ON = """
SELECT max(e.erased_at) FROM triage.tombstones t JOIN triage.erasures e USING (erasure_no)
WHERE t.kind = :kind AND (
    t.hash = triage.tombstone('customer', :customer_hash)
    OR t.hash = ANY(SELECT triage.tombstone('message', m)
                    FROM unnest(CAST(:message_ids AS text[])) m))
"""


class ErasureReads:
    """The half of `nlp.ports.ErasureStore` that reads."""

    connection: Connection

    def take_turn(self, *, seconds: int) -> None:
        """See `nlp.ports.ErasureStore`."""
        work_alone(self.connection, seconds=seconds)

    def key_marks(self) -> set[str]:
        """See `nlp.ports.ErasureStore`."""
        query = (
            "SELECT DISTINCT settings->'customer_key'->>'mark' FROM triage.runs "
            "WHERE job LIKE 'ingest:%' AND settings ? 'customer_key'"
        )
        return set(self.connection.scalars(text(query)))

    def sources_of(self, external_ids: Sequence[str]) -> list[str]:
        """See `nlp.ports.ErasureStore`."""
        return list(self.connection.scalars(text(_SOURCES), {"ids": list(external_ids)}))

    def barred_on(self, target: Target, message_ids: Sequence[str]) -> dt.datetime | None:
        """See `nlp.ports.ErasureStore`."""
        values = {
            "kind": target.kind,
            "customer_hash": target.customer_hash,
            "message_ids": list(message_ids),
        }
        barred_on: dt.datetime | None = self.connection.scalar(text(_BARRED_ON), values)
        return barred_on

    def traces(self, target: Target) -> list[Trace]:
        """See `nlp.ports.ErasureStore`."""
        query = _OF_CUSTOMER if target.kind == Subject.CUSTOMER else _OF_MESSAGE
        values = {
            "customer_hash": target.customer_hash,
            "external_ids": list(target.external_ids),
            "source": target.source,
        }
        rows = self.connection.execute(text(_TRACES.format(found=query)), values)
        return [
            Trace(**{**row, "around": tuple(row["around"]), "hashes": tuple(row["hashes"])})
            for row in rows.mappings()
        ]

    def strings(self) -> set[str]:
        """See `nlp.ports.ErasureStore`."""
        return set(self.connection.scalars(text(ALL)))

    def unsaid(self, phrases: Collection[str]) -> set[str]:
        """See `nlp.ports.ErasureStore`; what the latest messages say needs no search."""
        rare = self._not_in(_LATEST, phrases)
        unsaid = set(self.connection.scalars(text(_UNSAID), {"phrases": sorted(rare)}))
        return self._not_in("SELECT text FROM triage.labelled_examples", unsaid)

    def _not_in(self, query: str, phrases: Collection[str]) -> set[str]:
        """Those of `phrases` that no text of a query has."""
        if not phrases:
            return set()
        rows = [words_of(row) for row in self.connection.scalars(text(query))]
        words = {w for row in rows for w in row}
        spelled = "\n".join(f" {' '.join(row)} " for row in rows)
        return {p for p in phrases if p not in words and (" " not in p or f" {p} " not in spelled)}

    def models(self) -> list[LearntModel]:
        """See `nlp.ports.ErasureStore`."""
        query = text(
            "SELECT version, encoder, artefact, card, registry_ref FROM triage.model_versions "
            "ORDER BY version"
        )
        rows = self.connection.execute(query)
        return [
            LearntModel(r.version, r.encoder, bytes(r.artefact), r.card, r.registry_ref)
            for r in rows
        ]

    def vectors_of(self, text_hashes: Collection[str]) -> dict[str, Floats]:
        """See `nlp.ports.ErasureStore`."""
        encoders = self.connection.scalars(
            text("SELECT DISTINCT encoder FROM triage.model_versions")
        ).all()
        query = (
            "SELECT text_hash, embedding FROM triage.embeddings "
            "WHERE encoder = %s AND text_hash = ANY(%s::uuid[]) ORDER BY text_hash"
        )
        hashes = sorted(text_hashes)
        return {
            name: copy_embeddings_out(self.connection, query, (name, hashes))[1]
            for name in encoders
        }
