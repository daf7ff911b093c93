"""The command that erases a customer or a message."""

import datetime as dt
import getpass
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from nlp.apps.cli.intents import By, settings_and_store
from nlp.settings import Settings, load

if TYPE_CHECKING:
    from nlp.jobs.erase import Erased
    from nlp.records import Target

_NOT_OWNER = (
    "The database keeps dead rows and words of its search indexes until the owner of the tables "
    "runs VACUUM and REINDEX INDEX CONCURRENTLY triage.messages_search"
)


def erase(
    customer: Annotated[
        str | None, typer.Option(help="Id of a customer, as the source gives it.")
    ] = None,
    message: Annotated[
        str | None, typer.Option(help="Id of a message, as its source gives it.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Source of the message, where several have its id.")
    ] = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Only count what would be erased.")
    ] = False,
    by: By = None,
) -> None:
    """Erase a customer or a message, with all that was derived, and bar it from coming back.

    It cannot be undone. Counts of past days stay. Databases that replays left are erased from, too.
    """
    from nlp.errors import NotFoundError
    from nlp.jobs import erase as job

    if (customer is None) == (message is None) or (source and message is None):
        raise typer.BadParameter("Give --customer ID, or --message ID with or without --source")
    user = getpass.getuser()
    with settings_and_store() as (settings, store):
        target = (
            job.customer(customer, settings=settings)
            if customer is not None
            else job.message(message or "", source=source, settings=settings)
        )
        erased = _erase(store, target, settings, by=by or user, rehearse=rehearse)
        _tell(erased, "message" if customer is None else "customer", rehearse=rehearse)
        if settings.lake_url and not rehearse:
            _say(_from_lake(store, settings.lake_url, target, erased))
        for name, replay in replays(settings):
            with suppress(NotFoundError):
                again = _erase(replay, target, settings, by=by or user, rehearse=rehearse)
                if again.counts:
                    _say(f"In the database {name} of a replay: {_listed(again)}")


def _from_lake(store: Any, url: str, target: "Target", erased: "Erased") -> str:
    """Erase from the lake what was erased in the database; return what it deleted."""
    from functools import partial

    from nlp.errors import LakeError
    from nlp.jobs.lake import Lake, erase_from
    from sql.queries.lake import rows_of

    try:
        rows = partial(rows_of, store.engine)
        n = erase_from(Lake.at(url), target, erased.message_ids, rows)
    except LakeError as error:
        raise LakeError(
            f"{error}. The database has nothing of it any more; the lake may: run the same command "
            "again"
        ) from error
    return f"In the lake: {n:,} rows"


def retain(
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Only count what would be deleted.")
    ] = False,
) -> None:
    """Delete what is older than its retention: TRIAGE_RETAIN_MESSAGES, …_QUARANTINE and so on.

    Counts of past days stay. The DAG enforce_retention does the same every day.
    """
    from nlp.jobs import retain as job

    with settings_and_store() as (settings, store):
        retention = settings.retention()
        today = dt.datetime.now(settings.zone).date()
        if not retention:
            _say("No retention is set: everything is kept. TRIAGE_RETAIN_MESSAGES=730 is two years")
        elif rehearse:
            counts = job.due(lambda: store.erasing(is_rehearsal=True), retention, today=today)
            _say(f"Would delete: {_rows(counts)}. Nothing was changed")
        else:
            _say(f"Deleted: {_rows(job.retain(store.erasing, retention, today=today))}")


def _rows(counts: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {kind}" for kind, n in counts.items())


def _erase(
    store: Any, target: "Target", settings: Settings, *, by: str, rehearse: bool
) -> "Erased":
    """Erase in one database, then remove its dead rows."""
    from nlp.intents.tracking import tracker_of
    from nlp.jobs.erase import erase as erase_in

    with store.erasing(is_rehearsal=rehearse) as erasures:
        erased = erase_in(
            erasures,
            target,
            actor=by,
            sources=list(settings.sources),
            tracker=None if rehearse else tracker_of(settings),
        )
    if (
        erased.counts
        and not rehearse
        and not store.vacuum(erased.counts.keys() - {"to_cut_again"}, days=erased.days)
    ):
        _say(_NOT_OWNER)
    return erased


def _tell(erased: "Erased", what: str, *, rehearse: bool) -> None:
    if erased.other_key:
        _say("Some days were ingested under another TRIAGE_HASH_KEY: customers are not found there")
    if rehearse:
        _say(f"Would erase: {_listed(erased)}. Nothing was changed")
        return
    if not erased.counts:
        before = f" It was erased on {erased.barred_on:%Y-%m-%d}." if erased.barred_on else ""
        _say(f"Nothing is stored of this {what}.{before} It is barred from now on")
        return
    _say(f"Erased: {_listed(erased)}. Erasure {erased.number}; this {what} is barred from now on")
    if n := erased.counts.get("to_cut_again"):
        _say(
            f"{n} other messages of the same conversations are not counted until their days run "
            "again: those days are stale"
        )
    if erased.models:
        _say(
            f"Models that had learnt from it, and keep nothing of it: {', '.join(erased.models)}. "
            "`triage train` makes one without it"
        )
    if erased.registered:
        _say(f"TRIAGE_MLFLOW_URI is off: MLflow keeps copies of {', '.join(erased.registered)}")


def _listed(erased: "Erased") -> str:
    counts = {k: n for k, n in erased.counts.items() if k != "to_cut_again"}
    return ", ".join(f"{n:,} {table}" for table, n in counts.items()) or "nothing"


def replays(settings: Settings) -> Iterator[tuple[str, Any]]:
    """The databases that replays left on the embedded server; those of another version are said."""
    if settings.database_url is not None:
        return
    from nlp.errors import DatabaseError
    from sql.connect import open_store
    from sql.embedded import database_url, databases

    for name in databases(settings.local_dir, "replay_"):
        own = load(database_url=database_url(settings.local_dir, name))
        try:
            with open_store(own) as store:
                yield name, store
        except DatabaseError as error:
            _say(f"Not looked at, the database {name} of a replay: {error}")


def _say(line: str) -> None:
    Console().print(escape(line), soft_wrap=True, highlight=False)
