"""Take the pictures of the review page in `docs/pages`: each page in light and in dark mode.

python docs/shots.py URL USERNAME PASSWORD     as `triage up` prints them
"""

import json
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from nlp.apps.local.api import Api

_HERE = Path(__file__).parent / "pages"
_SIZE = {"width": 1280, "height": 860}


def main(url: str, username: str, password: str) -> None:
    """Log in and take all pictures."""
    api = Api(url, username=username, password=password)
    login = {"username": username, "password": password}
    token = str(api._send("POST", "/auth/token", login)["access_token"])
    _HERE.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        for scheme in ("light", "dark"):
            _take(browser, url, token, scheme)
        browser.close()


def _take(browser: Browser, url: str, token: str, scheme: str) -> None:
    context = browser.new_context(viewport=_SIZE, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_cookies([{"name": "_token", "value": token, "url": url}])
    page = context.new_page()
    page.goto(f"{url}/triage/themes?sort=week")
    links = [a.get_attribute("href") for a in page.locator("tbody a[data-open]").all()]
    board = page.locator("a[data-open]").first.get_attribute("href")
    theme = next((link for link in links if _is_driven(page, f"{url}{link}")), board)
    page.goto(f"{url}/triage/api/runs?days=8")
    day = json.loads(page.inner_text("body"))[-1]["day"]
    page.goto(f"{url}/triage/messages")
    message = page.locator(".words a").first.get_attribute("href")
    pages = {
        "today": "/triage/", "themes": "/triage/themes",
        "areas": "/triage/themes?group=area", "theme": theme, "message": message,
        "messages": "/triage/messages", "queue": "/triage/queue/themes",
        "guesses": "/triage/queue/guesses", "past": f"/triage/on/{day}/themes",
        "intents": "/triage/intents",
        "runs": "/triage/runs", "digest": "/triage/digest", "map": "/triage/map",
        "scripts": "/triage/api",
    }  # fmt: skip
    for name, path in pages.items():
        page.goto(f"{url}{path}")
        page.screenshot(path=_HERE / f"{name}-{scheme}.png")
    page.evaluate(f"localStorage.setItem('theme', '{scheme}')")
    page.goto(f"{url}/plugin/support-triage")
    page.frame_locator("iframe").locator("h1").wait_for()
    page.screenshot(path=_HERE / f"in-airflow-{scheme}.png")
    context.close()


def _is_driven(page: Page, address: str) -> bool:
    """Whether a theme says which segment is over-represented in its week."""
    page.goto(address)
    return bool(page.locator("[data-driver]").count())


if __name__ == "__main__":
    main(*sys.argv[1:4])
