"""How a task gets its sources, its settings and its number of threads."""

import datetime as dt
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from bench.desk_world import Script, World
from bench.desk_zendesk import Zendesk
from nlp.errors import SettingError
from nlp.settings import load
from sql import embedded

DAY = dt.date(2026, 3, 2)


def _texts(setting: dict[str, object]) -> list[str]:
    """What a task pulls from a source with the given setting."""
    from triage_run_parts import source_named

    settings = load(sources={"inbox": setting}, _env_file=None)
    with source_named("inbox", settings=settings) as source:
        return [row.fields["text"] for row in source.pull(DAY)]


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_files_on_disk(tmp_path: Path, scheme: str) -> None:
    """A plain path and a URL both find the day's files, with wildcards too."""
    (tmp_path / "2026-03-02-b.csv").write_text("external_id,created_at,text\n1,2026-03-02,hello\n")
    assert _texts({"kind": "files", "url": f"{scheme}{tmp_path}/{{day}}-*.csv"}) == ["hello"]


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_lake_is_opened_as_files_are(tmp_path: Path, scheme: str) -> None:
    """A plain path and a URL are the same folder; a scheme that nothing opens is named alone."""
    from triage_run_parts import lake_at

    from nlp.jobs.lake import TABLES, export_day

    lake = lake_at(f"{scheme}{tmp_path}/lake")
    assert export_day(lake, DAY, lambda *_: []) == dict.fromkeys(TABLES, 0)
    assert (tmp_path / "lake" / "topics" / f"day={DAY}" / "part-0.parquet").is_file()
    with pytest.raises(SettingError, match=r"TRIAGE_LAKE_URL: .*open nowhere://") as raised:
        lake_at("nowhere://secret@bucket")
    assert "secret" not in str(raised.value)


def test_files_on_a_store_without_a_provider() -> None:
    """A scheme of fsspec is read although no Airflow provider registers it."""
    import fsspec

    with fsspec.filesystem("memory").open("/in/2026-03-02.csv", "w") as out:
        out.write("external_id,created_at,text\n1,2026-03-02,hello\n")
    assert _texts({"kind": "files", "url": "memory://in/{day}.csv"}) == ["hello"]


def test_an_unknown_store_is_a_setting_error() -> None:
    """The error for a scheme without a package names it and says what to install."""
    with pytest.raises(SettingError, match="is on nowhere://"):
        _texts({"kind": "files", "url": "nowhere://bucket/{day}.csv"})


def test_database_by_connection(
    local_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database source uses the Airflow connection and binds the bounds of the day."""
    url = embedded.database_url(local_dir, "helpdesk")
    engine = create_engine(url)
    with engine.begin() as opened:
        opened.exec_driver_sql("DROP TABLE IF EXISTS ticket")
        opened.exec_driver_sql("CREATE TABLE ticket (id int, at timestamptz, body text)")
        opened.exec_driver_sql(
            "INSERT INTO ticket VALUES (1, '2026-03-01 23:59Z', 'eve'), "
            "(2, '2026-03-02 00:00Z', 'day'), (3, '2026-03-03 00:00Z', 'morrow')"
        )
    engine.dispose()
    query = tmp_path / "q.sql"
    query.write_text(
        "SELECT id AS external_id, at AS created_at, body FROM ticket "
        "WHERE at >= :start AND at < :end ORDER BY id"
    )
    socket = make_url(url).query["host"]
    connection = {
        "conn_type": "postgres", "host": socket, "login": "postgres", "schema": "helpdesk"
    }  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_HELPDESK", json.dumps(connection))
    setting = {
        "kind": "database", "connection": "helpdesk", "query": str(query),
        "columns": {"text": "body"},
    }  # fmt: skip
    assert _texts(setting) == ["day"]


def test_database_of_the_connection_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is the connection `triage_postgres`, or else the one in the settings."""
    from triage_run_parts import settings_of_task

    def values() -> str:
        url = settings_of_task().database_url
        return url.get_secret_value() if url else ""

    monkeypatch.setenv("TRIAGE_DATABASE_URL", "postgresql://here/db")
    assert values() == "postgresql://here/db"
    monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_POSTGRES", "postgres://u:p@there:5433/db")
    assert values() == "postgres://u:p@there:5433/db"


def test_threads_are_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards that run in parallel share the cores; an operator's own setting is kept."""
    from triage_run_parts import limit_threads

    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    limit_threads(2)
    assert (os.environ["OMP_NUM_THREADS"], os.environ["MKL_NUM_THREADS"]) == ("4", "3")


def test_a_run_that_is_no_day_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partition key that is missing or no day is not retried, and the error says what to give."""
    import triage_dag_parts
    from airflow.sdk.exceptions import AirflowFailException

    for key in (None, "", "March", "2026-3-2"):
        run = SimpleNamespace(run_id="r", partition_key=key)
        monkeypatch.setattr(triage_dag_parts, "get_current_context", lambda r=run: {"dag_run": r})
        with pytest.raises(AirflowFailException, match="partition key"):
            triage_dag_parts.day_of_run()


def test_a_helpdesk_by_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Host, user and token are those of the connection `triage_zendesk`; no task logs them."""
    world = World(dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    Script(world, per_day=30, seed=4).run_until(world.now + dt.timedelta(hours=26))
    with Zendesk(world) as server:
        host, port = server.url.removeprefix("http://").split(":")
        connection = {
            "conn_type": "http", "host": host, "port": int(port), "schema": "http",
            "login": server.user, "password": server.token,
        }  # fmt: skip
        monkeypatch.setenv("AIRFLOW_CONN_TRIAGE_ZENDESK", json.dumps(connection))
        texts = _texts({"kind": "zendesk"})
        assert len(texts) == len(world.truth(before=dt.datetime(2026, 3, 3, tzinfo=dt.UTC)))
        monkeypatch.delenv("AIRFLOW_CONN_TRIAGE_ZENDESK")
        with pytest.raises(SettingError, match="Airflow connection 'triage_zendesk'"):
            _texts({"kind": "zendesk", "url": server.url, "user": server.user})
