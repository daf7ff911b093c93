"""Which encoder the stored embeddings are of, in Postgres."""

from sqlalchemy import Engine, text

# The names are read by steps through the primary key, and only the newest passages are looked up:
# the table is large.
_IN_USE = """
WITH RECURSIVE known AS (
    SELECT min(encoder) AS encoder FROM triage.embeddings
    UNION ALL
    SELECT (SELECT min(e.encoder) FROM triage.embeddings e WHERE e.encoder > k.encoder)
    FROM known k WHERE k.encoder IS NOT NULL
), newest AS (
    SELECT text_hash FROM triage.passages ORDER BY arrived_on DESC, text_hash DESC LIMIT 100
)
SELECT split_part(k.encoder, '/', 2)
FROM known k
LEFT JOIN newest n ON true
LEFT JOIN triage.embeddings e ON e.encoder = k.encoder AND e.text_hash = n.text_hash
WHERE starts_with(k.encoder, :weights || '/')
GROUP BY k.encoder ORDER BY count(e.text_hash) DESC, k.encoder LIMIT 1
"""


class EncoderTables:
    """`nlp.ports.EncoderStore` on Postgres."""

    engine: Engine

    def precision_in_use(self, weights: str) -> str | None:
        """See `nlp.ports.EncoderStore`."""
        with self.engine.connect() as connection:
            precision: str | None = connection.scalar(text(_IN_USE), {"weights": weights})
        return precision
