"""The board and a theme's page over three themes: areas, and a run's merge that is parted."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.records import Driver, Segment
from nlp.settings import Settings
from sql.connect import PostgresStore
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
    run,
)

_Open = Callable[[Settings], TestClient]
_writes = pytest.mark.parametrize("client_of", [True], indirect=True, ids=["deciding"])


def _put_into_one_area(store: PostgresStore, *topics: int) -> None:
    with store.engine.begin() as connection:
        connection.execute(
            text("UPDATE triage.topics SET area_id = :a WHERE topic_id = ANY(:t)"),
            {"a": topics[0], "t": list(topics)},
        )


def _headings(html: str) -> list[str]:
    result = re.findall(r'<tr class="area">(.*?)</tr>', html, re.S)
    return [" ".join(re.sub(r"<[^>]*>", " ", part).split()) for part in result]


def _labels(html: str) -> list[str]:
    return re.findall(r'<td class="name"><a [^>]*>(.*?)</a>', html)


def test_the_board_groups_and_filters_by_area(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Grouped: the area before its themes, the others after; filtered: only the area's themes."""
    fill(store)
    client = client_of(settings)
    assert "By area" not in client.get("/triage/themes").text
    _put_into_one_area(store, PIN, CARD)
    html = client.get("/triage/themes?group=area&sort=label").text
    assert _headings(html) == ["Pin blocked 2 themes, 16 messages in 7 days", "Themes on their own"]
    assert _labels(html) == ["Card lost", "Pin blocked", "App crashes"]
    for member in (PIN, CARD):  # any theme of the area names it
        html = client.get(f"/triage/themes?area={member}&sort=label").text
        assert _labels(html) == ["Card lost", "Pin blocked"]
        assert "area <strong>Pin blocked</strong>" in html
    assert client.get("/triage/themes?area=nonsense").status_code == 404
    output = client.get(f"/triage/api/themes?area={PIN}").json()["themes"]
    assert {(t["area_id"], t["area"], t["area_size"]) for t in output} == {(PIN, "Pin blocked", 2)}


def test_a_theme_says_what_is_over_represented_in_its_week(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """One sentence with both shares and the interval; what customers wrote is escaped."""
    fill(store)
    client = client_of(settings)
    assert "Over-represented" not in client.get(f"/triage/themes/{CARD}").text
    driver = Driver(Segment("<b>app</b>", "8.2", 31, 44, 6, 0.09), 1e-6, 0.56, 0.82)
    run(store, DAY, replace(discovery(list(NAMES)), drivers={CARD: driver}))
    page = client.get(f"/triage/themes/{CARD}").text
    sentence = "31 of 44 since Wednesday are &lt;b&gt;app&lt;/b&gt; 8.2 (56% to 82%); usually 9%."
    assert f"Over-represented: {sentence}" in page
    assert "Over-represented" not in client.get(f"/triage/themes/{PIN}").text


def test_an_area_follows_its_leader_into_its_heir(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Where the leading theme is merged away, the area has the heir's name and keeps its link."""
    fill(store)
    _put_into_one_area(store, PIN, CARD, APP)
    merge_by_a_run(store)
    _put_into_one_area(store, PIN, CARD, APP)  # as the state of that run has it
    html = client_of(settings).get(f"/triage/themes?area={PIN}&group=area&sort=label").text
    assert _headings(html) == ["Card lost 2 themes, 40 messages in 7 days"]
    assert _labels(html) == ["App crashes", "Card lost"]


def test_a_theme_shows_its_fellows_and_the_map_its_area(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """A theme of an area links the others; one on its own has no such list."""
    fill(store)
    _put_into_one_area(store, PIN, CARD)
    client = client_of(settings)
    html = client.get(f"/triage/themes/{PIN}").text
    listed = html.split("Same area")[1].split("Near themes")[0]
    assert re.findall(r"data-open>(.*?)</a>", listed) == ["Card lost"]
    assert f"/themes?area={PIN}" in listed
    assert "Same area" not in client.get(f"/triage/themes/{APP}").text
    map_ = client.get("/triage/map").text
    assert len(re.findall(f'data-area="{PIN}"', map_)) == 2


@_writes
def test_a_merge_by_a_run_is_undone_on_the_heirs_page(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """The history offers it; then both themes stand, both pages tell who did it, `undo` undoes."""
    fill(store)
    merge_by_a_run(store)
    client = client_of(settings)
    address = f"/triage/themes/{PIN}/part"
    html = client.get(f"/triage/themes/{PIN}").text  # leads to the heir
    assert "“Pin blocked” was merged into this theme" in html
    assert f'action="{address}"' in html
    html = client.post(address).text
    assert "Pin blocked is a theme of its own again, with 8 messages" in html
    assert f'action="{address}"' not in client.get(f"/triage/themes/{CARD}").text
    for theme in (CARD, PIN):
        html = client.get(f"/triage/themes/{theme}").text
        assert re.search(r"part\s+Pin blocked out of Card lost, 8 messages", html)
        assert "<strong>maria</strong>" in html
    listed = client.get(f"/triage/api/themes/{PIN}/messages").json()
    assert len(listed) == N_EACH
    assert client.post(address).status_code == 422


def test_a_reader_is_not_offered_to_part(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Without the right to decide, the history shows the merge and offers nothing."""
    fill(store)
    merge_by_a_run(store)
    html = client_of(settings).get(f"/triage/themes/{CARD}").text
    assert "both in one cluster on several days running" in html
    assert f"/themes/{PIN}/part" not in html
