"""A month of a scripted Zendesk, pulled day by day with a kill in each day.

The desk is `bench.desk_zendesk` on 127.0.0.1: comments are written, edited and deleted while the
days go by, and its rate limit answers 429. Each day's run is a process that is killed by SIGKILL at
a random request, and then run again. At the end the stored rows are compared with the desk's.
"""

import datetime as dt
import multiprocessing
import os
import random
import signal
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import text

from bench.desk_server import Every, Limit
from bench.desk_world import Script, World
from bench.desk_zendesk import Zendesk
from nlp.jobs.ingest import Gate, ingest_day
from nlp.settings import DeskSource, Settings, load
from nlp.sources.desks.build import desk_source
from sql import embedded
from sql.connect import migrate, open_store

SOURCE = "support"
FIRST = dt.date(2026, 3, 2)
_SINCE = dt.timedelta(hours=2)
"""How long after its end a day is pulled, as `ingest_messages` does."""
_QUIET = dt.timedelta(minutes=2)
"""How long nobody writes before the last run: the export withholds what changed within a minute,
which the next day's run would bring."""
_OVERLAP = 300


@dataclass
class Figures:
    """What a month took."""

    n_days: int
    n_comments: int
    n_edits: int
    n_deletions: int
    n_rows: int = 0
    n_wrong: int = 0
    """Rows that are missing, too many, or differ from the desk's."""
    wrong: list[str] = field(default_factory=list)
    """The first of them."""
    n_requests: int = 0
    n_least: int = 0
    n_busy: int = 0
    """Requests that were answered 429."""
    n_killed: int = 0
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Requests made to the least possible."""
        return self.n_requests / max(self.n_least, 1)


class Least:
    """Counts the fewest requests that tell what changed: a page of the export holds 1,000 tickets,
    and each ticket that changed since its comments were complete costs one request for each 100.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.read: dict[int, tuple[dt.datetime, bool]] = {}

    def of(self, day: dt.date) -> int:
        """Return the fewest requests for a day, as the world is now."""
        start, end = _at(day), _at(day + dt.timedelta(1))
        since = start - dt.timedelta(seconds=_OVERLAP)
        changed = [t for t in self.world.talks.values() if t.changed >= since]
        n = max(1, -(-len(changed) // 1_000))
        for talk in changed:
            known = self.read.get(talk.id)
            if talk.is_deleted or talk.created >= end or known == (talk.changed, True):
                continue
            n += -(-len(talk.parts) // 100)
            self.read[talk.id] = (talk.changed, all(p.at < end for p in talk.parts))
        return n


def month(
    settings: Settings, *, n_days: int, per_day: int, seed: int, limit: Limit | Every
) -> Figures:
    """Run a month into a database, and compare it with the desk."""
    warm_up(settings)
    draw, world = random.Random(seed), World(_at(FIRST))
    script, least = Script(world, per_day=per_day, seed=seed), Least(world)
    figures, started = Figures(n_days, 0, 0, 0), time.perf_counter()
    with Zendesk(world, limit=limit) as server:
        for n in range(n_days):
            day = FIRST + dt.timedelta(n)
            script.run_until(_at(day + dt.timedelta(1)) + _SINCE - _QUIET * (n == n_days - 1))
            world.now = _at(day + dt.timedelta(1)) + _SINCE
            n_least = least.of(day)
            figures.n_least += n_least
            figures.n_killed += _killed(server, settings, day, draw.randint(2, max(2, n_least)))
            _finish(_start(server.url, settings, day))
        figures.n_requests = server.n_requests
    end = _at(FIRST + dt.timedelta(n_days))
    figures.n_comments = sum(p.at < end for t in world.talks.values() for p in t.parts)
    figures.n_edits, figures.n_deletions = world.n_edits, world.n_deletions
    figures.n_busy = server.n_busy
    figures.seconds = time.perf_counter() - started
    _compare(settings, world, end, figures)
    return figures


def main(data: Path) -> None:
    """Print the section of a month of 40,000 comments; `data` is not used."""
    del data
    with tempfile.TemporaryDirectory(prefix="triage-desks-") as name:
        folder = Path(name)
        embedded.start(folder)
        try:
            url = embedded.database_url(folder, "desks")
            settings = load(database_url=url, local_dir=folder, _env_file=None)
            migrate(settings)
            figures = month(settings, n_days=30, per_day=1_334, seed=7, limit=Every(100))
        finally:
            embedded.stop(folder)
    print(_section(figures))


def _section(f: Figures) -> str:
    return f"""## A month of a scripted Zendesk

{f.n_comments:,} comments in {f.n_days} days, {f.n_edits:,} edits, {f.n_deletions:,} tickets gone.
Every 100th request is answered 429 with `Retry-After`. Each day is pulled two hours after its end
by a process that is killed at a random request, and by another one that continues. Nobody writes in
the two minutes before the last run: the export withholds the last minute.

| | |
|---|---|
| rows stored | {f.n_rows:,} |
| rows that differ from the desk, are missing or too many | {f.n_wrong:,} |
| runs killed | {f.n_killed} of {f.n_days} |
| requests | {f.n_requests:,}, of which {f.n_busy:,} were answered 429 |
| least possible requests | {f.n_least:,} |
| requests to the least possible | {f.ratio:.3f} |
| edited comments followed, comments gone | {f.counts["n_changed"]:,}, {f.counts["n_gone"]:,} \
(of the runs that ended) |
| seconds | {f.seconds:,.0f} |
"""


def warm_up(settings: Settings) -> None:
    """Load here what each process would load for itself."""
    Gate(SOURCE, FIRST, settings=settings).detector.detect("Where is my card")


def ingest(url: str, settings: Settings, day: dt.date) -> None:
    """Pull one day; each process runs this."""
    setting = DeskSource(kind="zendesk", url=url, user="agent@acme.example")
    with (
        desk_source(SOURCE, setting, settings, token="s3cret-token") as source,
        open_store(settings) as store,
    ):
        ingest_day(store, source, day, settings=settings)


def _start(url: str, settings: Settings, day: dt.date) -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=ingest, args=(url, settings, day))
    process.start()
    return process


def _killed(server: Zendesk, settings: Settings, day: dt.date, at: int) -> bool:
    """Run a day and kill it at a request; return whether it was still running."""
    first = server.n_requests
    process = _start(server.url, settings, day)
    pid = process.pid
    assert pid is not None

    def kill(n: int) -> None:
        if n - first == at:
            os.kill(pid, signal.SIGKILL)

    server.on_request = kill
    process.join(600)
    server.on_request = None
    return process.exitcode == -signal.SIGKILL


def _finish(process: BaseProcess) -> None:
    process.join(600)
    if process.exitcode != 0:
        raise RuntimeError(f"A run ended with {process.exitcode}")


def _compare(settings: Settings, world: World, end: dt.datetime, figures: Figures) -> None:
    query = text(
        "SELECT external_id, text, zones, author, conversation_id FROM triage.messages "
        "WHERE source = :source"
    )
    counted = text(
        "SELECT sum((counts->>'n_changed')::int), sum((counts->>'n_gone')::int) "
        "FROM triage.runs WHERE job LIKE 'ingest:%'"
    )
    with open_store(settings) as store, store.engine.connect() as connection:
        rows = connection.execute(query, {"source": SOURCE}).all()
        changed, gone = connection.execute(counted).one()
    stored = {
        row.external_id: (_last(row.text or row.zones[0][1]), row.author, row.conversation_id)
        for row in rows
    }
    truth = world.truth(before=end)
    figures.n_rows = len(rows)
    wrong = [key for key in stored.keys() | truth.keys() if stored.get(key) != truth.get(key)]
    figures.n_wrong = len(wrong)
    figures.wrong = [f"{k}: {stored.get(k)}, {truth.get(k)}" for k in sorted(wrong)[:5]]
    figures.counts = {"n_changed": int(changed or 0), "n_gone": int(gone or 0)}


def _last(said: str) -> str:
    """Return a message without the subject, which goes before the customer's words."""
    return said.splitlines()[-1]


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
