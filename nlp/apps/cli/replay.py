"""The command that replays a file of messages offline."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nlp.apps.cli.console import progress
from nlp.apps.cli.intents import train_on
from nlp.settings import Settings, load

if TYPE_CHECKING:
    from nlp.sources.replay import ReplaySource


def replay(
    messages: Annotated[Path, typer.Argument(help="CSV, JSONL or Parquet, also gzipped.")],
    out: Annotated[Path, typer.Option(help="Folder for the exports.")],
    examples: Annotated[
        Path | None, typer.Option(help="CSV with text,intent to train intents on.")
    ] = None,
    id_column: Annotated[str, typer.Option(help="Column of the message's id.")] = "message_id",
    time_column: Annotated[str, typer.Option(help="Column of its time.")] = "created_at",
    text_column: Annotated[str, typer.Option(help="Column of its text.")] = "text",
) -> None:
    """Run every day of a file through the same jobs, offline, in a database of its own.

    Exports assignments, topics, topic_days, topic_events, alerts and run_days as CSV. Started
    again after an interruption, it continues where it stopped.
    """
    from nlp.sources.replay import ReplaySource
    from sql.connect import migrate as migrate_schema
    from sql.embedded import database_url, drop_database, start

    settings = load()
    columns = {"external_id": id_column, "created_at": time_column, "text": text_column}
    source = ReplaySource(messages, zone=settings.zone, columns=columns)
    out.mkdir(parents=True, exist_ok=True)
    name = f"replay_{hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:12]}"
    mark, plan = out / "replay.json", _plan(settings, messages, examples, columns)
    start(settings.local_dir)
    if _plan_in(mark) != plan:
        drop_database(settings.local_dir, name)
    mark.write_text(json.dumps(plan))
    settings = load(database_url=database_url(settings.local_dir, name))
    migrate_schema(settings)
    for path in _run(source, out, examples, settings):
        print(path)  # noqa: T201
    mark.unlink()


def _run(
    source: "ReplaySource", out: Path, examples: Path | None, settings: Settings
) -> list[Path]:
    """Run the days that are not done yet; return the files of the export."""
    from nlp.jobs.replay import run_days
    from nlp.text.embed import load_encoder
    from sql.connect import open_store
    from sql.queries.export import export

    with open_store(settings) as store:
        encoder = load_encoder(settings)
        if examples:
            train_on(examples, store, encoder, load(mlflow_uri="off"))
        done = set(store.days_discovered(before=dt.date.max))
        days = [d for d in source.days if d not in done]
        with progress("Replaying", len(days)) as step:
            run_days(
                store,
                encoder,
                days,
                sources=[source],
                settings=settings,
                on_day=lambda d, _: step(str(d)),
            )
        return list(export(store.engine, out))


def _plan(
    settings: Settings, messages: Path, examples: Path | None, columns: dict[str, str]
) -> dict[str, Any]:
    """The inputs that must be unchanged for a replay to continue where it stopped."""
    files = [f for f in (messages, examples) if f]
    digests = [hashlib.sha256(f.read_bytes()).hexdigest() for f in files]
    record = json.loads(json.dumps(settings.record(), default=str))
    return {"files": digests, "columns": columns, "settings": record}


def _plan_in(mark: Path) -> Any:
    """The plan of an interrupted replay, or None where no readable plan exists."""
    try:
        return json.loads(mark.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
