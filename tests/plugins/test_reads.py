"""Who reads messages is logged, and without the rights for texts or files nobody gets any."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import HTTPException
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.records import Wording
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import CARD, DAY, NAMES, PIN, fill, message_id

_Open = Callable[[Settings], TestClient]
_WORDS = re.compile(rf"({'|'.join(NAMES.values())}) again")
_M = message_id(PIN, 0)


def _log(store: PostgresStore) -> list[tuple[Any, ...]]:
    query = "SELECT actor, what, filter, n FROM triage.reads ORDER BY read_no"
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.fixture
def filled(store: PostgresStore) -> PostgresStore:
    """Three themes, an intent with an example in a customer's words."""
    fill(store)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO triage.labelled_examples (text_hash, intent, text, origin) "
            "SELECT text_hash, 'pin', text, 'test' FROM triage.messages LIMIT 3"
        )
    return store


@pytest.mark.parametrize(
    ("address", "what", "filters", "n"),
    [
        ("/messages?q=pin&channel=chat", "messages", {"q": "pin", "channel": "chat"}, 8),
        (f"/messages/{_M}", "message", {"message": _M}, 1),
        ("/queue", "queue", {}, None),
        ("/queue/themes", "queue by theme", {}, None),
        ("/queue/guesses", "queue by guess", {}, None),
        (f"/queue/themes?theme={PIN}", "queue by theme", {"theme": str(PIN)}, None),
        (f"/themes/{CARD}?since={DAY}", "theme", {"since": str(DAY), "topic": str(CARD)}, 9),
        ("/intents/pin", "intent", {"name": "pin"}, 3),
        (f"/digest?day={DAY}", "digest", {"day": str(DAY)}, None),
        (f"/on/{DAY}/messages", "messages", {}, 24),
        (f"/api/themes/{PIN}/messages?most=3", "theme (API)", {"topic": str(PIN), "most": "3"}, 3),
        ("/api/messages", "messages (API)", {}, 24),
        (f"/api/messages/{_M}", "message (API)", {"message": _M}, 1),
        ("/api/queue", "queue (API)", {}, None),
        ("/api/queue/themes", "queue by theme (API)", {}, None),
        ("/export/messages.csv?channel=chat&bom=true", "export messages.csv",
         {"channel": "chat", "bom": "true", "kind": "csv"}, 24),
        (f"/export/messages.json?theme={PIN}", "export messages.json",
         {"theme": str(PIN), "kind": "json"}, 8),
        ("/export/themes.csv", "export themes.csv", {"kind": "csv"}, 3),
        ("/export/decisions.json", "export decisions.json",
         {"kind": "json", "name": "decisions"}, 0),
    ],
)  # fmt: skip
def test_each_read_is_logged_with_user_filter_and_count(
    filled: PostgresStore, settings: Settings, client_of: _Open,
    address: str, what: str, filters: dict[str, str], n: int | None,
) -> None:  # fmt: skip
    """One row a request, which has what was asked for, and no word of a message."""
    answer = client_of(settings).get(f"/triage{address}")
    assert answer.status_code == 200, answer.text
    ((actor, logged, asked, count),) = _log(filled)
    assert (actor, logged, asked) == ("maria", what, filters)
    assert count == n if n is not None else count >= 0
    assert not _WORDS.search(str(asked))


