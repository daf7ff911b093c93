"""The command line in a folder without settings."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Triage


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
