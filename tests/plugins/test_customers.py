"""Distinct customers beside messages, the same whichever way they are asked for."""

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.apps.cli.console import show_board
from nlp.records import Alert, Segment
from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries.export import export
from sql.stores.mix import fill_missing
from tests import ways_to_customers as ways
from tests.three_themes import (
    APP,
    CARD,
    DAY,
    NAMES,
    PIN,
    discovery,
    fill,
    merge_by_a_run,
    message_id,
    run,
)

_Open = Callable[[Settings], TestClient]
deciding = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])


def _same_everywhere(
    store: PostgresStore, client: TestClient, capsys: pytest.CaptureFixture[str]
) -> ways.Both:
    """The customers of every theme, after all ways to them were compared."""
    api = client.get("/triage/api/themes").json()["themes"]
    labels = {row["label"]: row["topic_id"] for row in api}
    topics = list(labels.values())
    figures = ways.by_view(store)
    both = {
        "theme page": ways.by_page(client, topics),
        "CSV": ways.by_csv(client),
        "JSON": ways.by_json(client),
        "API": ways.by_api(client),
    }
    assert both == dict.fromkeys(both, figures)
    today = {
        "view of the trend": ways.by_trend_view(store),
        "board": ways.by_board(client),
        "CSV of the days": ways.by_days_csv(client),
        "API of one theme": ways.by_api_of_one(client, topics),
        "triage themes": ways.by_command(store, labels, capsys),
    }
    of_today = {topic: n for topic, (n, _) in figures.items()}
    assert [way for way, result in today.items() if result != of_today] == []
    return figures


def _post(client: TestClient, path: str, **fields: Any) -> int:
    answer = client.post(f"/triage{path}", data=fields, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["decision"])


def _finish(store: PostgresStore) -> None:
    """What the command line tells of the last day."""
    counts, seconds = '{"n_messages": 24, "n_clustered": 24}', '{"total": 1}'
    query = text("UPDATE triage.runs SET counts = :c, seconds = :s WHERE job = 'discover'")
    with store.engine.begin() as connection:
        connection.execute(query, {"c": counts, "s": seconds})


@deciding
def test_every_way_counts_the_same_customers(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Eight messages of four customers, the same four in each theme, after each kind of change."""
    fill(store)
    _finish(store)
    client = client_of(settings)

    def figures() -> ways.Both:
        return _same_everywhere(store, client, capsys)

    before = figures()
    assert before == dict.fromkeys(NAMES, (4, 4))
    merged = _post(client, f"/themes/{APP}/merge", heir=CARD)
    assert figures() == {CARD: (4, 4), PIN: (4, 4)}  # the same four: they do not add up
    _post(client, f"/undo/{merged}")
    assert figures() == before

    # Both messages of one customer and one of another, who stays with the other message.
    picked = [message_id(CARD, n) for n in (0, 1, 2)]
    split = _post(client, f"/themes/{CARD}/split", message=picked, label="Stolen cards")
    (child,) = set(figures()) - set(NAMES)
    assert figures() == {**before, CARD: (3, 3), child: (2, 2)}
    corrected = _post(client, f"/messages/{message_id(PIN, 7)}/correct", theme=str(child))
    assert figures() == {**before, CARD: (3, 3), child: (3, 3)}
    _post(client, f"/undo/{corrected}")
    assert figures() == {**before, CARD: (3, 3), child: (2, 2)}
    _post(client, f"/undo/{split}")
    assert figures() == before


@deciding
def test_customers_follow_a_merge_that_a_run_made_and_its_parting(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody wrote on the day of the merge; the week has the customers of both topics once."""
    fill(store)
    merge_by_a_run(store)
    _finish(store)
    client = client_of(settings)
    merged = {CARD: (0, 4), APP: (0, 4)}
    assert _same_everywhere(store, client, capsys) == merged
    parting = _post(client, f"/themes/{PIN}/part")
    assert _same_everywhere(store, client, capsys) == {**merged, PIN: (0, 4)}
    _post(client, f"/undo/{parting}")
    assert _same_everywhere(store, client, capsys) == merged


def test_an_alert_tells_its_customers_everywhere(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Page, files, API and command line tell who wrote beside what was observed."""
    fill(store)
    alert = Alert(CARD, "surge", 8, 2.0, 1e-6, "high", 4)
    run(store, DAY, replace(discovery(list(NAMES)), alerts=[alert]))
    _finish(store)
    client = client_of(settings)
    for path in ("/triage/export/alerts.json", "/triage/api/alerts"):
        assert [(a["observed"], a["n_customers"]) for a in client.get(path).json()] == [(8, 4)]
    assert "8 on 9 Mar 2026 from 4 customers, 2 expected" in client.get("/triage/").text
    show_board(store.engine, most=9)
    assert "8 messages from 4 customers, 2 expected" in capsys.readouterr().out


def test_an_alert_names_its_segment_everywhere(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The page, the API, files and the command line name it; its value is escaped."""
    fill(store)
    segment = Segment("app_version", "8.2<b>", 17, 18, 3, 0.1)
    alert = Alert(CARD, "surge", 8, 2.0, 1e-6, "high", 4, segment)
    run(store, DAY, replace(discovery(list(NAMES)), alerts=[alert]))
    _finish(store)
    client = client_of(settings)
    for path in ("/triage/export/alerts.json", "/triage/api/alerts"):
        (result,) = client.get(path).json()
        assert (result["segment_name"], result["segment_value"]) == ("app_version", "8.2<b>")
        assert [result[f"segment_{n}"] for n in ("n", "of", "days", "usual")] == [17, 18, 3, 0.1]
    page = client.get("/triage/").text
    assert "2 expected; 17 of 18 in 3 days are app_version 8.2&lt;b&gt;, usually 10%" in page
    show_board(store.engine, most=9)
    printed = " ".join(capsys.readouterr().out.split())
    assert "2 expected; 17 of 18 in 3 days are app_version 8.2<b>, usually 10%" in printed


def test_a_message_without_a_customer_id_counts_as_a_customer(store: PostgresStore) -> None:
    """Nothing tells its customer from others; a day that was stored before is counted likewise."""
    fill(store)
    with store.engine.begin() as connection:
        query = "UPDATE triage.messages SET customer_hash = NULL WHERE message_id::text = ANY(:m)"
        connection.execute(text(query), {"m": [message_id(CARD, n) for n in (0, 1)]})
        connection.execute(text("DELETE FROM triage.topic_customers"))
        fill_missing(connection)
    assert ways.by_view(store) == {CARD: (5, 5), PIN: (4, 4), APP: (4, 4)}


def test_customers_of_a_week_count_once(store: PostgresStore) -> None:
    """Who wrote on two days is one customer of the week, and of all days; not before the week."""
    fill(store)
    with store.engine.begin() as connection:
        for days, customer in ((1, f"{0:032x}"), (2, "other"), (7, "long ago")):
            connection.execute(
                text("INSERT INTO triage.topic_customers VALUES (:t, :d, :c)"),
                {"t": CARD, "d": DAY - dt.timedelta(days), "c": customer},
            )
    assert ways.by_view(store)[CARD] == (4, 5)


def test_a_replay_writes_customers_beside_messages(store: PostgresStore, tmp_path: Path) -> None:
    """Of each topic in all and of each topic on each day."""
    fill(store)
    files = {p.stem: p for p in export(store.engine, tmp_path)}
    for name in ("topics", "topic_days"):
        with files[name].open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        output = {(r["n_messages"], r["n_customers"]) for r in rows}
        assert output == {("8", "4")}, name
