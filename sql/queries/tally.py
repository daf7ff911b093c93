"""What became of the rows that were pulled: nothing is lost without a count."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

_RUNS = text(
    """
    SELECT coalesce(sum((counts->>'n_pulled')::int), 0) AS n_pulled,
           coalesce(sum((counts->>'n_stored')::int), 0) AS n_stored,
           coalesce(sum((counts->>'n_known')::int), 0) AS n_known,
           coalesce(sum((counts->>'n_quarantined')::int), 0) AS n_quarantined
    FROM triage.runs
    WHERE job LIKE 'ingest:%' AND (CAST(:day AS date) IS NULL OR day = :day)
      AND (CAST(:jobs AS text[]) IS NULL OR job = ANY(:jobs))
    """
)
_REASONS = text(
    """
    SELECT reason, count(*) AS n FROM triage.quarantine
    WHERE (CAST(:day AS date) IS NULL OR arrived_on = :day)
      AND (CAST(:sources AS text[]) IS NULL OR source = ANY(:sources))
    GROUP BY reason ORDER BY n DESC, reason
    """
)


@dataclass(frozen=True, slots=True)
class Tally:
    """The rows of some pulls by what became of them."""

    n_pulled: int
    n_stored: int
    n_known: int
    n_quarantined: int
    reasons: Mapping[str, int]
    """Rows in quarantine by reason, the most frequent first."""

    @property
    def is_good(self) -> bool:
        """Whether at least half of the rows are messages, and there are any."""
        return 0 < self.n_pulled <= 2 * (self.n_stored + self.n_known)

    def sentence(self) -> str:
        """Return the counts as a line, with the remedy where less than half are messages."""
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in self.reasons.items())
        line = (
            f"{self.n_pulled:,} rows pulled: {self.n_stored:,} stored, {self.n_known:,} known, "
            f"{self.n_quarantined:,} quarantined{f' ({reasons})' if reasons else ''}"
        )
        if self.n_pulled == 0:
            return f"{line}. The sources have no row"
        if not self.is_good:
            return f"{line}. Less than half are messages: `triage inspect FILE` shows why"
        return line


def tally_of(
    engine: Engine, *, day: dt.date | None = None, sources: Sequence[str] | None = None
) -> Tally:
    """Return the rows of a day and of sources; None means all of them."""
    jobs = None if sources is None else [f"ingest:{name}" for name in sources]
    names = None if sources is None else list(sources)
    with engine.connect() as connection:
        counts = connection.execute(_RUNS, {"day": day, "jobs": jobs}).mappings().one()
        rows = connection.execute(_REASONS, {"day": day, "sources": names})
        return Tally(**counts, reasons={row.reason: row.n for row in rows})
