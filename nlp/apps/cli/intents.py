"""The part of the command line that governs intents."""

import datetime as dt
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from nlp.errors import TriageError
from nlp.settings import Settings, load

By = Annotated[str | None, typer.Option("--by", help="Who decides; else the user logged in.")]
"""The option `--by`."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (
        train,
        predict,
        suggest,
        intents,
        models,
        approve,
        rollback,
        drift,
        serve,
    ):
        app.command()(command)


def train(
    examples: Annotated[Path, typer.Argument(help="CSV with the columns text and intent.")],
) -> None:
    """Add labelled examples, train the intent classifier and put it into service."""
    from nlp.text.embed import load_encoder

    with opened() as (settings, store):
        train_on(examples, store, load_encoder(settings), settings)


def predict(text: Annotated[str, typer.Argument(help="What a customer writes.")]) -> None:
    """Say what the model in service says of one text."""
    from nlp.jobs.answer import Answerer
    from nlp.text.embed import load_encoder

    with opened() as (settings, store):
        (answer,) = Answerer(store, load_encoder(settings), settings=settings).predict([text])
    told = answer.intent or "no intent"
    why = f", abstains: {answer.reason}" if answer.abstained else ""
    _say(f"{told} {answer.probability:.3f}{why} (model {answer.model_version})")
    for name, probability in answer.runners_up:
        _say(f"  {name} {probability:.3f}")


def suggest(most: Annotated[int, typer.Option(min=1)] = 10) -> None:
    """Show which unclaimed topics deserve to be an intent, and what they overlap."""
    from sql.stores.suggestions import suggestions

    with opened() as (settings, store):
        found = suggestions(store.engine, days=settings.window_days, most=most)
    for row in found:
        overlaps = ", ".join(f"{k} {v:.0%}" for k, v in (row["overlaps"] or {}).items())
        _say(
            f"{row['topic_id']} {row['label']}: {row['n_messages']} messages"
            + (f", overlaps {overlaps}" if overlaps else "")
        )
        for text in row["examples"]:
            _say(f"  {text[:100]}")
    if not found:
        _say("Every living topic belongs to an intent")


def intents(
    taxonomy: Annotated[
        Path | None, typer.Option(help="CSV with name,description to add or describe anew.")
    ] = None,
) -> None:
    """Show the taxonomy; with a file, add to it."""
    import csv

    from nlp.errors import LabelError
    from nlp.records import Intent

    with opened() as (_, store):
        if taxonomy:
            with taxonomy.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            if rows and not {"name", "description"} <= rows[0].keys():
                raise LabelError(f"{taxonomy} needs the columns name and description")
            store.save_intents([Intent(r["name"].strip(), r["description"].strip()) for r in rows])
        for one in store.taxonomy():
            _say(f"{one.name}: {one.description}")


def models(
    card: Annotated[str | None, typer.Option(help="Show the card of a version.")] = None,
) -> None:
    """List the model versions, or show one's card."""
    from sqlalchemy import text

    with opened() as (_, store):
        if card:
            _say(store.model(card).card)
            return
        query = text("SELECT * FROM triage.models ORDER BY trained_at DESC")
        with store.engine.connect() as connection:
            for row in connection.execute(query).mappings():
                accuracy = "" if row["accuracy"] is None else f" accuracy {row['accuracy']:.3f}"
                _say(f"{row['version']} {row['role']}{accuracy} {row['gate'] or ''}".rstrip())


def approve(version: str, by: By = None) -> None:
    """Put a challenger into service, as a person's decision."""
    from nlp.intents.tracking import tracker_of
    from nlp.jobs.govern import promote as put_into_service

    with opened() as (settings, store):
        put_into_service(store, version, by=by or getpass.getuser(), tracker=tracker_of(settings))
    _say(f"Model {version} is in service")


def rollback(
    version: Annotated[str | None, typer.Argument(help="Else the one before.")] = None,
    by: By = None,
) -> None:
    """Return to an earlier model; its predictions count again."""
    from nlp.jobs.govern import rollback as roll_back

    with opened() as (_, store):
        _say(f"Model {roll_back(store, by=by or getpass.getuser(), version=version)} is in service")


def drift(
    day: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="Last day of the week.")],
) -> None:
    """Measure how far the week that ends on a day moved from the four before it."""
    from nlp.jobs.drift import measure_drift
    from nlp.text.embed import load_encoder

    with opened() as (settings, store):
        name = load_encoder(settings).name
        found = measure_drift(store, day.date(), encoder_name=name, settings=settings)
    figures = [found.messages, found.confidence, found.intents]
    told = ["-" if f is None else f"{f:.3f}" for f in figures]
    _say(f"messages {told[0]}, confidence {told[1]}, intents {told[2]}")
    if found.alert:
        _say(found.alert)


def serve() -> None:
    """Serve predictions and embeddings over HTTP until Ctrl-C; see /docs."""
    from nlp.apps.serve.app import run

    run(load())


def train_on(path: Path, store: Any, encoder: Any, settings: Settings) -> None:
    """Learn the examples of a CSV and put the model into service; TriageError where it is none."""
    import csv

    from nlp.intents.tracking import tracker_of
    from nlp.jobs.govern import train_intents
    from nlp.jobs.train import add_examples
    from nlp.records import LabelledExample

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = [LabelledExample(r["text"] or "", r["intent"] or "") for r in reader]
    except (OSError, KeyError, UnicodeDecodeError, csv.Error) as error:
        raise TriageError(f"{path} is no CSV with the columns text and intent") from error
    add_examples(store, rows, origin="file", settings=settings)
    tracker = tracker_of(settings)
    version, metrics = train_intents(store, encoder, settings=settings, tracker=tracker)
    print(f"Model {version}: accuracy {metrics['accuracy']:.3f} on held-out folds")  # noqa: T201


@contextmanager
def opened() -> Iterator[tuple[Settings, Any]]:
    """Settings and store; the embedded server is migrated, because it is ours alone."""
    from sql.connect import migrate, open_store

    settings = load()
    if settings.database_url is None:
        migrate(settings)
    with open_store(settings) as store:
        yield settings, store


def _say(line: str) -> None:
    Console().print(escape(line), soft_wrap=True, highlight=False)
