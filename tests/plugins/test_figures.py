"""One figure, one query: whichever way a person or a script asks for it, it is the same."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.apps.cli.console import show_board
from nlp.records import Alert, Drift, TopicDay
from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries import board
from sql.stores.heirs import update_heirs
from sql.stores.suggestions import suggestions
from tests import ways
from tests.three_themes import (
    APP,
    CARD,
    DAY,
    N_EACH,
    NAMES,
    PIN,
    discovery,
    fill,
    merge_by_a_run,
    message_id,
    run,
)
from tests.ways import Figures

_Open = Callable[[Settings], TestClient]
BEFORE = {CARD: 3, PIN: 30, APP: 5}
"""Messages on the day a week earlier, by topic."""
deciding = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])


def _fill(store: PostgresStore) -> None:
    """A day a week ago with other counts, today, and the alerts of both."""
    fill(store)
    earlier = replace(
        discovery(list(NAMES)),
        topic_days=[TopicDay(t, n, 5.0, 9.0, 0.5, "steady") for t, n in BEFORE.items()],
        alerts=[Alert(PIN, "surge", 30, 2.0, 1e-6, "high")],
    )
    run(store, DAY - dt.timedelta(7), earlier)
    _finish(store)


def _finish(store: PostgresStore) -> None:
    """What the command line prints of the last day."""
    with store.engine.begin() as connection:
        counts, seconds = '{"n_messages": 24, "n_clustered": 24}', '{"total": 1}'
        query = text("UPDATE triage.runs SET counts = :c, seconds = :s WHERE job = 'discover'")
        connection.execute(query, {"c": counts, "s": seconds})


def _same_everywhere(
    store: PostgresStore, client: TestClient, capsys: pytest.CaptureFixture[str]
) -> Figures:
    """The figures of every theme, after all ways to them were compared."""
    api = client.get("/triage/api/themes").json()["themes"]
    labels = {row["label"]: row["topic_id"] for row in api}
    topics = list(labels.values())
    result = {
        "board": ways.by_board(client),
        "view of the trend": ways.by_trend_view(store),
        "theme page": ways.by_page(client, topics),
        "CSV": ways.by_csv(client),
        "JSON": ways.by_json(client),
        "CSV of the days": ways.by_days_csv(client),
        "API": ways.by_api(client),
        "API of one theme": ways.by_api_of_one(client, topics),
        "triage themes": ways.by_command(store, labels, capsys),
    }
    figures = ways.by_view(store)
    # The board tells the week before in percent of this week.
    rough = {t: (*row[:2], pytest.approx(row[2], rel=0.02), row[3]) for t, row in figures.items()}
    assert result.pop("board") == rough
    assert result == dict.fromkeys(result, figures)
    return figures


def _post(client: TestClient, path: str, **fields: Any) -> int:
    answer = client.post(f"/triage{path}", data=fields, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["decision"])


@deciding
def test_every_way_to_a_figure_gives_the_same(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """View, board, theme page, files, API and command line agree after each kind of change."""
    _fill(store)
    client = client_of(settings)

    def figures() -> Figures:
        return _same_everywhere(store, client, capsys)

    before = figures()
    assert before == {t: (8, 8, n, 5) for t, n in BEFORE.items()}

    merged = _post(client, f"/themes/{APP}/merge", heir=CARD)
    assert figures() == {CARD: (16, 16, 8, 10), PIN: (8, 8, 30, 5)}
    _post(client, f"/undo/{merged}")
    assert figures() == before

    picked = [message_id(CARD, n) for n in (1, 3, 5)]
    split = _post(client, f"/themes/{CARD}/split", message=picked, label="Stolen cards")
    (child,) = set(figures()) - set(NAMES)
    assert figures() == {**before, CARD: (5, 5, 3, 5), child: (3, 3, 0, 0)}
    _post(client, f"/messages/{message_id(PIN, 0)}/correct", theme=f"Stolen cards · {child}")
    assert figures()[child] == (4, 4, 0, 0)
    assert figures()[PIN] == (7, 7, 30, 5)
    _post(client, f"/themes/{child}/merge", heir=PIN)
    assert figures() == {**before, CARD: (5, 5, 3, 5), PIN: (11, 11, 30, 5)}
    with pytest.raises(AssertionError, match="409"):  # its part was merged away since
        _post(client, f"/undo/{split}")


@deciding
def test_a_theme_does_not_surge_by_what_was_split_off(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Within its band without them it is steady at once, everywhere; undone it surges again."""
    _fill(store)
    with store.engine.begin() as connection:
        query = "UPDATE triage.topic_days SET status = 'surging', upper = 6 WHERE topic_id = :t"
        connection.execute(text(query), {"t": CARD})
    client = client_of(settings)

    def states() -> set[str]:
        board = client.get("/triage/api/themes").json()["themes"]
        days = client.get(f"/triage/api/themes/{CARD}").json()["days"]
        result = {row["state"] for row in board if row["topic_id"] == CARD}
        return result | {day["state"] for day in days if day["day"] == str(DAY)}

    assert states() == {"surging"}
    picked = [message_id(CARD, n) for n in (1, 3, 5)]
    split = _post(client, f"/themes/{CARD}/split", message=picked, label="Stolen cards")
    assert states() == {"steady"}
    _post(client, f"/undo/{split}")
    assert states() == {"surging"}


