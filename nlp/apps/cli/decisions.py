"""The part of the command line where a person decides about themes and messages.

Each command is logged like a decision on the page, and can be undone there and here.
"""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from nlp.apps.cli.intents import By, settings_and_store
from nlp.ports import DecisionStore
from nlp.topics.life import requests as ask

_Topic = Annotated[int, typer.Argument(help="Id of a theme, as `triage suggest` or the page says.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (
        rename, merge, unmerge, split, mute, unmute, promote, correct, rename_intent,
        retire_intent, undo,
    ):  # fmt: skip
        app.command()(command)


def rename(topic: _Topic, label: str, by: By = None) -> None:
    """Give a theme a name, which no run overwrites."""
    _decide(ask.Rename(topic, label), by, f"Theme {topic} has its new name")


def merge(topic: _Topic, heir: _Topic, by: By = None) -> None:
    """Merge a theme into another, its heir, which takes over its messages of every day."""
    _decide(ask.Merge(topic, heir), by, f"Theme {topic} was merged into {heir}")


def unmerge(topic: _Topic, by: By = None) -> None:
    """Bring a theme back that a run merged into another."""
    _decide(ask.Unmerge(topic), by, f"Theme {topic} is a theme of its own again")


def split(
    topic: _Topic,
    label: Annotated[str, typer.Option("--as", help="Name of the new theme.")],
    messages: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of its messages; without any, the model's proposal is taken."),
    ] = None,
    by: By = None,
) -> None:
    """Make some messages of a theme a theme of their own."""
    from nlp.jobs.decide import propose_split

    def wanted(store: DecisionStore) -> ask.PersonRequest:
        return ask.Split(topic, tuple(messages or propose_split(store, topic)), label)

    _decide(wanted, by, f"{label!r} is theme {{}}")


def mute(topic: _Topic, by: By = None) -> None:
    """Ask for no more alerts about a theme."""
    _decide(ask.Mute(topic), by, f"No more alerts about theme {topic}")


def unmute(topic: _Topic, by: By = None) -> None:
    """Ask for alerts about a theme again."""
    _decide(ask.Mute(topic, muted=False), by, f"Alerts about theme {topic} again")


def promote(
    topic: _Topic,
    name: Annotated[str, typer.Option("--as", help="Name of the new intent.")],
    description: Annotated[str, typer.Option(help="What it is about; else the theme's name.")] = "",
    by: By = None,
) -> None:
    """Make a theme an intent, its messages the first examples; the next training learns it."""
    wanted = ask.Promote(topic, name, description)
    _decide(wanted, by, f"Theme {topic} is an intent now; train to predict it")


def correct(
    message_id: str,
    intent: Annotated[str, typer.Argument(help="One of `triage intents`.")] = "",
    theme: Annotated[int | None, typer.Option(help="Id of the theme it belongs to.")] = None,
    by: By = None,
    note: str = "",
) -> None:
    """Say what a message's intent or theme really is; it outranks every model and run."""
    wanted = ask.Place((message_id,), theme, intent.strip() or None, note)
    _decide(wanted, by, f"Message {message_id} is corrected")


def rename_intent(
    intent: Annotated[str, typer.Argument(help="The intent as it is called now.")],
    name: Annotated[str, typer.Argument(help="Its new name, or that of another intent.")],
    by: By = None,
) -> None:
    """Rename an intent, or join it with another: its examples and corrections move."""
    from nlp.jobs import taxonomy

    with _deciding(by) as (store, who):
        number, n = taxonomy.move(store, intent, name, **who)
    _done(f"{n} examples and corrections moved to {name!r}. `triage train` serves it", number)


def retire_intent(
    intent: str,
    restore: Annotated[bool, typer.Option("--restore", help="Take it up again.")] = False,
    by: By = None,
) -> None:
    """Leave an intent out of further models; its examples are kept."""
    from nlp.jobs import taxonomy

    with _deciding(by) as (store, who):
        number = (taxonomy.restore if restore else taxonomy.retire)(store, intent, **who)
    became = "taken up again" if restore else "retired"
    _done(f"{intent!r} is {became}. `triage train` follows", number)


def undo(
    number: Annotated[int, typer.Argument(help="Number of a decision.")], by: By = None
) -> None:
    """Make it as it was before a decision, whoever made it and wherever."""
    from nlp.jobs.decide import undo as undo_decision

    with settings_and_store() as (_, store), store.deciding() as decisions:
        undone = undo_decision(decisions, number, actor=by or getpass.getuser())
    _say(f"Undone: decision {number}, “{undone.action}” by {undone.actor}")


def _decide(
    wanted: ask.PersonRequest | Callable[[DecisionStore], ask.PersonRequest],
    by: str | None,
    outcome: str,
) -> None:
    from nlp.jobs.decide import decide

    with _deciding(by) as (store, who):
        decided = decide(store, wanted(store) if callable(wanted) else wanted, **who)
    _done(outcome.replace("{}", str(decided.topic_id)), decided.number)


@contextmanager
def _deciding(by: str | None) -> Iterator[tuple[DecisionStore, dict[str, Any]]]:
    """Yield the store of one decision, and who decides it."""
    from nlp.states import Channel

    with settings_and_store() as (_, store), store.deciding() as decisions:
        yield decisions, {"actor": by or getpass.getuser(), "channel": Channel.COMMAND_LINE}


def _done(outcome: str, number: int) -> None:
    _say(f"{outcome}. Decision {number}")
    _say(f"Undo it with: triage undo {number}")


def _say(line: str) -> None:
    Console().print(escape(line), soft_wrap=True, highlight=False)
