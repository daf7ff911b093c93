"""A large day: 10,000 messages of the sample inbox, in a full window of such days."""

import datetime as dt
import resource
import tempfile
from pathlib import Path

import fsspec

from nlp.apps.sample import FIRST_DAY, write
from nlp.jobs.replay import run_days
from nlp.records import RunReport
from nlp.settings import load
from nlp.sources.files import FileSource
from nlp.text.embed import load_encoder
from sql import embedded
from sql.connect import migrate, open_store

_PER_DAY = 10_000


def main(_: Path) -> None:
    """Print seconds and memory of each day until the window is full."""
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder)
        settings = load(database_url=embedded.start(local), local_dir=local)
        n_days = settings.window_days + 1
        days = [FIRST_DAY + dt.timedelta(n) for n in range(n_days)]
        write(local, n_days=n_days, per_day=_PER_DAY)
        files = fsspec.filesystem("file")
        source = FileSource("inbox", fs=files, pattern=f"{local}/inbox/{{day}}.csv")
        reports: dict[dt.date, list[RunReport]] = {}
        try:
            migrate(settings)
            with open_store(settings) as store:
                run_days(
                    store,
                    load_encoder(settings, store),
                    days,
                    sources=[source],
                    settings=settings,
                    on_day=reports.__setitem__,
                )
        finally:
            embedded.stop(local)
    print(f"## A large day\n\nThe sample inbox with {_PER_DAY:,} messages on a usual weekday.\n")
    print(
        "| day | messages | in the window | topics | seconds | of which discovery |\n|" + "---|" * 6
    )
    for n in (1, 7, n_days - 1):
        print(_row(days[n], reports[days[n]]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\nPeak memory of the process {peak:.2f} GiB, the database's aside.")


def _row(day: dt.date, reports: list[RunReport]) -> str:
    (discovery,) = (r for r in reports if r.job == "discover")
    counts = discovery.counts
    total = sum(float(r.seconds["total"]) for r in reports)
    return (
        f"| {day:%a} {day} | {counts['n_messages']:,} | {counts['n_window']:,} | "
        f"{counts['n_topics']} | {total:.0f} | {discovery.seconds['total']:.0f} |"
    )
