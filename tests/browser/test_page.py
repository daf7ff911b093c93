"""A lead's morning in a real Chromium: she reads, decides and undoes; the next run keeps it all."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.browser.conftest import FORMULA, SCRIPT, Site

_SHARED: dict[str, str] = {}


def _theme_of(site: Site, external_id: str) -> str:
    """The address of the theme of a message."""
    query = text("SELECT topic_id FROM triage.message_triage WHERE external_id = :e")
    with site.store.engine.connect() as connection:
        result = connection.scalar(query, {"e": external_id})
    assert result is not None, f"{external_id} has no theme"
    return f"{site.url}/themes/{result}"


def _one(site: Site, query: str) -> object:
    with site.store.engine.connect() as connection:
        return connection.scalar(text(query))


def test_a_login_leads_back_to_the_page(site: Site, chromium: object) -> None:
    """Without a login the page says so; after the login form it shows Today."""
    context = chromium.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(site.url + "/")
    expect(page.get_by_role("heading")).to_have_text("Log in first")
    page.get_by_role("link", name="Log in").click()
    page.locator("input[name=username]").fill("lead")
    page.locator("input[name=password]").fill(site.airflow.home.passwords["lead"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("10 Mar 2026", timeout=30_000)
    context.close()


def test_today_shows_what_was_planted(site: Site, lead: Page) -> None:
    """The surge is an alert and under Surging, the new theme under New; no policy is violated."""
    output: list[str] = []
    lead.on("console", lambda m: output.append(m.text) if m.type == "error" else None)
    lead.goto(site.url + "/")
    new = lead.locator("section", has=lead.get_by_role("heading", name=re.compile("^New")))
    surging = lead.locator("section", has=lead.get_by_role("heading", name=re.compile("^Surging")))
    mortgage, app = (_theme_of(site, f"{n}-2026-03-10-0") for n in ("mortgage", "app"))
    path = mortgage.removeprefix(site.airflow.url)
    expect(new.locator(f"a[href='{path}']")).to_be_visible()
    path = app.removeprefix(site.airflow.url)
    expect(surging.locator(f"a[href='{path}']")).to_be_visible()
    expect(surging).to_contain_text(re.compile(r"\d+ today from \d+ customers, \d+ expected"))
    expect(lead.locator(".alerts li")).to_have_count(1)
    assert [t for t in output if "favicon" not in t and "404" not in t] == []


def test_it_is_in_airflows_menu_and_frame(site: Site, lead: Page) -> None:
    """Airflow's own UI shows the page in its frame, with style and script."""
    lead.goto(f"{site.airflow.url}/plugin/support-triage")
    frame = lead.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("10 Mar 2026", timeout=40_000)
    frame.get_by_role("link", name="Themes", exact=True).click()
    expect(frame.locator("table.board")).to_be_visible()


def test_an_alert_is_acknowledged_and_undone(site: Site, lead: Page) -> None:
    """One click acknowledges, with the name; undo opens the alert again; then it is resolved."""
    lead.goto(site.url + "/")
    lead.get_by_role("button", name="Acknowledge").click()
    expect(lead.locator(".flash")).to_contain_text("The alert is acknowledged")
    lead.keyboard.press("u")
    expect(lead.locator(".flash")).to_contain_text("Undone")
    expect(lead.get_by_role("button", name="Acknowledge")).to_be_visible()
    lead.get_by_role("button", name="Resolve").click()
    expect(lead.locator(".none").first).to_have_text("Nothing waits for you.")
    lead.get_by_role("link", name="all", exact=True).click()
    expect(lead.locator(".alerts")).to_contain_text("resolved by lead")


