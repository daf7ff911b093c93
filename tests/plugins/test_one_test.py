"""One test decides how a theme stands: state, chart, sentence, counts and lists agree with it."""

import html
import re
from collections.abc import Callable
from dataclasses import replace

from starlette.testclient import TestClient

from nlp.records import TopicDay
from nlp.settings import Settings
from nlp.states import DayStatus
from sql.connect import PostgresStore
from tests.three_themes import APP, CARD, DAY, NAMES, PIN, discovery, fill, run

_Open = Callable[[Settings], TestClient]


def _stand(store: PostgresStore, **days: TopicDay) -> None:
    """Run the day again with these rows."""
    fill(store)
    run(store, DAY, replace(discovery(list(NAMES)), topic_days=list(days.values())))


def _words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def _groups(page: str) -> dict[str, list[str]]:
    """The themes of each list of Today."""
    parts = re.split(r'<section aria-labelledby="g-', page)[1:]
    result = {part.split('"')[0]: part.split("</section>")[0] for part in parts}
    return {k: re.findall(r"data-open><strong>(.*?)</strong>", v) for k, v in result.items()}


def test_a_surge_over_several_days_is_one_on_chart_and_in_words(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Within its band today, it surges with the days before: the bar and the sentence say so."""
    _stand(
        store,
        card=TopicDay(CARD, 8, 5.0, 9.0, 1e-9, DayStatus.SURGING),
        pin=TopicDay(PIN, 12, 5.0, 9.0, 1e-5, DayStatus.STEADY),
        app=TopicDay(APP, 8, None, None, None, DayStatus.NEW),
    )
    client = client_of(settings)
    page = client.get(f"/triage/themes/{CARD}").text
    today = r"surging 8 today from \d+ customers, 5 expected, with the days before more than usual"
    assert re.search(today, _words(page))
    assert re.findall(r'class="bar above".*?<title>(.*?)</title>', page, re.S) == [
        f"{DAY}: 8, 5 expected, surging"
    ]
    page = client.get(f"/triage/themes/{PIN}").text
    assert "more than usual" not in page
    assert 'class="bar above"' not in page
    today = client.get("/triage/").text
    assert _groups(today)["surging"] == ["Card lost"]
    assert "No other theme is above what is usual." in today


def test_new_is_the_same_on_every_page(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """New is what has messages and nothing to expect; one that is silent or known is not."""
    _stand(
        store,
        card=TopicDay(CARD, 8, None, None, None, DayStatus.NEW),
        pin=TopicDay(PIN, 0, None, None, None, DayStatus.QUIET),
        app=TopicDay(APP, 8, 5.0, 9.0, 0.5, DayStatus.STEADY),
    )
    client = client_of(settings)
    today = client.get("/triage/").text
    assert _groups(today)["new"] == ["Card lost"]
    assert re.findall(r'href="/triage/themes\?state=new">(\d+)<', today) == ["1"]
    assert "No theme is above what is usual." in today
    board = client.get("/triage/themes?state=new").text
    assert "new <span>1</span>" in board
    assert re.findall(r'<td class="name"><a [^>]*>(.*?)</a>', board) == ["Card lost"]
    output = client.get("/triage/export/themes.json").json()
    assert {t["label"]: t["state"] for t in output} == {
        "Card lost": "new", "Pin blocked": "quiet", "App crashes": "steady",
    }  # fmt: skip
    assert "too young to expect anything" in _words(client.get(f"/triage/themes/{CARD}").text)
