"""What a language model answered, in Postgres."""

from dataclasses import asdict

from sqlalchemy import Engine, text

from nlp.records import Wording

_SAVE = text("""
INSERT INTO triage.wordings (key, topic_id, model, label, summary, cited, shown, refusal)
VALUES (:key, :topic_id, :model, :label, :summary, CAST(:cited AS uuid[]), CAST(:shown AS uuid[]),
        :refusal)
ON CONFLICT DO NOTHING
""")
_LABELS = text("""
SELECT DISTINCT ON (topic_id) topic_id, label FROM triage.wordings
WHERE label <> '' ORDER BY topic_id, asked_at DESC, key
""")


class WordingTables:
    """`nlp.ports.WordingStore` on Postgres."""

    engine: Engine

    def wording(self, key: str) -> Wording | None:
        """See `nlp.ports.WordingStore`."""
        query = text(
            "SELECT topic_id, model, label, summary, cited::text[], shown::text[], refusal "
            "FROM triage.wordings WHERE key = :key"
        )
        with self.engine.connect() as connection:
            row = connection.execute(query, {"key": key}).mappings().first()
        if row is None:
            return None
        return Wording(**{**row, "cited": tuple(row["cited"]), "shown": tuple(row["shown"])})

    def save_wording(self, key: str, wording: Wording) -> None:
        """See `nlp.ports.WordingStore`."""
        values = {**asdict(wording), "key": key}
        values |= {name: list(values[name]) for name in ("cited", "shown")}
        with self.engine.begin() as connection:
            connection.execute(
                _SAVE,
                {**values, "key": key, "cited": list(wording.cited), "shown": list(wording.shown)},
            )

    def labels_by_model(self) -> dict[int, str]:
        """See `nlp.ports.WordingStore`."""
        with self.engine.connect() as connection:
            return {row.topic_id: row.label for row in connection.execute(_LABELS)}