def test_figures_alone_are_not_logged(
    filled: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """What shows no message leaves no row."""
    client = client_of(settings)
    for address in ("/", "/themes", "/intents", "/runs", "/map", "/api/themes"):
        assert client.get(f"/triage{address}").status_code == 200
    assert _log(filled) == []


def test_a_file_that_breaks_off_is_logged_from_its_beginning(
    filled: PostgresStore, settings: Settings, client_of: _Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is there before the first byte; its count is of the rows that went out."""
    from triage_page import exports

    def breaking(names: list[str], rows: Any) -> Any:
        assert _log(filled)[0][3] is None
        next(rows)
        yield b"one"
        raise RuntimeError

    monkeypatch.setitem(exports._KINDS, "csv", (breaking, "text/csv"))
    assert "INCOMPLETE" in client_of(settings).get("/triage/export/messages.csv").text
    assert _log(filled) == [("maria", "export messages.csv", {"kind": "csv"}, 1)]


def _refuse() -> None:
    raise HTTPException(403)


def _without(client: TestClient, monkeypatch: pytest.MonkeyPatch, *rights: str) -> Any:
    """Take rights away as Airflow does; return the page's app."""
    from triage_page import guard

    page = client.app.routes[-1].app  # type: ignore[attr-defined]
    for right in rights:
        monkeypatch.setattr(guard, f"may_{right}", lambda _: False)
        dependency = guard.texts if right == "read_texts" else guard.exports
        page.dependency_overrides[dependency.dependency] = _refuse
    return page


def test_who_reads_figures_gets_no_word_of_a_message_on_any_address(
    filled: PostgresStore, settings: Settings, client_of: _Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All addresses that there are: each has figures, or says which right is missing."""
    client = client_of(settings)
    values = {"topic": str(CARD), "message": _M, "name": "pin", "kind": "csv", "number": "1"}
    addresses = [
        re.sub(r"{(\w+)}", lambda m: values[m[1]], route.path)
        for route in _without(client, monkeypatch, "read_texts").routes
        if "GET" in route.methods and "{path" not in route.path and "/static" not in route.path
    ]
    shown = {a: client.get(f"/triage{a}?most=20") for a in addresses}
    shown |= {f"{a} as JSON": client.get(f"/triage{a}", headers={"Accept": "*/*"}) for a in shown}
    assert len(addresses) > 20
    assert [a for a, answer in shown.items() if _WORDS.search(answer.text)] == []
    refused = {a for a, answer in shown.items() if answer.status_code == 403 and "JSON" not in a}
    assert refused == {
        "/messages", f"/messages/{_M}", "/queue", "/queue/themes", "/queue/guesses",
        "/api/messages", "/api/queue",
        f"/api/messages/{_M}", f"/api/themes/{CARD}/messages", "/api/queue/themes",
        "/export/messages.csv",
    }  # fmt: skip
    assert "reads figures, not the texts of messages" in shown["/messages"].text
    assert "Your role reads figures" in shown[f"/themes/{CARD}"].text
    assert {row[1] for row in _log(filled)} <= {"export themes.csv", "export pin.csv"}


def test_to_take_out_files_is_a_right_of_its_own(
    filled: PostgresStore, settings: Settings, client_of: _Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it every file is refused, and the page offers none; messages can be read."""
    client = client_of(settings)
    _without(client, monkeypatch, "export")
    for name in ("messages", "themes", "alerts", "decisions", "runs", "nothing"):
        for kind in ("csv", "json"):
            answer = client.get(f"/triage/export/{name}.{kind}")
            assert answer.status_code == 403
            assert "may not take out files" in answer.text
    page = client.get("/triage/messages")
    assert page.status_code == 200
    assert "/export/" not in page.text
    assert not any(row[1].startswith("export") for row in _log(filled))


def test_an_erasure_reaches_the_log_of_reads(
    filled: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """A filter that names the message that was erased is blanked; the read stays."""
    from nlp.jobs import erase as job

    client = client_of(settings)
    client.get(f"/triage/messages/{_M}")
    client.get(f"/triage/messages?q={_M}")
    client.get("/triage/messages?q=pin")
    target = job.message(_M, source="inbox", settings=settings)
    with filled.erasing() as erasures:
        job.erase(erasures, target, actor="officer", sources=["inbox"], seconds=1)
    assert _M not in str(_log(filled))
    assert [row[2] for row in _log(filled)] == [
        {"message": "[erased]"}, {"q": "[erased]"}, {"q": "pin"},
    ]  # fmt: skip


@pytest.mark.parametrize("statement", ["SELECT * FROM triage.reads", "DELETE FROM triage.reads",
                                       "SELECT triage.blank_reads('{x}')"])  # fmt: skip
def test_the_page_can_neither_read_nor_change_the_log(store: PostgresStore, statement: str) -> None:
    """The reviewer's role adds to it by its function alone."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql("SET ROLE triage_reviewer")
        with pytest.raises(Exception, match="permission denied"):
            connection.exec_driver_sql(statement)


def test_what_a_model_says_of_a_theme_is_shown_with_what_it_cites(
    filled: PostgresStore, settings: Settings, client_of: _Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name, its summary as text, a link to each message; figures alone show no summary."""
    cited = tuple(message_id(CARD, n) for n in (0, 2))
    wording = Wording(CARD, "tiny-model", NAMES[CARD], "They <b>lost</b> cards.", cited, cited)
    filled.save_wording("a", wording)
    client = client_of(settings)
    html = client.get(f"/triage/themes/{CARD}").text
    assert "Named by tiny-model." in html
    assert "They &lt;b&gt;lost&lt;/b&gt; cards." in html
    assert all(f"/messages/{message}" in html for message in cited)
    assert "tiny-model" not in client.get(f"/triage/themes/{PIN}").text
    _without(client, monkeypatch, "read_texts")
    html = client.get(f"/triage/themes/{CARD}").text
    assert "lost" not in html.replace(NAMES[CARD], "").lower()
    assert "Named by tiny-model." in html
