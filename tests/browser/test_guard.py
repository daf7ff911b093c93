"""No route is open to those who must not use it: every route that the app lists, in every way."""

import json
import re
import subprocess
import sys

import httpx
import pytest

from nlp.apps.local.home import PROJECT
from tests.browser.conftest import Site, token_of

_LIST = """
import json, sys
sys.path.insert(0, "plugins")
from triage_page.app import create_app
print(json.dumps([[m, r.path] for r in create_app().routes for m in sorted(r.methods)]))
"""
_OUTSIDE = ("/docs", "/redoc", "/openapi.json", "/static/../app.py", "/nowhere")
_VALUES = {
    "{topic}": "20260302001", "{message}": "00000000-0000-0000-0000-000000000001",
    "{number}": "1", "{name}": "page.css", "{kind}": "csv", "{path:path}": "any/thing",
}  # fmt: skip


@pytest.fixture(scope="module")
def routes(site: Site) -> list[tuple[str, str]]:
    """Method and address of each route that the app lists, with values filled in."""
    output = subprocess.run(
        [sys.executable, "-c", _LIST],
        env=site.airflow.home.environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    result = []
    for method, path in json.loads(output.strip().splitlines()[-1]):
        filled = path
        for part, value in _VALUES.items():
            filled = filled.replace(part, value)
        assert "{" not in filled, f"{path}: give it a value in _VALUES"
        result.append((method, filled))
    assert len(result) > 30
    return result


def _ask(site: Site, method: str, path: str, **more: object) -> httpx.Response:
    cookies = more.pop("cookies", None)
    with httpx.Client(trust_env=False, timeout=60, cookies=cookies) as client:  # type: ignore[arg-type]
        return client.request(method, site.url + path, **more)  # type: ignore[arg-type]


def test_an_anonymous_client_is_refused_everywhere(
    site: Site, routes: list[tuple[str, str]]
) -> None:
    """No route answers without a login, including static files, documentation and unknown ones."""
    for method, path in [*routes, *(("GET", p) for p in _OUTSIDE)]:
        answer = _ask(site, method, path, headers={"Accept": "text/html"})
        assert answer.status_code in (401, 307), f"{method} {path}: {answer.status_code}"
        assert len(answer.content) < 1_500, f"{method} {path}"
        assert not re.search("card|refund|@media|function", answer.text), f"{method} {path}"


def test_a_forged_token_is_refused(site: Site) -> None:
    """A token that Airflow did not sign is rejected."""
    forged = token_of(site, "lead")[:-8] + "AAAAAAAA"
    answer = _ask(site, "GET", "/", headers={"Authorization": f"Bearer {forged}"})
    assert answer.status_code in (401, 403)


def test_a_viewer_reads_and_is_refused_each_write(
    site: Site, routes: list[tuple[str, str]]
) -> None:
    """Every POST that the app lists is refused with a page that names the required role."""
    cookies = {"_token": token_of(site, "viewer")}
    assert _ask(site, "GET", "/", cookies=cookies).status_code == 200
    writes = [(m, p) for m, p in routes if m == "POST" and p != "/any/thing"]
    assert len(writes) >= 10
    headers = {"Origin": site.airflow.url, "Accept": "text/html"}
    for method, path in writes:
        answer = _ask(site, method, path, cookies=cookies, headers=headers, data={"label": "x"})
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
        assert "may read this page, but not decide" in answer.text


def test_a_viewer_reads_messages_and_takes_out_no_file(
    site: Site, routes: list[tuple[str, str]]
) -> None:
    """Airflow's viewers see the list and no link to a file; only a lead gets files."""
    files = [p.replace("page.css", "themes") for _, p in routes if "/export/" in p]
    assert len(files) >= 3
    headers = {"Accept": "text/html"}
    cookies = {"_token": token_of(site, "viewer")}
    page = _ask(site, "GET", "/messages", cookies=cookies, headers=headers)
    assert page.status_code == 200
    assert "/export/" not in page.text
    for path in files:
        refused = _ask(site, "GET", path, cookies=cookies, headers=headers)
        assert refused.status_code == 403
        assert "may not take out files" in refused.text
        assert (
            _ask(site, "GET", path, cookies={"_token": token_of(site, "lead")}).status_code == 200
        )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "HERE", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "HERE.evil.example"},
    ],
)
def test_a_write_from_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    """A POST with a valid cookie that does not come from a page of this server is refused."""
    cookies = {"_token": token_of(site, "lead")}
    sent = {k: v.replace("HERE", site.airflow.url) for k, v in headers.items()}
    answer = _ask(
        site, "POST", "/themes/20260302001/mute", cookies=cookies, headers=sent, data={"x": "1"}
    )
    assert answer.status_code == 403
    assert "did not come from a page of this server" in answer.text


def test_every_answer_has_its_headers(site: Site) -> None:
    """The headers forbid inline scripts and styles, content sniffing and storing."""
    cookies = {"_token": token_of(site, "viewer")}
    for path in ("/", "/themes", "/static/page.js", "/api/themes", "/nowhere"):
        headers = _ask(site, "GET", path, cookies=cookies).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "private" in headers["cache-control"] or headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status", "output"),
    [
        ("/themes/99", 404, "There is no theme 99"),
        ("/themes/abc", 404, "no id of a theme"),
        ("/messages/abc", 404, "no id of a message"),
        ("/messages/00000000-0000-0000-0000-000000000001", 404, "There is no message"),
        ("/themes?page=9000", 200, "beyond the end"),
        ("/messages?page=9000", 200, "beyond the end"),
        ("/queue?why=mood", 422, "is no reason"),
        ("/queue?after=abc", 404, "no id of a message"),
        ("/themes?page=-1", 422, "greater than or equal to 1"),
        ("/themes?q=%00%22%28%27", 200, "No theme is like that"),
        ("/messages?since=yesterday", 422, "since"),
        ("/export/secrets.csv", 404, "no such page"),
    ],
)
def test_bad_addresses_are_told(site: Site, path: str, status: int, output: str) -> None:
    """An error page says what is wrong and what to do; none is a defect."""
    cookies = {"_token": token_of(site, "lead")}
    answer = _ask(site, "GET", path, cookies=cookies, headers={"Accept": "text/html"})
    assert (answer.status_code, output in answer.text) == (status, True)


def test_the_json_api_gives_what_the_pages_show(site: Site) -> None:
    """The API returns themes with counts, a theme with its days, its messages; see /api."""
    headers = {"Authorization": f"Bearer {token_of(site, 'viewer')}"}
    board = _ask(site, "GET", "/api/themes", headers=headers).json()
    assert board["n_found"] == len(board["themes"]) >= 5
    name = board["themes"][0]["topic_id"]
    one = _ask(site, "GET", f"/api/themes/{name}", headers=headers).json()
    assert one["days"][-1]["n"] == board["themes"][0]["n_today"]
    messages = _ask(site, "GET", f"/api/themes/{name}/messages?most=3", headers=headers).json()
    assert [m["topic_id"] for m in messages] == [name] * 3
    assert "/api/themes/{topic}/messages" in _ask(site, "GET", "/api", headers=headers).text
