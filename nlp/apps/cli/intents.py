"""The commands for intents and their models."""

import datetime as dt
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from nlp.settings import Settings, load

By = Annotated[str | None, typer.Option("--by", help="Who decides; by default the current user.")]
"""The option `--by`."""


_MOST_SAID = 20


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
    examples: Annotated[
        Path | None, typer.Argument(help="CSV with the columns text and intent.")
    ] = None,
    text_column: Annotated[str | None, typer.Option(help="Column of the text.")] = None,
    intent_column: Annotated[str | None, typer.Option(help="Column of the intent.")] = None,
) -> None:
    """Add labelled examples, train the intent classifier and put it into service.

    Spellings of one intent are joined, and intents with one example are left out; both are said.
    Without a file, it trains on what is stored.
    """
    from nlp.text.embed import load_encoder

    columns = (text_column, intent_column)
    with settings_and_store() as (settings, store):
        train_on(examples, store, load_encoder(settings, store), settings, columns=columns)


def predict(text: Annotated[str, typer.Argument(help="What a customer writes.")]) -> None:
    """Predict the intent of one text with the model in service."""
    from nlp.jobs.answer import Answerer
    from nlp.text.embed import load_encoder

    with settings_and_store() as (settings, store):
        (answer,) = Answerer(store, load_encoder(settings, store), settings=settings).predict(
            [text]
        )
    guess = answer.intent or "no intent"
    why = f", abstains: {answer.reason}" if answer.abstained else ""
    _say(f"{guess} {answer.probability:.3f}{why} (model {answer.model_version})")
    for name, probability in answer.runners_up:
        _say(f"  {name} {probability:.3f}")


def suggest(most: Annotated[int, typer.Option(min=1)] = 10) -> None:
    """Show topics that no intent covers yet, and the intents they overlap with."""
    from sql.stores.suggestions import suggestions

    with settings_and_store() as (settings, store):
        rows = suggestions(store.engine, days=settings.window_days, most=most)
    for row in rows:
        overlaps = ", ".join(f"{k} {v:.0%}" for k, v in (row["overlaps"] or {}).items())
        _say(
            f"{row['topic_id']} {row['label']}: {row['n_messages']} messages"
            + (f", overlaps {overlaps}" if overlaps else "")
        )
        for text in row["examples"]:
            _say(f"  {text[:100]}")
    if not rows:
        _say("Every living topic belongs to an intent")


def intents(
    taxonomy: Annotated[
        Path | None, typer.Option(help="CSV with name,description to add or update.")
    ] = None,
) -> None:
    """Show the intents; with a file, add or update them first."""
    import csv

    from nlp.errors import LabelError
    from nlp.records import Intent

    with settings_and_store() as (_, store):
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
    """List the model versions, or show the card of one."""
    from sqlalchemy import text

    with settings_and_store() as (_, store):
        if card:
            _say(store.model(card).card)
            return
        query = text("SELECT * FROM triage.models ORDER BY trained_at DESC")
        with store.engine.connect() as connection:
            for row in connection.execute(query).mappings():
                accuracy = "" if row["accuracy"] is None else f" accuracy {row['accuracy']:.3f}"
                _say(f"{row['version']} {row['role']}{accuracy} {row['gate'] or ''}".rstrip())


def approve(version: str, by: By = None) -> None:
    """Approve a challenger: put it into service."""
    from nlp.intents.tracking import tracker_of
    from nlp.jobs.govern import promote as put_into_service

    with settings_and_store() as (settings, store):
        put_into_service(store, version, by=by or getpass.getuser(), tracker=tracker_of(settings))
    _say(f"Model {version} is in service")


def rollback(
    version: Annotated[str | None, typer.Argument(help="By default the one before.")] = None,
    by: By = None,
) -> None:
    """Put an earlier model into service; its predictions count again."""
    from nlp.jobs.govern import rollback as roll_back

    with settings_and_store() as (_, store):
        _say(f"Model {roll_back(store, by=by or getpass.getuser(), version=version)} is in service")


def drift(
    day: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="Last day of the week.")],
) -> None:
    """Measure how far the week that ends on a day differs from the four weeks before it."""
    from nlp.jobs.drift import measure_drift
    from nlp.text.embed import load_encoder

    with settings_and_store() as (settings, store):
        name = load_encoder(settings, store).name
        measured = measure_drift(store, day.date(), encoder_name=name, settings=settings)
    figures = [measured.messages, measured.confidence, measured.intents]
    shown = ["-" if f is None else f"{f:.3f}" for f in figures]
    _say(f"messages {shown[0]}, confidence {shown[1]}, intents {shown[2]}")
    if measured.alert:
        _say(measured.alert)


def serve() -> None:
    """Serve predictions and embeddings over HTTP until Ctrl-C; see /docs."""
    from nlp.apps.serve.app import run

    run(load())


def train_on(
    path: Path | None,
    store: Any,
    encoder: Any,
    settings: Settings,
    *,
    columns: tuple[str | None, str | None] = (None, None),
) -> None:
    """Train on the examples of a file, or on those stored; a model that passes goes into service.

    Nothing is stored before the examples are checked. Raises TriageError where the file is not such
    a CSV, TrainingError where there is too little to learn from.
    """
    from nlp.errors import TrainingError
    from nlp.intents.tracking import tracker_of
    from nlp.jobs.govern import train_intents
    from nlp.jobs.train import check_examples, prepare_examples, snapshot
    from nlp.sources.examples import read_examples

    if path is not None:
        rows, problems = read_examples(path, text_column=columns[0], intent_column=columns[1])
        prepared = prepare_examples(store, rows, settings=settings)
        try:
            check_examples(store, prepared)
        except TrainingError as error:
            first = f". No example is {problems[0]}" if problems else ""
            raise TrainingError(f"{error}{first}") from error
        _tell([*(f"Left out, {problem}" for problem in problems), *prepared.lines()])
        store.save_examples(prepared.examples, origin="file")
    _tell(snapshot(store, encoder).report.left_out_lines())
    tracker = tracker_of(settings)
    version, metrics = train_intents(store, encoder, settings=settings, tracker=tracker)
    print(f"Model {version}: accuracy {metrics['accuracy']:.3f} on held-out folds")  # noqa: T201


def _tell(lines: list[str]) -> None:
    """Say what a person should know of the data, to stderr; the first lines of each kind."""
    console = Console(stderr=True)
    for line in lines[:_MOST_SAID]:
        console.print(escape(line), soft_wrap=True, highlight=False)
    if len(lines) > _MOST_SAID:
        console.print(f"… and {len(lines) - _MOST_SAID:,} more", highlight=False)


@contextmanager
def settings_and_store() -> Iterator[tuple[Settings, Any]]:
    """Yield the settings and the store; the embedded server is migrated first."""
    from sql.connect import migrate, open_store

    settings = load()
    if settings.database_url is None:
        migrate(settings)
    with open_store(settings) as store:
        yield settings, store


def _say(line: str) -> None:
    Console().print(escape(line), soft_wrap=True, highlight=False)