def test_a_theme_is_renamed_by_keyboard_and_undone(site: Site, lead: Page) -> None:
    """`e`, the name, Enter; `u` undoes it; repeated, the board and the URL show it."""
    lead.goto(_theme_of(site, "mortgage-2026-03-10-0"))
    before = lead.get_by_role("heading", level=1).inner_text()
    for _ in range(2):
        lead.keyboard.press("e")
        lead.keyboard.type("Mortgage rates")
        lead.keyboard.press("Enter")
        expect(lead.locator(".flash")).to_contain_text("is now called Mortgage rates")
        expect(lead.get_by_role("heading", level=1)).to_have_text("Mortgage rates")
        if "once" not in _SHARED:
            _SHARED["once"] = "done"
            lead.keyboard.press("u")
            expect(lead.get_by_role("heading", level=1)).to_have_text(before)
    lead.keyboard.press("g")
    lead.keyboard.press("h")
    expect(lead.locator("table.board")).to_contain_text("Mortgage rates")
    lead.keyboard.press("/")
    lead.keyboard.type("mortgage")
    lead.keyboard.press("Enter")
    expect(lead.locator(".lede")).to_contain_text("searched by words")
    expect(lead.locator(".lede")).to_contain_text("no service answers that understands meaning")
    expect(lead.locator("tbody tr").first).to_contain_text("Mortgage rates")
    assert "q=mortgage" in lead.url


def test_of_two_who_rename_at_once_the_second_is_told(
    site: Site, lead: Page, chromium: object
) -> None:
    """The second page is outdated: it says who was faster, keeps the input, and asks once."""
    address = _theme_of(site, "app-2026-03-02-0")
    second = lead.context.new_page()
    for page in (lead, second):
        page.goto(address)
    for page, name in ((lead, "App crashes"), (second, "Crashing app")):
        page.keyboard.press("e")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    expect(second.get_by_role("heading", level=1)).to_have_text("Somebody was faster")
    expect(second.locator("main")).to_contain_text(re.compile("lead did .rename. here"))
    assert _one(site, "SELECT count(*) FROM triage.topics WHERE label = 'App crashes'") == 1
    second.get_by_role("button", name="Do it all the same").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Crashing app")


@pytest.mark.parametrize(
    ("label", "output"),
    [("x" * 10_000, "at most 120 characters"), ("🎉🎉", "at least one letter or digit")],
)
def test_a_bad_name_gets_a_page_that_says_why(
    site: Site, lead: Page, label: str, output: str
) -> None:
    """A name of ten thousand characters or of emoji alone is refused, and the old one stays."""
    lead.goto(_theme_of(site, "card-2026-03-02-0"))
    lead.keyboard.press("e")
    lead.locator("input[name=label]").first.fill(label)
    lead.keyboard.press("Enter")
    expect(lead.get_by_role("heading", level=1)).to_have_text("That cannot be done")
    expect(lead.locator("main")).to_contain_text(output)


def test_a_merge_leads_to_the_heir_and_is_undone(site: Site, lead: Page) -> None:
    """Merged, undone, merged again; the old address then leads to the heir."""
    pin = _theme_of(site, "pin-2026-03-02-0")
    refund = _theme_of(site, "refund-2026-03-02-0").rsplit("/", 1)[1]
    lead.goto(pin)
    for again in (False, True):
        lead.get_by_text("Merge into", exact=True).click()
        lead.get_by_label("Theme", exact=True).fill(refund)
        lead.get_by_role("button", name="Merge", exact=True).click()
        expect(lead.locator(".flash")).to_contain_text("was merged into")
        if not again:
            lead.keyboard.press("u")
            expect(lead.locator(".flash")).to_contain_text("Undone")
            lead.goto(pin)
    lead.goto(pin)
    assert f"/themes/{refund}?merged=" in lead.url
    _SHARED["merged"], _SHARED["heir"] = pin, refund


def test_a_theme_is_split_as_the_model_proposes(site: Site, lead: Page) -> None:
    """The proposal is preselected; the new part gets a name and is a theme at once."""
    lead.goto(_theme_of(site, "card-2026-03-02-0"))
    lead.get_by_text("Split", exact=True).click()
    lead.get_by_role("link", name="let the model propose").click()
    picked = lead.locator("input[name=message]:checked").count()
    assert picked >= 3
    lead.get_by_label("Name of the part").fill("Cards of another kind")
    lead.get_by_role("button", name="Split off what is picked").click()
    expect(lead.get_by_role("heading", level=1)).to_have_text("Cards of another kind")
    expect(lead.locator(".messages li")).to_have_count(min(picked, 25))
    expect(lead.locator(".head .keywords")).to_have_text("Its keywords come with the next run.")
    _SHARED["part"], _SHARED["n_part"] = lead.url.split("?")[0], str(picked)


