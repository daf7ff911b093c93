"""The command `triage digest`."""

import json
from pathlib import Path

import pytest

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.command_line import Triage, one_line, triage  # noqa: F401
from tests.three_themes import fill


@pytest.fixture
def run(triage: Triage, settings: Settings) -> Triage:  # noqa: F811
    """The command line on an empty database."""
    assert settings.database_url is not None
    triage.monkeypatch.setenv("TRIAGE_DATABASE_URL", settings.database_url.get_secret_value())
    return triage


def test_a_digest_is_written_in_each_form(run: Triage, store: PostgresStore) -> None:
    """Markdown is printed, with links where the page's address is known; a file gets the rest."""
    fill(store)
    printed = run("digest", page_url="https://example.org/triage/")
    assert printed.code == 0
    assert printed.out.startswith("# Week to 9 Mar 2026")
    assert "](https://example.org/triage/themes/" in printed.out
    assert run("digest", "--format", "json", "--out", "week.json", "--days", "3").code == 0
    assert json.loads(Path("week.json").read_text())["n_days"] == 3
    assert run("digest", "--format", "html", "--out", "week.html").code == 0
    assert Path("week.html").read_text().startswith("<div style=")


def test_a_digest_that_cannot_be_is_an_error_of_one_line(run: Triage, store: PostgresStore) -> None:
    """Before the first day it says how to begin; a wrong day, form or address is named."""
    ended = run("digest")
    assert ended.code == 1
    assert "No day was discovered yet" in one_line(ended)
    assert run("digest", "--days", "15").code == 2
    assert run("digest", "--day", "yesterday").code == 2
    wrong = run("digest", page_url="javascript:alert(1)")
    assert wrong.code == 1
    assert "TRIAGE_PAGE_URL" in wrong.err
