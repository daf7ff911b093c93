"""The command that replays a file of messages offline."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nlp.apps.cli.console import progress
from nlp.apps.cli.intents import train_on
from nlp.apps.cli.rows import (
    EncodingOption,
    IdColumn,
    PresetOption,
    RowsOption,
    TextColumn,
    TimeColumn,
    TimeFormatOption,
    TimezoneOption,
    end_with,
    row_setting,
)
from nlp.settings import RowSetting, Settings, load

if TYPE_CHECKING:
    from nlp.sources.replay import ReplaySource
    from sql.queries.tally import Tally


def replay(  # noqa: PLR0913, PLR0917 - each is an option
    messages: Annotated[
        Path, typer.Argument(help="CSV, JSON or Parquet, also compressed. `inspect` shows how.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the exports.")],
    examples: Annotated[
        Path | None, typer.Option(help="CSV with text,intent to train intents on.")
    ] = None,
    id_column: IdColumn = None,
    time_column: TimeColumn = None,
    text_column: TextColumn = None,
    preset: PresetOption = None,
    timezone: TimezoneOption = None,
    time_format: TimeFormatOption = None,
    encoding: EncodingOption = None,
    rows: RowsOption = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="Begin each file as Excel needs it to read UTF-8.")
    ] = False,
) -> None:
    """Run every day of a file through the same jobs, offline, in a database of its own.

    Exports CSV files; continues after an interruption. Exit code 1 where few rows are messages.
    """
    from nlp.sources.replay import ReplaySource
    from nlp.sources.shape import Shape

    settings = load()
    setting = row_setting(
        {"external_id": id_column, "created_at": time_column, "text": text_column},
        preset=preset, timezone=timezone, time_format=time_format, encoding=encoding, rows=rows,
    )  # fmt: skip
    source = ReplaySource(messages, zone=settings.zone, shape=Shape.of(setting, settings))
    out.mkdir(parents=True, exist_ok=True)
    mark, plan = out / "replay.json", _plan(settings, messages, examples, setting)
    settings = _database(settings, out, is_kept=_plan_in(mark) == plan)
    mark.write_text(json.dumps(plan))
    tally = _run(source, out, examples, settings, mark="\ufeff" if excel else "")
    mark.unlink()
    end_with(tally)


def _database(settings: Settings, out: Path, *, is_kept: bool) -> Settings:
    """Settings that name the migrated database of a replay into `out`; empty unless kept."""
    from sql.connect import migrate
    from sql.embedded import database_url, drop_database, start

    start(settings.local_dir)
    name = f"replay_{hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:12]}"
    if not is_kept:
        drop_database(settings.local_dir, name)
    own = load(database_url=database_url(settings.local_dir, name))
    migrate(own)
    return own


def _run(
    source: "ReplaySource", out: Path, examples: Path | None, settings: Settings, *, mark: str
) -> "Tally":
    """Run the days that are not done yet, and export; return what became of the rows."""
    from nlp.jobs.replay import run_days
    from nlp.text.embed import load_encoder
    from sql.connect import open_store
    from sql.queries.export import export
    from sql.queries.tally import tally_of

    with open_store(settings) as store:
        encoder = load_encoder(settings, store)
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
        for path in export(store.engine, out, mark=mark):
            print(path)  # noqa: T201
        return tally_of(store.engine)


def _plan(
    settings: Settings, messages: Path, examples: Path | None, setting: RowSetting
) -> dict[str, Any]:
    """The inputs that must be unchanged for a replay to continue where it stopped."""
    files = [f for f in (messages, examples) if f]
    digests = [hashlib.sha256(f.read_bytes()).hexdigest() for f in files]
    record = json.loads(json.dumps(settings.record(), default=str))
    return {"files": digests, "rows": setting.model_dump(mode="json"), "settings": record}


def _plan_in(mark: Path) -> Any:
    """The plan of an interrupted replay, or None where no readable plan exists."""
    try:
        return json.loads(mark.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
