"""The page below a base path, behind a proxy that keeps the path or strips it."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import CARD, DAY, fill

Client = Callable[[Settings], TestClient]
_LINK = re.compile(r'(?:href|action|src|data-[a-z]+)="(/[^"]*)"')


def below(client: TestClient, *, is_kept: bool) -> TestClient:
    """The same page in an app below /airflow, as `[api] base_url` makes Airflow's."""
    inner: FastAPI = client.app  # type: ignore[assignment]
    inner.root_path = "/airflow"
    base = "http://testserver/airflow" if is_kept else "http://testserver"
    return TestClient(inner, base_url=base, headers=client.headers, raise_server_exceptions=False)


@pytest.mark.parametrize("client_of", [True], indirect=True)
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "stripped"])
def test_every_page_and_link_has_the_base_path(
    client_of: Client, store: PostgresStore, settings: Settings, *, is_kept: bool
) -> None:
    """Pages open, links and redirects lead below the base path, and a decision comes back to it."""
    fill(store)
    client = below(client_of(settings), is_kept=is_kept)
    for path in ("/", "/themes", f"/themes/{CARD}", "/messages", f"/on/{DAY}/themes", "/nothing"):
        answer = client.get(f"/triage{path}")
        assert answer.status_code == (404 if path == "/nothing" else 200), (path, answer.text[:300])
        links = _LINK.findall(answer.text)
        assert links
        assert {link for link in links if not link.startswith("/airflow/")} == set()
    sent = client.post(
        f"/triage/themes/{CARD}/mute", data={"back": f"/airflow/triage/themes/{CARD}"},
        follow_redirects=False,
    )  # fmt: skip
    assert (sent.status_code, sent.headers["location"].split("?")[0]) == (
        303, f"/airflow/triage/themes/{CARD}",
    )  # fmt: skip
