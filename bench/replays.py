"""Replays a file of messages with the command that users run, in a separate database."""

from pathlib import Path


def replay(messages: Path, folder: Path) -> Path:
    """Replay a CSV file of messages inside `folder`; return the folder of the exports.

    Raises RuntimeError if the command fails.
    """
    from typer.testing import CliRunner

    from nlp.apps.cli.app import app
    from sql import embedded

    out, local = folder / "out", folder / "local"
    arguments = ["replay", str(messages), "--out", str(out)]
    environment = {"TRIAGE_LOCAL_DIR": str(local)}
    try:
        ended = CliRunner(env=environment).invoke(app, arguments, catch_exceptions=False)
    finally:
        embedded.stop(local)
    if ended.exit_code:
        raise RuntimeError(f"The replay ended with {ended.exit_code}: {ended.output}")
    return out
