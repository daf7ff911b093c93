"""The command line `triage`, run in the process of a test."""

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlp.apps.cli.app import main


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str


class Triage:
    """Runs the command line in this process, in a folder without settings."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *arguments: str | Path, **settings: str | Path) -> Ended:
        for name, value in settings.items():
            self.monkeypatch.setenv(f"TRIAGE_{name.upper()}", str(value))
        self.monkeypatch.setattr(sys, "argv", ["triage", *map(str, arguments)])
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
            assert isinstance(code, int)
        else:
            code = 0
        words = self.capsys.readouterr()
        return Ended(code, words.out, words.err)


@pytest.fixture
def triage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Triage]:
    """The command line; its effects on the process are undone."""
    for name in [n for n in os.environ if n.startswith("TRIAGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)
    handlers = list(logging.getLogger().handlers)
    yield Triage(monkeypatch, capsys)
    logging.getLogger().handlers[:] = handlers


def one_line(ended: Ended) -> str:
    """Return the line of an error: exit code 1, one line, and nothing else printed."""
    assert (ended.code, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert "Traceback" not in line
    return line
