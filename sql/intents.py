"""Labelled examples, model versions and intent predictions in Postgres."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, text

from nlp.clean import normalise, text_hash
from nlp.errors import ModelError
from nlp.records import LabelledExample, Prediction
from sql.copy import copy_rows


class IntentTables:
    """`nlp.ports.IntentStore` on Postgres."""

    engine: Engine

    def examples(self) -> list[LabelledExample]:
        """See `nlp.ports.IntentStore`."""
        query = text(
            "SELECT e.text, e.intent FROM triage.labelled_examples e "
            "JOIN triage.intents i ON i.name = e.intent AND i.active ORDER BY e.text, e.intent"
        )
        with self.engine.connect() as connection:
            return [LabelledExample(*row) for row in connection.execute(query)]

    def save_examples(self, examples: Sequence[LabelledExample], *, origin: str) -> int:
        """See `nlp.ports.IntentStore`."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TEMP TABLE given (text_hash uuid, intent text, text text) ON COMMIT DROP"
            )
            rows = ((text_hash(normalise(e.text)), e.intent, e.text) for e in examples)
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

    def save_model(
        self,
        *,
        version: str,
        encoder: str,
        artefact: bytes,
        metrics: Mapping[str, float],
        make_champion: bool,
    ) -> None:
        """See `nlp.ports.IntentStore`; a version that is stored already stays as it is."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO triage.model_versions "
                    "(version, encoder, role, metrics, artefact, artefact_sha256) VALUES "
                    "(:version, :encoder, 'challenger', CAST(:metrics AS jsonb), :artefact, :sha) "
                    "ON CONFLICT DO NOTHING"
                ),
                {
                    "version": version,
                    "encoder": encoder,
                    "metrics": json.dumps(dict(metrics), sort_keys=True),
                    "artefact": artefact,
                    "sha": hashlib.sha256(artefact).hexdigest(),
                },
            )
            if make_champion:
                retire = "UPDATE triage.model_versions SET role = 'retired' WHERE role = 'champion'"
                connection.execute(text(retire))
                crown = "UPDATE triage.model_versions SET role = 'champion' WHERE version = :v"
                connection.execute(text(crown), {"v": version})

    def champion(self) -> tuple[str, bytes] | None:
        """See `nlp.ports.IntentStore`. Raises ModelError where the checksum does not fit."""
        query = text(
            "SELECT version, artefact, artefact_sha256 FROM triage.model_versions "
            "WHERE role = 'champion'"
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        artefact = bytes(row.artefact)
        if hashlib.sha256(artefact).hexdigest() != row.artefact_sha256:
            raise ModelError(
                f"The artefact of model {row.version} is not what was stored (checksum). "
                "Train anew, or restore the row from a backup"
            )
        return row.version, artefact

    def save_predictions(
        self, day: dt.date, *, model_version: str, predictions: Sequence[Prediction]
    ) -> None:
        """See `nlp.ports.IntentStore`; replaces the day's predictions of this version."""
        columns = (
            "message_id", "model_version", "day", "intent", "probability", "runners_up",
            "abstained", "reason",
        )  # fmt: skip
        rows = (
            (
                p.message_id, model_version, day, p.intent, p.probability,
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
