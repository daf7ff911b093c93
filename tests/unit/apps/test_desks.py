"""The command line with a helpdesk: its token by environment, its counts at the end."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from bench.desk_world import Script, World
from bench.desk_zendesk import Zendesk
from nlp.settings import Settings
from tests.command_line import Triage, one_line

_DAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(1)


@pytest.fixture
def server() -> Iterator[Zendesk]:
    """A Zendesk in which something was written yesterday."""
    world = World(_DAY)
    Script(world, per_day=40, seed=4).run_until(_DAY + dt.timedelta(hours=26))
    with Zendesk(world) as opened:
        yield opened


@pytest.fixture
def desk(triage: Triage, server: Zendesk, settings: Settings) -> Triage:
    """The command line with the desk as a source, and a database."""
    assert settings.database_url is not None
    source = {"kind": "zendesk", "url": server.url, "user": server.user}
    for name, value in {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "LOCAL_DIR": str(settings.local_dir),
        "SOURCES": json.dumps({"support": source}),
        "TOKENS": json.dumps({"support": server.token}),
    }.items():
        triage.monkeypatch.setenv(f"TRIAGE_{name}", value)
    return triage


def test_a_day_is_ingested_with_its_counts(desk: Triage, server: Zendesk) -> None:
    """`triage ingest` ends with what became of the rows; `inspect` shows them and stores none."""
    day = f"{_DAY:%Y-%m-%d}"
    shown = desk("inspect", "support")
    assert shown.code == 0
    assert f"messages of {day}" in shown.out
    assert "0 turned away" in shown.out
    n = len(server.world.truth(before=_DAY + dt.timedelta(1)))
    for known in (0, n):
        ended = desk("ingest", day)
        assert ended.code == 0
        assert f"{n} rows pulled: {n - known} stored, {known} known, 0 quarantined" in ended.out
        assert "n_changed=0 n_gone=0" in ended.out
    assert server.token not in shown.out + shown.err + ended.out + ended.err


def test_a_wrong_token_ends_with_one_line(desk: Triage, server: Zendesk) -> None:
    """The line names the setting; the token is in none of the outputs."""
    ended = desk("ingest", f"{_DAY:%Y-%m-%d}", tokens='{"support": "wr0ng"}')
    assert ended.code == 1
    assert "refuses the token (401)" in one_line(ended)
    assert "TRIAGE_TOKENS" in one_line(ended)
    assert "wr0ng" not in ended.out + ended.err
    missing = desk("ingest", f"{_DAY:%Y-%m-%d}", tokens="{}")
    assert "it has no token" in one_line(missing)
    broken = desk("ingest", f"{_DAY:%Y-%m-%d}", tokens="s3cret")
    assert "TRIAGE_TOKENS is not JSON" in one_line(broken)
    assert "s3cret" not in broken.out + broken.err
