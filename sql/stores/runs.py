"""The runs in Postgres: what each job did on each day."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, text

from nlp.records import RunReport
from sql.stores.turns import work_beside


class RunTables:
    """`nlp.ports.RunStore` on Postgres."""

    engine: Engine
    _is_at_work = False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """See `nlp.ports.RunStore`; a job within a job takes the lock once."""
        if self._is_at_work:
            yield
            return
        # A transaction of its own, so that the lock is kept behind a pooler, too. It does nothing
        # else, and so keeps no rows from VACUUM.
        with self.engine.connect() as connection:
            work_beside(connection)
            self._is_at_work = True
            try:
                yield
            finally:
                self._is_at_work = False

    def save_run(
        self, report: RunReport, *, settings: Mapping[str, Any], code_version: str
    ) -> None:
        """See `nlp.ports.RunStore`; after a discovery, all later days are stale.

        A run that depends on the topics of a stale day is stale itself, however recent it is.
        """
        values = {
            "job": report.job,
            "day": report.day,
            "counts": json.dumps(dict(report.counts), sort_keys=True),
            "seconds": json.dumps({k: round(v, 3) for k, v in report.seconds.items()}),
            "settings": json.dumps(dict(settings), sort_keys=True, default=str),
            "code_version": code_version,
        }
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO triage.runs (job, day, counts, seconds, settings, code_version, "
                    "stale) VALUES (:job, :day, CAST(:counts AS jsonb), CAST(:seconds AS jsonb), "
                    "CAST(:settings AS jsonb), :code_version, :job IN ('assign', 'discover') AND "
                    "EXISTS (SELECT FROM triage.runs WHERE job = 'discover' AND stale "
                    "AND day < :day)) "
                    "ON CONFLICT (day, job) DO UPDATE SET counts = excluded.counts, "
                    "seconds = excluded.seconds, settings = excluded.settings, "
                    "code_version = excluded.code_version, stale = excluded.stale, "
                    "finished_at = now()"
                ),
                values,
            )
            if report.job == "discover":
                connection.execute(
                    text("UPDATE triage.runs SET stale = true WHERE day > :day"),
                    {"day": report.day},
                )

    def runs_of(self, day: dt.date) -> list[RunReport]:
        """See `nlp.ports.RunStore`."""
        query = text(
            "SELECT job, day, counts, seconds FROM triage.runs WHERE day = :d ORDER BY job"
        )
        with self.engine.connect() as connection:
            return [RunReport(*row) for row in connection.execute(query, {"d": day})]