def test_muting_promoting_and_noting(site: Site, lead: Page) -> None:
    """Each is one action, is confirmed, and is in the history with the name of the user."""
    lead.goto(_theme_of(site, "app-2026-03-02-0"))
    lead.get_by_role("button", name="Mute", exact=True).click()
    expect(lead.locator(".state.muted").first).to_be_visible()
    lead.get_by_text("Promote", exact=True).click()
    decide = lead.get_by_role("group", name="Decide")
    decide.get_by_label("Intent", exact=True).fill("app_crash")
    lead.get_by_role("button", name="Make it an intent").click()
    expect(lead.locator(".flash")).to_contain_text("app_crash is an intent now")
    lead.get_by_text("Note", exact=True).first.click()
    lead.locator("textarea").fill("Since <b>release</b> 7")
    lead.get_by_role("button", name="Write down").click()
    history = lead.locator(".history")
    for words in ("mute", "promote app_crash", "note “Since <b>release</b> 7”"):
        expect(history).to_contain_text(
            re.compile("lead:\\s*" + re.escape(words).replace("\\ ", "\\s+"))
        )


def test_themes_are_shown_by_area_with_a_key(site: Site, lead: Page) -> None:
    """`a` groups themes by area; the area's name filters by it; the URL keeps both."""
    lead_theme, fellow = (_theme_of(site, f"{n}-2026-03-02-0") for n in ("app", "refund"))
    ids = [int(t.rsplit("/", 1)[1]) for t in (lead_theme, fellow)]
    with site.store.engine.begin() as connection:
        query = text("UPDATE triage.topics SET area_id = :a WHERE topic_id = ANY(:t)")
        connection.execute(query, {"a": ids[0], "t": ids})
    lead.goto(site.url + "/themes")
    lead.keyboard.press("a")
    expect(lead.locator("tr.area")).to_have_count(2)
    assert "group=area" in lead.url
    lead.locator("tr.area a").first.click()
    expect(lead.locator("tr[data-row]")).to_have_count(2)
    assert f"area={ids[0]}" in lead.url
    lead.reload()
    expect(lead.locator("tr[data-row]")).to_have_count(2)
    lead.goto(fellow)
    lead.get_by_role("link", name="on the board").click()
    expect(lead.locator(".lede")).to_contain_text("the 2 themes of the area")
    lead.goto(site.url + "/map")
    path = fellow.removeprefix(site.airflow.url)
    lead.locator(f"a.place[href='{path}']").focus()
    expect(lead.locator(".place.fellow")).to_have_count(2)


def test_intents_are_corrected_by_single_keys(site: Site, lead: Page) -> None:
    """`2` takes the runner-up and moves on, `u` undoes it, `t` types another; each is stored."""
    n = "SELECT count(*) FROM triage.corrections WHERE corrected_by = 'lead' AND intent IS NOT NULL"
    lead.goto(site.url + "/queue")
    rows = lead.locator("[data-message]")
    first, second = (rows.nth(i).get_attribute("data-message") for i in (0, 1))
    wanted = rows.nth(0).locator("[data-choice='2']").get_attribute("value")
    lead.keyboard.press("2")
    expect(rows.nth(0).locator(".done")).to_contain_text("✓")
    lead.keyboard.press("u")
    expect(rows.nth(0).locator(".done")).to_be_hidden()
    assert _one(site, n) == 0
    lead.keyboard.press("2")
    expect(rows.nth(0).locator(".done")).to_contain_text("✓")
    lead.keyboard.press("t")
    lead.keyboard.type("refund")
    lead.keyboard.press("Enter")
    expect(rows.nth(1).locator(".done")).to_contain_text("✓ refund")
    assert _one(site, n) == 2
    for message, intent in ((first, wanted), (second, "refund")):
        query = f"SELECT intent FROM triage.message_triage WHERE message_id = '{message}'"
        assert _one(site, query) == intent
    lead.reload()
    assert first not in [r.get_attribute("data-message") for r in rows.all()]
    _SHARED["corrected"] = f"{first} {wanted}"


