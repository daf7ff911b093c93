"""The page's writes: what their forms take, within which limits, and which channel is logged."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import CARD, PIN, fill, message_id

_Open = Callable[[Settings], TestClient]
pytestmark = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])
_JSON = {"Accept": "application/json"}


def _logged(store: PostgresStore) -> list[tuple[object, ...]]:
    query = text("SELECT action, channel, actor FROM triage.decisions ORDER BY decision_no")
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_the_log_says_whether_a_page_or_a_script_decided(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """A browser is redirected with an undo, a script gets the number; both log the user's name."""
    fill(store)
    client = client_of(settings)
    html = client.post(f"/triage/themes/{CARD}/rename", data={"label": "Lost\0 cards"}).text
    assert "Card lost is now called Lost cards" in html
    answer = client.post(f"/triage/themes/{PIN}/mute", headers=_JSON)
    assert answer.json() == {"decision": 2}
    assert _logged(store) == [("rename", "page", "maria"), ("mute", "api", "maria")]


def test_a_conflict_offers_the_fields_again(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """All of them except the page's token, so that the person can decide anyway."""
    fill(store)
    picked = [message_id(CARD, n) for n in range(3)]
    form = {"message": picked, "label": "Stolen cards", "seen": "99", "back": "/triage/themes"}
    answer = client_of(settings).post(f"/triage/themes/{CARD}/split", data=form)
    assert answer.status_code == 409
    assert all(f'name="message" value="{m}"' in answer.text for m in picked)
    assert "You wanted: <strong>Stolen cards</strong>" in answer.text
    assert 'value="99"' not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"label=" + b"x" * 300_001, "application/x-www-form-urlencoded", 413),
        (b"label=" + b"x" * 1_000, "application/x-www-form-urlencoded", 422),
        (
            b'--b\r\nContent-Disposition: form-data; name="label"; filename="a"\r\n\r\nx\r\n--b--',
            "multipart/form-data; boundary=b",
            400,
        ),
        (b"{}", "application/json", 422),
    ],
)
def test_what_is_no_form_or_too_much_is_refused(
    store: PostgresStore,
    settings: Settings,
    client_of: _Open,
    content: bytes,
    kind: str,
    status: int,
) -> None:
    """A long body, a long name, a file and JSON: each gets an error page, and nothing is logged."""
    fill(store)
    headers = {"Content-Type": kind, **_JSON}
    address = f"/triage/themes/{CARD}/rename"
    answer = client_of(settings).post(address, content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert _logged(store) == []


def test_a_body_of_unknown_length_is_not_read(settings: Settings, client_of: _Open) -> None:
    """A body without a length is refused before any of it is read."""
    answer = client_of(settings).post("/triage/undo/1", content=iter([b"back=", b"x"]))
    assert answer.status_code == 413


def test_openapi_describes_every_form(settings: Settings, client_of: _Open) -> None:
    """Each write names the fields that it takes; each has somewhere to go back to."""
    from triage_page.app import create_app

    schema = create_app(settings).openapi()
    writes = {path: result["post"] for path, result in schema["paths"].items() if "post" in result}
    fields = {}
    for path, result in writes.items():
        if "requestBody" in result:
            (body,) = result["requestBody"]["content"].values()
            name = body["schema"]["$ref"].rpartition("/")[2]
            fields[path] = set(schema["components"]["schemas"][name]["properties"])
    assert fields["/themes/{topic}/split"] == {"message", "label", "seen", "back"}
    assert fields["/messages/{message}/correct"] == {"intent", "new", "theme", "seen", "back"}
    assert len(fields) == 22
    assert all("back" in names for names in fields.values())
