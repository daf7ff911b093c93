"""The commands that show whether what is stored is what was written: the chain, and signatures."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from nlp.apps.cli.intents import settings_and_store


def verify(
    head: Annotated[
        str, typer.Option(help="The head that an earlier run printed: it must be in the chain.")
    ] = "",
) -> None:
    """Follow the chain of decisions, check the models, and name the first that is wrong.

    Keep the head that it prints outside the database, and give it at the next run.
    """
    from nlp.errors import TamperedError
    from sql.queries.chain import verify as walk

    with settings_and_store() as (_, store):
        with store.engine.begin() as connection:
            chain = walk(connection, head=head.strip())
        if chain.broken is not None:
            raise TamperedError(chain.broken)
        versions = store.model_versions()
        for version in versions:
            store.model(version)
    _say(f"{chain.n_links:,} links hold, and {len(versions):,} models are what was stored")
    _say(f"Keep the head of the chain outside the database: {chain.head or 'none yet'}")


def sign(version: Annotated[str, typer.Argument(help="A version of `triage models`.")]) -> None:
    """Sign a model as it is stored now, with TRIAGE_SIGNING_KEY: you vouch for it."""
    with settings_and_store() as (_, store):
        store.sign(version)
    _say(f"Model {version} is signed with the key of the settings")


def _say(line: str) -> None:
    Console().print(escape(line), soft_wrap=True, highlight=False)
