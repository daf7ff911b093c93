"""The ways to the figures of the themes: views, page, files, API, command line.

Each gives, by theme: messages of today, of seven days, of the seven before, and expected today.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.apps.cli.console import show_board
from sql.connect import PostgresStore

Figures = dict[int, tuple[int, ...]]
_Of = Callable[[dict[str, Any]], tuple[int, ...]]


def _number(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def by_view(store: PostgresStore) -> Figures:
    """The view of the board, as an analyst."""
    query = "SELECT topic_id, n_today, n_week, n_week_before, expected FROM triage.themes"
    with store.engine.connect() as connection:
        connection.execute(text("SET ROLE triage_reader"))
        rows = connection.execute(text(query)).all()
    return {r[0]: (*r[1:4], round(r[4] or 0)) for r in rows}


def by_trend_view(store: PostgresStore) -> Figures:
    """As an analyst would add up the days."""
    query = """
        WITH l AS (SELECT max(day) AS day FROM triage.theme_trend)
        SELECT topic_id, sum(n_messages) FILTER (WHERE t.day = l.day),
               sum(n_messages) FILTER (WHERE t.day > l.day - 7),
               coalesce(sum(n_messages) FILTER (WHERE t.day <= l.day - 7), 0),
               sum(expected) FILTER (WHERE t.day = l.day)
        FROM triage.theme_trend t, l WHERE t.day > l.day - 14 GROUP BY 1
    """
    with store.engine.connect() as connection:
        connection.execute(text("SET ROLE triage_reader"))
        rows = connection.execute(text(query)).all()
    return {r[0]: (*map(int, r[1:4]), round(r[4] or 0)) for r in rows}


def by_board(client: TestClient) -> Figures:
    """The rows of the page's table; the week before is what the change in percent says."""
    html = client.get("/triage/themes").text
    result = {}
    for row in html.split("<tr data-row>")[1:]:
        topic = int(re.findall(r"/themes/(\d+)\"", row)[0])
        today, _customers, expected, week, change, _age = re.findall(
            r'<td class="n(?: strong)?">(.*?)</td>', row
        )
        result[topic] = (_number(today), _number(week), _before(_number(week), change),
                        _number(f"0{expected}"))  # fmt: skip
    return result


def _before(week: int, change: str) -> int:
    if change in ("new", "\u2013"):
        return 0
    return round(week / (1 + int(change.strip("±+%").replace("\u2212", "-")) / 100))


def by_page(client: TestClient, topics: list[int]) -> Figures:
    """The head of each theme's page, its trend's last bar agreeing with it."""
    result = {}
    for topic in topics:
        html = client.get(f"/triage/themes/{topic}").text
        today, output, week, change = re.findall(
            r"(\d+) today(?: from \d+ customers?)?, (?:(\d+) expected|too young).*?; "
            r"(\d+) in 7 days \((.*?)\)",
            html,
            re.S,
        )[0]
        bars = {day: int(n) for day, n in re.findall(r"<title>(\S+): (\d+)(?:,|<)", html)}
        last = max(bars)
        assert bars[last] == int(today)
        assert sum(n for d, n in bars.items() if _age(last, d) < 7) == int(week)
        before = sum(n for d, n in bars.items() if 7 <= _age(last, d) < 14)
        assert _before(int(week), change) == pytest.approx(before, rel=0.02)
        result[topic] = (int(today), int(week), before, int(output or 0))
    return result


def _age(last: str, day: str) -> int:
    return (dt.date.fromisoformat(last) - dt.date.fromisoformat(day)).days


def _of(row: dict[str, Any]) -> tuple[int, ...]:
    numbers = (int(row[n]) for n in ("n_today", "n_week", "n_week_before"))
    return (*numbers, round(float(row["expected"] or 0)))


def by_csv(client: TestClient, of: _Of = _of) -> Any:
    """The board's CSV; `of` takes the figures from a row."""
    rows = csv.DictReader(io.StringIO(client.get("/triage/export/themes.csv").text))
    return {int(r["topic_id"]): of(r) for r in rows}


def by_json(client: TestClient, of: _Of = _of) -> Any:
    """The board's JSON."""
    return {r["topic_id"]: of(r) for r in client.get("/triage/export/themes.json").json()}


def by_api(client: TestClient, of: _Of = _of) -> Any:
    """The API's board."""
    return {r["topic_id"]: of(r) for r in client.get("/triage/api/themes").json()["themes"]}


def by_api_of_one(client: TestClient, topics: list[int]) -> Figures:
    """The days of each theme, added up."""
    result = {}
    for topic in topics:
        days = client.get(f"/triage/api/themes/{topic}").json()["days"]
        last = days[-1]["day"]
        week, before = (
            sum(d["n"] for d in days if n <= _age(last, d["day"]) < n + 7) for n in (0, 7)
        )
        result[topic] = (days[-1]["n"], week, before, round(days[-1]["expected"] or 0))
    return result


def by_days_csv(client: TestClient) -> Figures:
    """The CSV of the days, added up."""
    rows = list(csv.DictReader(io.StringIO(client.get("/triage/export/theme-days.csv").text)))
    last = max(r["day"] for r in rows)
    result = {}
    for topic in {int(r["topic_id"]) for r in rows}:
        own = [r for r in rows if int(r["topic_id"]) == topic]
        week, before = (
            sum(int(r["n_messages"]) for r in own if n <= _age(last, r["day"]) < n + 7)
            for n in (0, 7)
        )
        (today,) = [r for r in own if r["day"] == last]
        expected = round(float(today["expected"] or 0))
        result[topic] = (int(today["n_messages"]), week, before, expected)
    return result


def by_command(
    store: PostgresStore, labels: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> Figures:
    """The table of `triage themes`."""
    capsys.readouterr()
    show_board(store.engine, most=99)
    result = {}
    for line in capsys.readouterr().out.splitlines():
        cells = [cell.strip() for cell in re.split("[│┃]", line)]
        if len(cells) > 7 and cells[1] in labels:
            numbers = [_number(f"0{cell}") for cell in cells[3:8]]
            today, _customers, expected, week, before = numbers
            result[labels[cells[1]]] = (today, week, before, expected)
    return result
