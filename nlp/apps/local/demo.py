"""The demo: a sample inbox, 27 days in this process, the 28th day through a real Airflow."""

import datetime as dt
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from nlp.apps.cli.console import progress, show_board
from nlp.apps.local.stack import TaskState, running
from nlp.apps.local.up import local_settings
from nlp.apps.sample import FIRST_DAY, N_DAYS, write
from nlp.jobs.govern import train_intents
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples
from nlp.records import LabelledExample
from nlp.settings import Settings
from nlp.sources.files import FileSource
from nlp.text.embed import load_encoder
from sql import embedded
from sql.connect import migrate, open_store

_NEXT = """
What to do next:
  make up                                    Airflow's UI with these DAGs and the review page
  .venv/bin/triage themes                    show this board again
  .venv/bin/triage psql                      query Postgres, e.g. SELECT * FROM triage.themes
  .venv/bin/triage replay FILE --out DIR     try your own messages, offline
"""


def demo() -> None:
    """Show the whole workflow on the embedded server; a second run continues where it stopped."""
    started = time.monotonic()
    console = Console()
    settings = local_settings()
    inbox = settings.local_dir / "inbox"
    console.print(str(write(settings.local_dir)))
    days = [FIRST_DAY + dt.timedelta(n) for n in range(N_DAYS)]
    migrate(settings)
    with open_store(settings) as store:
        _replay(store, days[:-1], inbox=inbox, settings=settings)
        replayed = time.monotonic()
        console.print(f"27 days replayed in {replayed - started:.0f} s. Day 28 through Airflow:")
        assert settings.database_url is not None
        with running(
            settings,
            triage_url=settings.database_url.get_secret_value(),
            airflow_url=embedded.database_url(settings.local_dir, "airflow"),
            on_step=lambda step: console.print(f"  {step} …", style="dim"),
        ) as airflow:
            airflow.run_day(days[-1], on_task=lambda task: _show_task(console, task))
        show_board(store.engine, most=40)
    console.print(
        f"Replay {replayed - started:.0f} s, Airflow {time.monotonic() - replayed:.0f} s.{_NEXT}"
    )


def _replay(store: Any, days: list[dt.date], *, inbox: Path, settings: Settings) -> None:
    import csv

    import fsspec

    encoder = load_encoder(settings, store)
    with (settings.local_dir / "examples.csv").open(encoding="utf-8", newline="") as file:
        examples = [LabelledExample(r["text"], r["intent"]) for r in csv.DictReader(file)]
    add_examples(store, examples, origin="file", settings=settings)
    train_intents(store, encoder, settings=settings)
    source = FileSource("inbox", fs=fsspec.filesystem("file"), pattern=f"{inbox}/{{day}}.csv")
    done = set(store.days_discovered(before=dt.date.max))
    left = [d for d in days if d not in done]
    with progress("Replaying", len(left)) as step:
        run_days(
            store,
            encoder,
            left,
            sources=[source],
            settings=settings,
            on_day=lambda day, _: step(str(day)),
        )


def _show_task(console: Console, task: TaskState) -> None:
    name = f"{task.dag_id}.{task.task_id} {task.label}".rstrip()
    seconds = f" {task.seconds:.0f} s" if task.seconds else ""
    console.print(f"  {name}: {task.state}{seconds}", style="dim")
