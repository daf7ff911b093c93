"""Versions of the intent model, the decisions about them, and drift, in Postgres."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, text

from nlp.errors import ModelError
from nlp.records import Drift, ModelRecord
from nlp.states import ModelDecision
from sql.stores.seal import Seal

_INSERT = """
INSERT INTO triage.model_versions (version, encoder, role, kind, metrics, intents, data_sha256,
                                   examples, card, artefact, artefact_sha256, signature)
VALUES (:version, :encoder, 'challenger', :kind, CAST(:metrics AS jsonb), CAST(:intents AS jsonb),
        :data_sha256, CAST(:examples AS jsonb), :card, :artefact, :sha,
        :signature)
ON CONFLICT DO NOTHING
"""


class ModelTables:
    """The part of `nlp.ports.IntentStore` that stores models, on Postgres."""

    engine: Engine
    seal: Seal

    def save_model(self, model: ModelRecord) -> None:
        """See `nlp.ports.IntentStore`."""
        values = {
            "version": model.version,
            "encoder": model.encoder,
            "kind": model.kind,
            "metrics": json.dumps(dict(model.metrics), sort_keys=True),
            "intents": json.dumps({k: dict(v) for k, v in model.intents.items()}, sort_keys=True),
            "data_sha256": model.data_sha256,
            "examples": json.dumps(model.examples),
            "card": model.card,
            "artefact": model.artefact,
            "sha": hashlib.sha256(model.artefact).hexdigest(),
            "signature": self.seal.signature(model.version, model.artefact),
        }
        with self.engine.begin() as connection:
            connection.execute(text(_INSERT), values)

    def model(self, version: str) -> ModelRecord:
        """See `nlp.ports.IntentStore`."""
        query = text("SELECT * FROM triage.model_versions WHERE version = :v")
        with self.engine.connect() as connection:
            row = connection.execute(query, {"v": version}).first()
        if row is None:
            raise ModelError(
                f"There is no model {version!r}. `triage models` lists those that exist"
            )
        return ModelRecord(
            version=row.version,
            encoder=row.encoder,
            kind=row.kind,
            artefact=self._checked(row),
            metrics=row.metrics,
            intents=row.intents,
            data_sha256=row.data_sha256 or "",
            examples=tuple((one, intent) for one, intent in row.examples),
            card=row.card,
            role=row.role,
            gate=row.gate,
            approved_by=row.approved_by,
            registry_ref=row.registry_ref,
        )

    def model_versions(self) -> list[str]:
        """Return all versions."""
        with self.engine.connect() as connection:
            query = text("SELECT version FROM triage.model_versions ORDER BY 1")
            return list(connection.scalars(query))

    def champion_version(self) -> str | None:
        """See `nlp.ports.IntentStore`."""
        query = text("SELECT version FROM triage.model_versions WHERE role = 'champion'")
        with self.engine.connect() as connection:
            version: str | None = connection.scalar(query)
            return version

    def champion(self) -> tuple[str, bytes] | None:
        """See `nlp.ports.IntentStore`. Raises ModelError where its seal is broken."""
        query = text(
            "SELECT version, artefact, artefact_sha256, signature FROM triage.model_versions "
            "WHERE role = 'champion'"
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.version, self._checked(row))

    def sign(self, version: str) -> None:
        """Sign a model as it is stored, with the key of the settings.

        Raises ModelError where there is no such model, no key, or its checksum is wrong.
        """
        with self.engine.begin() as connection:
            query = text("SELECT artefact, artefact_sha256 FROM triage.model_versions "
                         "WHERE version = :v FOR UPDATE")  # fmt: skip
            row = connection.execute(query, {"v": version}).first()
            if row is None:
                raise ModelError(f"There is no model {version!r}. `triage models` lists them")
            artefact = bytes(row.artefact)
            Seal(None).check(version, artefact, sha256=row.artefact_sha256, signature=None)
            signature = self.seal.signature(version, artefact)
            if signature is None:
                raise ModelError("TRIAGE_SIGNING_KEY is not set: there is nothing to sign with")
            update = "UPDATE triage.model_versions SET signature = :s WHERE version = :v"
            connection.execute(text(update), {"s": signature, "v": version})

    def _checked(self, row: Any) -> bytes:
        artefact = bytes(row.artefact)
        self.seal.check(row.version, artefact, sha256=row.artefact_sha256, signature=row.signature)
        return artefact

    def decide(self, version: str, decision: ModelDecision, *, by: str, detail: str = "") -> None:
        """See `nlp.ports.IntentStore`. Raises ModelError where there is no such model."""
        with self.engine.begin() as connection:
            known = text("SELECT 1 FROM triage.model_versions WHERE version = :v")
            if connection.scalar(known, {"v": version}) is None:
                raise ModelError(f"There is no model {version!r}. `triage models` lists them")
            connection.execute(
                text(
                    "INSERT INTO triage.model_decisions (version, decision, decided_by, detail) "
                    "VALUES (:v, :decision, :by, :detail)"
                ),
                {"v": version, "decision": decision, "by": by, "detail": detail},
            )
            if decision in (ModelDecision.PROMOTE, ModelDecision.ROLLBACK):
                _crown(connection, version, by=by)
            else:
                _retire(connection, version)

    def served_before(self) -> str | None:
        """See `nlp.ports.IntentStore`."""
        query = text(
            """
            SELECT d.version FROM triage.model_decisions d
            JOIN triage.model_versions v USING (version)
            WHERE d.decision IN ('promote', 'rollback') AND v.role <> 'champion'
              AND d.decision_id < (
                SELECT min(e.decision_id) FROM triage.model_decisions e
                JOIN triage.model_versions c ON c.version = e.version AND c.role = 'champion'
                WHERE e.decision = 'promote')
            ORDER BY d.decision_id DESC LIMIT 1
            """
        )
        with self.engine.connect() as connection:
            version: str | None = connection.scalar(query)
            return version

    def describe_model(
        self, version: str, *, gate: Mapping[str, Any] | None, card: str, registry_ref: str | None
    ) -> None:
        """See `nlp.ports.IntentStore`."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE triage.model_versions SET gate = coalesce(CAST(:gate AS jsonb), gate), "
                    "card = :card, registry_ref = coalesce(:ref, registry_ref) WHERE version = :v"
                ),
                {
                    "gate": None if gate is None else json.dumps(dict(gate), sort_keys=True),
                    "card": card,
                    "ref": registry_ref,
                    "v": version,
                },
            )

    def predictions(
        self, *, first: dt.date, last: dt.date, model_version: str
    ) -> list[tuple[dt.date, str | None, float]]:
        """See `nlp.ports.IntentStore`."""
        query = text(
            "SELECT i.day, i.intent, i.probability FROM triage.intent_predictions i "
            "JOIN triage.passages p USING (passage_id) WHERE p.n = 1 "
            "AND i.day BETWEEN :first AND :last AND i.model_version = :v "
            "ORDER BY i.day, i.passage_id"
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query, {"first": first, "last": last, "v": model_version})
            return [(row.day, row.intent, row.probability) for row in rows]

    def save_drift(self, drift: Drift) -> None:
        """See `nlp.ports.IntentStore`."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO triage.drift "
                    "(day, messages, confidence, intents, n_messages, n_before, alert, shares) "
                    "VALUES (:day, :messages, :confidence, :intents, :n, :before, :alert, "
                    "CAST(:shares AS jsonb)) "
                    "ON CONFLICT (day) DO UPDATE SET messages = excluded.messages, "
                    "confidence = excluded.confidence, intents = excluded.intents, "
                    "n_messages = excluded.n_messages, n_before = excluded.n_before, "
                    "alert = excluded.alert, shares = excluded.shares, measured_at = now()"
                ),
                {
                    "day": drift.day,
                    "messages": drift.messages,
                    "confidence": drift.confidence,
                    "intents": drift.intents,
                    "n": drift.n_messages,
                    "before": drift.n_before,
                    "alert": drift.alert,
                    "shares": json.dumps([[name, *pair] for name, pair in drift.shares.items()]),
                },
            )


def _crown(connection: Connection, version: str, *, by: str) -> None:
    connection.execute(
        text("UPDATE triage.model_versions SET role = 'retired' WHERE role = 'champion'")
    )
    connection.execute(
        text(
            "UPDATE triage.model_versions SET role = 'champion', approved_by = :by, "
            "approved_at = now() WHERE version = :v"
        ),
        {"by": by, "v": version},
    )


def _retire(connection: Connection, version: str) -> None:
    """Retire a challenger; a model that is in service stays there."""
    connection.execute(
        text(
            "UPDATE triage.model_versions SET role = 'retired' "
            "WHERE version = :v AND role = 'challenger'"
        ),
        {"v": version},
    )