def test_payloads_show_as_text(site: Site, lead: Page) -> None:
    """A script in a message is shown, not run; a formula is text in the CSV."""
    lead.goto(site.url + "/messages?q=onerror")
    expect(lead.locator(".words")).to_have_text([SCRIPT])
    lead.locator(".words a").click()
    expect(lead.locator(".full")).to_have_text(SCRIPT)
    assert lead.evaluate("window.hurt") is None
    assert lead.locator("main script, main img").count() == 0
    lead.goto(site.url + "/messages")
    with lead.expect_download() as download:
        lead.get_by_role("link", name="CSV").click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        rows = {r["external_id"]: r for r in csv.DictReader(io.StringIO(file.read()))}
    assert rows["formula"]["text"] == f"'{FORMULA}"
    assert len(rows) == _one(site, "SELECT count(*) FROM triage.messages")
    assert rows["card-2026-03-02-0"]["model_version"].startswith(("kernel-", "logistic-", "svm-"))


def test_a_viewer_reads_and_is_offered_nothing_to_decide(site: Site, viewer: Page) -> None:
    """Every page opens for a viewer, in dark mode, and none has a button that changes something."""
    viewer.emulate_media(color_scheme="dark")
    message = _one(site, "SELECT message_id FROM triage.messages WHERE external_id = 'script'")
    theme = _theme_of(site, "card-2026-03-02-0").removeprefix(site.url)
    for path in ("/", "/themes", theme, "/messages", f"/messages/{message}", "/queue",
                 "/intents", "/runs", "/map", "/api"):  # fmt: skip
        answer = viewer.goto(site.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert viewer.locator("main form[method=post] button:enabled").count() == 0, path
        assert viewer.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    expect(viewer.locator("footer")).to_contain_text("viewer, reading only")


def test_the_next_run_keeps_every_decision(site: Site, lead: Page) -> None:
    """After the next day, names, merge, split, mute, correction and promotion are as decided."""
    site.run_next_day()
    lead.goto(site.url + "/")
    expect(lead.get_by_role("heading", level=1)).to_have_text("11 Mar 2026")
    lead.goto(_theme_of(site, "mortgage-2026-03-11-0"))
    expect(lead.get_by_role("heading", level=1)).to_have_text("Mortgage rates")
    lead.goto(_SHARED["merged"])
    assert f"/themes/{_SHARED['heir']}?merged=" in lead.url
    assert _theme_of(site, "pin-2026-03-11-0").endswith(_SHARED["heir"])
    lead.goto(_SHARED["part"])
    expect(lead.get_by_role("heading", level=1)).to_have_text("Cards of another kind")
    expect(lead.locator(".lede")).not_to_contain_text("Not among the themes")
    expect(lead.locator(".head .keywords")).to_contain_text("card")
    part = _SHARED["part"].rsplit("/", 1)[1]
    kept = f"SELECT count(*) FROM triage.message_triage WHERE topic_id = {part}"
    assert int(str(_one(site, kept))) >= int(_SHARED["n_part"])
    lead.goto(_theme_of(site, "app-2026-03-11-0"))
    expect(lead.get_by_role("heading", level=1)).to_have_text("Crashing app")
    expect(lead.locator(".state.muted").first).to_be_visible()
    message, intent = _SHARED["corrected"].split()
    query = f"SELECT intent FROM triage.message_triage WHERE message_id = '{message}'"
    assert _one(site, query) == intent
    assert _one(site, "SELECT active FROM triage.intents WHERE name = 'app_crash'") is True
