"""What an erasure deletes, blanks and bars in Postgres."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, text

from nlp.records import LearntModel, Target
from nlp.states import Kept, Subject
from sql.stores.erasures import expiry
from sql.stores.erasures import strings as written
from sql.stores.erasures.rows import ORPHANS, delete_messages
from sql.stores.seal import Seal

_GONE_HASHES = """
SELECT h::text FROM unnest(CAST(:hashes AS uuid[])) h
WHERE NOT EXISTS (SELECT FROM triage.messages m WHERE m.text_hash = h)
  AND NOT EXISTS (SELECT FROM triage.passages p WHERE p.text_hash = h)
"""
_QUARANTINE = """
DELETE FROM triage.quarantine WHERE customer_hash = :customer_hash
    OR external_id = ANY(:external_ids) AND (CAST(:source AS text) IS NULL OR source = :source)
    OR (source, external_id) IN (SELECT source, external_id FROM gone)
"""
_EXAMPLES = """
UPDATE triage.model_versions SET examples = (
    SELECT coalesce(jsonb_agg(e ORDER BY n), '[]')
    FROM jsonb_array_elements(examples) WITH ORDINALITY u(e, n) WHERE e->>0 <> ALL(:hashes))
WHERE EXISTS (SELECT FROM jsonb_array_elements(examples) e WHERE e->>0 = ANY(:hashes))
"""
_STORED = """
SELECT artefact, artefact_sha256, signature FROM triage.model_versions WHERE version = :v
"""
_MODEL = """
UPDATE triage.model_versions SET artefact = :artefact, artefact_sha256 = :sha, signature = :s
WHERE version = :v
"""
_BAR = """
INSERT INTO triage.tombstones (hash, kind, key_mark, erasure_no)
SELECT triage.tombstone(:kind, id), :kind, :mark, :number
FROM unnest(CAST(:ids AS text[])) id ON CONFLICT (hash) DO UPDATE SET
    key_mark = excluded.key_mark
"""
_LOG = """
INSERT INTO triage.erasures (actor, kind, subjects, counts)
SELECT :actor, :kind, ARRAY(SELECT triage.tombstone(:kind, id)
                            FROM unnest(CAST(:ids AS text[])) id), CAST(:counts AS jsonb)
RETURNING erasure_no
"""


class ErasureWrites:
    """The half of `nlp.ports.ErasureStore` that writes."""

    connection: Connection
    seal: Seal

    def delete(
        self, target: Target, message_ids: Sequence[str], text_hashes: Collection[str]
    ) -> dict[str, int]:
        """See `nlp.ports.ErasureStore`."""
        counts = delete_messages(self.connection, message_ids, is_erasure=True)
        values = {
            "customer_hash": target.customer_hash,
            "external_ids": list(target.external_ids),
            "source": target.source,
        }
        counts["quarantine"] = self.connection.execute(text(_QUARANTINE), values).rowcount
        gone = self._gone(text_hashes)
        for table, statement in ORPHANS.items():
            counts[table] = self.connection.execute(text(statement), {"hashes": gone}).rowcount
        counts["model_versions"] = self.connection.execute(
            text(_EXAMPLES), {"hashes": gone}
        ).rowcount
        return counts

    def unused(self, message_ids: Sequence[str], text_hashes: Collection[str]) -> set[str]:
        """See `nlp.ports.ErasureStore`."""
        others = " AND m.message_id <> ALL(CAST(:ids AS uuid[])))"
        query = _GONE_HASHES.replace("m.text_hash = h)", f"m.text_hash = h{others}")
        query = query.replace(
            "p.text_hash = h)", f"p.text_hash = h{others.replace('m.message', 'p.message')}"
        )
        values = {"hashes": list(text_hashes), "ids": list(message_ids)}
        return set(self.connection.scalars(text(query), values))

    def _gone(self, text_hashes: Collection[str]) -> list[str]:
        values = {"hashes": list(text_hashes)}
        return list(self.connection.scalars(text(_GONE_HASHES), values))

    def blank(self, strings: Collection[str]) -> dict[str, int]:
        """See `nlp.ports.ErasureStore`."""
        return written.blank(self.connection, strings)

    def save_model(self, model: LearntModel) -> None:
        """See `nlp.ports.ErasureStore`. Raises ModelError where what it replaces is not sealed."""
        stored = self.connection.execute(text(_STORED), {"v": model.version}).one()
        self.seal.check(
            model.version,
            bytes(stored.artefact),
            sha256=stored.artefact_sha256,
            signature=stored.signature,
        )
        values = {
            "v": model.version,
            "s": self.seal.signature(model.version, model.artefact),
            "artefact": model.artefact,
            "sha": hashlib.sha256(model.artefact).hexdigest(),
        }
        self.connection.execute(text(_MODEL), values)

    def expire(self, kind: Kept, *, before: dt.date, most: int) -> int:
        """See `nlp.ports.ErasureStore`."""
        return expiry.expire(self.connection, kind, before=before, most=most)

    def forget_customers(self, *, before: dt.date, salt: str) -> int:
        """See `nlp.ports.ErasureStore`."""
        return expiry.forget_customers(self.connection, before=before, salt=salt)

    def drop_months(self, *, before: dt.date) -> int:
        """See `nlp.ports.ErasureStore`."""
        return expiry.drop_months(self.connection, before=before)

    def bar(
        self,
        target: Target,
        ids: Mapping[Subject, Collection[str]],
        *,
        actor: str,
        counts: Mapping[str, int],
    ) -> int:
        """See `nlp.ports.ErasureStore`."""
        values = {
            "actor": actor,
            "kind": target.kind,
            "ids": sorted(ids[target.kind]),
            "counts": json.dumps({k: n for k, n in sorted(counts.items()) if n}),
        }
        number = self.connection.scalar(text(_LOG), values)
        assert number is not None
        for kind, known in ids.items():
            mark = target.key_mark if kind == Subject.CUSTOMER else None
            row = {"kind": kind, "mark": mark, "number": number, "ids": sorted(known)}
            self.connection.execute(text(_BAR), row)
        return int(number)