@deciding
def test_every_way_follows_a_merge_that_a_run_made_and_its_parting(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The heir counts the days before the merge, too, until a person brings the theme back."""
    _fill(store)
    merge_by_a_run(store)
    _finish(store)
    client = client_of(settings)
    merged = _same_everywhere(store, client, capsys)
    # The next day's run counts eight in each; the day of the messages is now within the week.
    assert merged == {CARD: (8, 24, 33, 5), APP: (8, 16, 5, 5)}
    parting = _post(client, f"/themes/{PIN}/part")
    parted = _same_everywhere(store, client, capsys)
    assert parted[PIN][1:3] == (8, 30)
    _post(client, f"/undo/{parting}")
    assert _same_everywhere(store, client, capsys) == merged


@deciding
def test_alerts_follow_merges_everywhere(
    store: PostgresStore, settings: Settings, client_of: _Open, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page, its files, the API and the command line name the heir of a merged topic."""
    _fill(store)
    client = client_of(settings)
    _post(client, f"/themes/{PIN}/merge", heir=CARD)
    view = [row["theme"] for row in client.get("/triage/export/alerts.json").json()]
    assert view == ["Card lost", "Card lost"]
    assert [row["theme"] for row in client.get("/triage/api/alerts").json()] == view
    page = client.get("/triage/?alerts=all").text
    assert re.findall(r"data-open><strong>(.*?)</strong></a>:", page) == view
    capsys.readouterr()
    show_board(store.engine, most=9)
    assert re.findall(r"^surge \S+ (.*?):", capsys.readouterr().out, re.M) == view


@deciding
def test_a_muted_theme_is_muted_everywhere(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Board, files and view call its state muted; the trend keeps what the run said."""
    _fill(store)
    client = client_of(settings)
    _post(client, f"/themes/{APP}/mute")
    states = {r["topic_id"]: r["state"] for r in client.get("/triage/export/themes.json").json()}
    assert states == {CARD: "steady", PIN: "steady", APP: "muted"}
    api = client.get("/triage/api/themes").json()["themes"]
    assert {r["topic_id"]: r["state"] for r in api} == states
    assert "muted <span>1</span>" in client.get("/triage/themes").text
    days = client.get("/triage/export/theme-days.json").json()
    assert {r["state"] for r in days if r["topic_id"] == APP} == {"steady"}


def test_the_drift_shown_is_the_one_that_was_measured(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """The page names the week and what moved most; before the first measurement it is silent."""
    _fill(store)
    client = client_of(settings)
    assert "drifted" not in client.get("/triage/runs").text
    shares = {"card_lost": (0.2, 0.4), "pin": (0.8, 0.6)}
    store.save_drift(Drift(DAY, 0.1, 0.2, 0.31, 60, 90, "", shares))
    page = client.get("/triage/runs").text
    assert "Intents drifted 0.31 in the week to 9 Mar 2026 against the four weeks before" in page
    assert re.findall(r"<li>(.*?) <span class=\"faint\">(.*?)</span>", page) == [
        ("card lost", "20.0% → 40.0%"), ("pin", "80.0% → 60.0%"),
    ]  # fmt: skip


@deciding
def test_the_page_suggests_what_the_command_line_does(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """A theme is suggested while no intent claims it, counted with what was merged into it."""
    _fill(store)
    client = client_of(settings)
    _post(client, f"/themes/{PIN}/merge", heir=CARD)
    _post(client, f"/messages/{message_id(CARD, 0)}/correct", intent="card_lost")
    (suggestion,) = suggestions(store.engine, days=settings.window_days, most=9)
    assert (suggestion["topic_id"], suggestion["n_messages"]) == (CARD, 16)
    assert suggestion["examples"] == ["Card lost again 0"]
    page = client.get("/triage/intents").text
    assert re.findall(r"Card lost</a> <span class=\"faint\">(.*?)</span>", page) == [
        "abstained on 0 of 16"
    ]
    for n in range(N_EACH):
        for topic in (CARD, PIN):
            _post(client, f"/messages/{message_id(topic, n)}/correct", intent="card_lost")
    assert suggestions(store.engine, days=settings.window_days, most=9) == []
    assert "Every large theme has its intent." in client.get("/triage/intents").text


def test_every_topic_of_a_chain_of_merges_counts_in_its_last(store: PostgresStore) -> None:
    """A person's merge into a theme that a run merges away leads to the end of both."""
    fill(store)
    event = "INSERT INTO triage.topic_events VALUES (:id, :d, 'merge', :a, :b, :actor, '')"
    with store.engine.begin() as connection:
        for name, topic, heir, actor in (("1", PIN, CARD, "maria"), ("2", CARD, APP, "run")):
            values = {"id": name, "d": DAY, "a": topic, "b": heir, "actor": actor}
            connection.execute(text(event), values)
        update_heirs(connection)
        shown = connection.execute(text("SELECT topic_id, heir_id FROM triage.heirs")).all()
        assert dict(map(tuple, shown)) == {PIN: APP, CARD: APP, APP: APP}
        (left,) = board.board(connection, board.Choice(), most=9)
        assert (left.topic_id, left.n_today) == (APP, 3 * N_EACH)


def test_nothing_but_the_one_place_resolves_heirs() -> None:
    """No query or view follows `heir_id` by itself; the view heirs does."""
    root = Path(__file__).parents[2] / "sql"
    files = [*root.glob("views/*.sql"), *root.glob("queries/*"), *root.glob("stores/*.py")]
    result = [f.name for f in files if f.is_file() and re.search(
        r"coalesce\(\w+\.heir_id|IN \(\w*\.?topic_id, \w*\.?heir_id\)", f.read_text())]  # fmt: skip
    assert result == []
