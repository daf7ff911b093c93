"""The command line `triage`, run in the process of a test."""

import sys
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
        said = self.capsys.readouterr()
        return Ended(code, said.out, said.err)
