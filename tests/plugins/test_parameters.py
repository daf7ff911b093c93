"""What addresses ask for: the empty fields of a form, and days that are none."""

import html
import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import CARD, DAY, N_EACH, fill

_Open = Callable[[Settings], TestClient]


def _alerts(page: str) -> list[str]:
    return [html.unescape(t) for t in re.findall(r'role="alert">(.*?)</p>', page)]


def test_an_empty_parameter_is_an_absent_one_everywhere(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Every page, file and address for scripts answers the same with all its parameters empty."""
    fill(store)
    client = client_of(settings)
    schema = client.get("/triage/api/openapi.json").json()
    tried = 0
    for path, result in schema["paths"].items():
        names = [
            p["name"] for p in result.get("get", {}).get("parameters", ()) if p["in"] == "query"
        ]
        if not names or "{message}" in path:
            continue
        address = path.replace("{topic}", str(CARD)).replace("{name}", "runs")
        address = address.replace("{kind}", "json")
        empty = "&".join(f"{name}=" for name in names)
        plain = client.get(f"/triage{address}")
        answer = client.get(f"/triage{address}?{empty}&{names[0]}=%20&nothing")
        assert (answer.status_code, answer.text) == (200, plain.text), path
        tried += 1
    assert tried >= 12


@pytest.mark.parametrize("path", ["/messages", f"/themes/{CARD}"])
@pytest.mark.parametrize(
    ("query", "output"),
    [
        ("since=yesterday&q=lost", "'yesterday' is no day: write it like 2026-03-09."),
        ("until=2026-02-30&q=lost", "'2026-02-30' is no day: write it like 2026-03-09."),
        (
            "since=2026-03-10&until=2026-03-09&q=lost",
            "No day is from 2026-03-10 on and up to 2026-03-09: swap the two.",
        ),
    ],
)
def test_a_wrong_day_is_told_beside_the_form_which_keeps_it(
    store: PostgresStore, settings: Settings, client_of: _Open, path: str, query: str, output: str
) -> None:
    """The sentence is an alert, the fields hold what was typed, and no message is shown."""
    fill(store)
    answer = client_of(settings).get(f"/triage{path}?{query}")
    assert answer.status_code == 422
    assert _alerts(answer.text) == [output]
    for name, value in (pair.split("=") for pair in query.split("&")):
        assert re.search(f'name="{name}" value="{value}"', answer.text)
    assert '<li class="message"' not in answer.text


def test_one_day_of_two_filters_alone(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """A form with one of its two days filled in shows what arrived since, or until."""
    fill(store)
    client = client_of(settings)
    counts = [
        client.get(f"/triage/themes/{CARD}?q=&channel=&intent=&{days}").text.count('class="words"')
        for days in (f"since={DAY}&until=", "since=2026-03-10&until=", f"since=&until={DAY}")
    ]
    assert counts == [N_EACH, 0, N_EACH]


def test_files_and_scripts_are_told_of_a_wrong_day(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Neither a file nor JSON begins: both answer 422 with the sentence."""
    fill(store)
    client = client_of(settings)
    for path in ("/export/messages.csv", "/api/messages", f"/api/themes/{CARD}/messages"):
        answer = client.get(f"/triage{path}?since=soon", headers={"Accept": "*/*"})
        assert answer.status_code == 422
        assert answer.json()["detail"] == "'soon' is no day: write it like 2026-03-09."
