"""The command that shows what would be read of a file."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlp.apps.cli.rows import (
    EncodingOption,
    IdColumn,
    PresetOption,
    RowsOption,
    TextColumn,
    TimeColumn,
    TimeFormatOption,
    TimezoneOption,
    row_setting,
)
from nlp.settings import DeskSource, RestSource, Settings, load

if TYPE_CHECKING:
    from nlp.jobs.inspect import Findings

_WIDTH = 160
"""Characters of a text that are shown."""


def inspect(  # noqa: PLR0913, PLR0917 - each is an option
    file: Annotated[
        Path,
        typer.Argument(
            help="Messages, labelled examples, a query, or a helpdesk of TRIAGE_SOURCES."
        ),
    ],
    id_column: IdColumn = None,
    time_column: TimeColumn = None,
    text_column: TextColumn = None,
    preset: PresetOption = None,
    timezone: TimezoneOption = None,
    time_format: TimeFormatOption = None,
    encoding: EncodingOption = None,
    rows: RowsOption = None,
) -> None:
    """Show what would be read of a file or helpdesk, redacted, and which command reads it.

    Nothing is stored. Exit code 1 where it cannot be read as it is.
    """
    from nlp.jobs.inspect import look_at

    settings = load()
    desk = None if file.exists() else settings.sources.get(str(file))
    if isinstance(desk, DeskSource | RestSource):
        _end(_of_desk(str(file), desk, settings))
        return
    if line := _other(file):
        print(line)  # noqa: T201
        return
    setting = row_setting(
        {"external_id": id_column, "created_at": time_column, "text": text_column},
        preset=preset, timezone=timezone, time_format=time_format, encoding=encoding, rows=rows,
    )  # fmt: skip
    _end(look_at(file, setting, settings))


def _of_desk(name: str, setting: DeskSource | RestSource, settings: Settings) -> "Findings":
    """Return what a helpdesk holds of yesterday, which ended everywhere."""
    from nlp.jobs.inspect import look_at_desk
    from nlp.sources.desks.build import desk_source

    yesterday = dt.datetime.now(settings.zone).date() - dt.timedelta(1)
    with desk_source(name, setting, settings) as source:
        return look_at_desk(source, yesterday, settings=settings)


def _end(findings: "Findings") -> None:
    """Print the findings; exit with 1 where nothing can be read as it is."""
    for line in _lines(findings):
        print(line)  # noqa: T201
    if findings.problem or findings.is_poor:
        raise typer.Exit(1)


def _other(file: Path) -> str:
    """Return what to do with a file that belongs to a database; empty for any other file."""
    source = '{"desk": {"kind": "database", "connection": "%s", "query": "%s"}}'
    if file.suffix.lower() == ".sql" and file.is_file():
        from nlp.sources.database import statement_of

        statement_of(file)
        setting = source % ("URL or Airflow connection", file)
        return f"A query. Every day: TRIAGE_SOURCES='{setting}'"
    if file.is_file():
        with file.open("rb") as stream:
            if stream.read(6) == b"SQLite":
                setting = source % (f"sqlite:///{file.resolve()}", "query.sql")
                return f"A SQLite database. Every day: TRIAGE_SOURCES='{setting}'"
    return ""


def _lines(findings: "Findings") -> list[str]:
    """Return the findings as lines for a person."""
    lines = [*findings.notes]
    lines += [f"{name:<16} {column}" for name, column in findings.columns.items()]
    if findings.others:
        lines.append(f"{'not read':<16} {', '.join(findings.others[:20])}")
    if findings.time_form:
        lines.append(f"{'time':<16} {findings.time_form}")
    lines += [
        f"{m.external_id}  {m.created_at:%Y-%m-%d %H:%M:%S} UTC  {m.author}  "
        f"{' '.join(m.text.split())[:_WIDTH]}"
        for m in findings.messages
    ]
    if findings.n_rows:
        lines.append(
            f"{findings.n_rows:,} rows of {findings.n_days:,} days: "
            f"{findings.n_good:,} would be stored, "
            f"{findings.n_rows - findings.n_good:,} turned away"
        )
    for reason, n in findings.reasons.most_common():
        example = findings.rejected.get(reason)
        why = f": {example.position}: {example.detail}" if example else ""
        lines.append(f"  {n:,} {reason}{why}")
    if findings.problem:
        lines.append(findings.problem)
    if findings.is_poor:
        lines.append("Less than half would be stored: correct what the lines above name first")
    if findings.command:
        lines.append(f"Run: {findings.command}{findings.either}")
    if findings.source:
        lines.append(f"Every day: TRIAGE_SOURCES='{findings.source}'{findings.either}")
    return lines
