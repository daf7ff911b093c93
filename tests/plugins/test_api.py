"""What the page tells scripts: every address with what it takes, as a page and as OpenAPI."""

import html
import re
from collections.abc import Callable

from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import fill

_Open = Callable[[Settings], TestClient]


def _listed(page: str) -> dict[tuple[str, str], list[str]]:
    """What each method and address takes, as the page for scripts lists them."""
    cells = (
        r'<td class="mono">(\w+)</td><td class="mono nowrap">/triage(.*?)</td>.*?mono">(.*?)</td>'
    )
    return {(m, html.unescape(p)): t.split() for m, p, t in re.findall(cells, page)}


def test_scripts_are_told_of_every_address_and_what_it_takes(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Page and OpenAPI list the same; each with the names in its query and form."""
    fill(store)
    client = client_of(settings)
    listed = _listed(client.get("/triage/api").text)
    schema = client.get("/triage/api/openapi.json").json()
    assert set(listed) == {
        (method.upper(), path) for path, result in schema["paths"].items() for method in result
    }
    assert listed["GET", "/api/themes"] == [
        "q", "by", "state", "channel", "intent", "area", "group", "sort", "page",
    ]  # fmt: skip
    assert "most" in listed["GET", "/api/themes/{topic}/messages"]
    assert sorted(listed["POST", "/themes/{topic}/rename"]) == ["label", "seen"]
    assert not any("{path" in path for _, path in listed)
