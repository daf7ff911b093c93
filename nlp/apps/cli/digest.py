"""The command that writes the digest of a week."""

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nlp.apps.cli.intents import settings_and_store


class Format(StrEnum):
    """What a digest is written as."""

    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


def digest(
    day: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Its last day; else the last one discovered."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=14, help="How many days it covers.")] = 7,
    form: Annotated[
        Format, typer.Option("--format", help="Markdown to paste, an HTML mail, or all figures.")
    ] = Format.MARKDOWN,
    out: Annotated[Path | None, typer.Option(help="File to write; else it is printed.")] = None,
) -> None:
    """Write what a week brought: themes, alerts, decisions, and a forecast of the next one."""
    from nlp.jobs.digest import render
    from nlp.jobs.digest.build import build_digest
    from sql.queries.digest import DigestTables

    with settings_and_store() as (settings, store), store.engine.connect() as connection:
        last = None if day is None else day.date()
        built = build_digest(DigestTables(connection), last, n_days=days, settings=settings)
    if form == Format.JSON:
        written = render.to_json(built) + "\n"
    elif form == Format.HTML:
        written = render.to_html(built, page_url=settings.page_url) + "\n"
    else:
        written = render.to_markdown(built, page_url=settings.page_url)
    if out is None:
        print(written, end="")  # noqa: T201
    else:
        out.write_text(written, encoding="utf-8")
