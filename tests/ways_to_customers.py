"""The ways to the customers of the themes: views, page, files, API, command line.

Each gives, by theme, the distinct customers of today, and where it tells them those of seven days.
"""

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.apps.cli.console import show_board
from sql.connect import PostgresStore
from tests import ways

Today = dict[int, int]
Both = dict[int, tuple[int, int]]


def by_view(store: PostgresStore) -> Both:
    """The view of the board, as an analyst."""
    query = "SELECT topic_id, n_customers_today, n_customers_week FROM triage.themes"
    with store.engine.connect() as connection:
        connection.execute(text("SET ROLE triage_reader"))
        return {row[0]: (row[1], row[2]) for row in connection.execute(text(query))}


def by_trend_view(store: PostgresStore) -> Today:
    """The last day of the view of the days, as an analyst."""
    query = (
        "SELECT topic_id, n_customers FROM triage.theme_trend "
        "WHERE day = (SELECT max(day) FROM triage.theme_trend) AND state IS NOT NULL"
    )
    with store.engine.connect() as connection:
        connection.execute(text("SET ROLE triage_reader"))
        return {row[0]: row[1] for row in connection.execute(text(query))}


def by_board(client: TestClient) -> Today:
    """The column of the page's table."""
    rows = client.get("/triage/themes").text.split("<tr data-row>")[1:]
    return {
        int(re.findall(r"/themes/(\d+)\"", row)[0]): int(re.findall(r'<td class="n">(\d+)', row)[0])
        for row in rows
    }


def by_page(client: TestClient, topics: list[int]) -> Both:
    """The head of each theme's page."""
    result = {}
    for topic in topics:
        html = client.get(f"/triage/themes/{topic}").text
        today, week = re.findall(
            r"\d+ today(?: from (\d+) customers?)?,.*? in 7 days \(.*?\)"
            r"(?: from (\d+) customers?)?;",
            html,
            re.S,
        )[0]
        result[topic] = (int(today or 0), int(week or 0))
    return result


def _of(row: dict[str, Any]) -> tuple[int, int]:
    return int(row["n_customers_today"]), int(row["n_customers_week"])


def by_csv(client: TestClient) -> Both:
    """The board's CSV."""
    return ways.by_csv(client, _of)


def by_json(client: TestClient) -> Both:
    """The board's JSON."""
    return ways.by_json(client, _of)


def by_api(client: TestClient) -> Both:
    """The API's board."""
    return ways.by_api(client, _of)


def by_days_csv(client: TestClient) -> Today:
    """The last day of the CSV of the days."""
    rows = list(csv.DictReader(io.StringIO(client.get("/triage/export/theme-days.csv").text)))
    last = max(r["day"] for r in rows)
    return {int(r["topic_id"]): int(r["n_customers"]) for r in rows if r["day"] == last}


def by_api_of_one(client: TestClient, topics: list[int]) -> Today:
    """The last day of each theme."""
    answers = {t: client.get(f"/triage/api/themes/{t}").json()["days"] for t in topics}
    return {topic: days[-1]["n_customers"] for topic, days in answers.items()}


def by_command(
    store: PostgresStore, labels: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> Today:
    """The table of `triage themes`."""
    capsys.readouterr()
    show_board(store.engine, most=99)
    result = {}
    for line in capsys.readouterr().out.splitlines():
        cells = [cell.strip() for cell in re.split("[│┃]", line)]
        if len(cells) > 7 and cells[1] in labels:
            result[labels[cells[1]]] = int(cells[4])
    return result
