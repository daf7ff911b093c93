"""The board and a theme's page over three themes: areas, and a run's merge that is parted."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.records import Driver, Segment
from nlp.settings import Settings
from sql.connect import PostgresStore
from sql.queries import segments
from tests import deciding
from tests.three_themes import (
    APP,
    CARD,
    DAY,
    N_EACH,
    NAMES,
    NEXT,
    PIN,
    discovery,
    fill,
    merge_by_a_run,
    message_id,
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


def _set_attributes(store: PostgresStore) -> None:
    """Of the card theme three messages are from DE and five from FR, each with an own order."""
    with store.engine.begin() as connection:
        for n in range(N_EACH):
            own = {"country": "DE" if n < 3 else "FR", "order": str(n), "a=b": "<i>", "vip": n > 5}
            connection.execute(
                text(
                    "UPDATE triage.messages SET attributes = :a WHERE message_id = :m; "
                    'UPDATE triage.messages SET attributes = \'{"country": "DE"}\' '
                    "WHERE message_id = :other"
                ),
                {"a": json.dumps(own), "m": message_id(CARD, n), "other": message_id(PIN, n)},
            )


def test_a_theme_is_broken_down_and_filtered_by_a_segment(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Values with shares; a chosen one is followed by chart, list, CSV and JSON alike."""
    fill(store)
    _set_attributes(store)
    settings = settings.model_copy(update={"attributes": {"vip": None, "country": "Land"}})
    client = client_of(settings)
    page = client.get(f"/triage/themes/{CARD}").text
    who = re.findall(r'<p class="plain" dir="auto">(.*?)</p>', page)
    assert [" ".join(re.sub("<[^>]*>", "", line).split()) for line in who] == [
        "a=b &lt;i&gt; 100%", "Land FR 62%, DE 38%", "source inbox 100%",
    ]  # fmt: skip
    assert "segment=country%3DDE" in page
    chosen = client.get(f"/triage/themes/{CARD}?segment=country%3DDE").text
    assert "Only messages with country DE" in chosen
    assert chosen.count('<li class="message"') == 3
    table = re.search(r"<tbody>(.*?)</tbody>", chosen, re.S)
    assert table is not None
    assert re.findall(r'<td class="n">(.*?)</td>', table[1])[0] == "3"
    for where, n in (("country%3DDE", 3), ("a%3Db%3D%3Ci%3E", 8), ("source%3Dinbox", 8)):
        listed = f"theme={CARD}&segment={where}"
        assert len(client.get(f"/triage/export/messages.json?{listed}").json()) == n
        assert len(client.get(f"/triage/export/messages.csv?{listed}").text.splitlines()) == n + 1
    assert len(client.get("/triage/api/messages?segment=country%3DDE").json()) == 3 + N_EACH
    form = client.get("/triage/messages?segment=country%3DDE").text
    assert 'name="segment" value="country=DE" checked' in form
    nobody = client.get(f"/triage/themes/{CARD}?segment=%3Cb%3E")
    assert (nobody.status_code, "No message is like that." in nobody.text) == (200, True)
    assert "<b>" not in nobody.text


def test_a_segment_follows_merges_and_corrections(store: PostgresStore, settings: Settings) -> None:
    """What was merged in or placed by a person counts; what was placed elsewhere does not."""
    fill(store)
    _set_attributes(store)

    def of_card() -> dict[str, int]:
        with store.engine.connect() as connection:
            values = segments.values_of(connection, CARD, last=NEXT, names={})
            days = segments.days_of(connection, CARD, "country=DE", last=NEXT, n_days=28)
        counted = {v.value: v.n for v in values["country"]}
        assert sum(day.n for day in days) == counted["DE"]
        return counted

    assert of_card() == {"FR": 5, "DE": 3}
    with store.engine.begin() as connection:
        deciding.correct(connection, message_id(PIN, 0), topic_id=CARD, actor="maria")
        deciding.correct(connection, message_id(CARD, 7), topic_id=APP, actor="maria")
    assert of_card() == {"FR": 4, "DE": 4}
    merge_by_a_run(store)
    assert of_card() == {"FR": 4, "DE": 3 + N_EACH}


def test_an_attribute_with_very_many_values_is_bounded(store: PostgresStore) -> None:
    """Values of one message are no segment; of the others the six most frequent are listed."""
    fill(store)
    with store.engine.begin() as connection:
        query = "UPDATE triage.messages SET attributes = jsonb_build_object('order', external_id)"
        connection.execute(text(query))
        assert list(segments.values_of(connection, CARD, last=DAY, names={})) == ["source"]
        many = {f"name {n}": "x" for n in range(40)}
        query = "UPDATE triage.messages SET attributes = CAST(:a AS jsonb)"
        connection.execute(text(query), {"a": json.dumps(many)})
        assert len(segments.values_of(connection, CARD, last=DAY, names={})) == 12
