"""Forms as a person uses them, by clicks and keys: what is left empty, skipped or mistyped."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_page import _theme_of
from tests.inbox import N_DAYS

_ERROR = "rgb(179, 38, 30)"
"""The colour of errors in light mode."""


@pytest.mark.parametrize("place", ["messages", "theme"])
def test_a_filter_with_empty_fields_shows_messages(site: Site, viewer: Page, place: str) -> None:
    """`/` goes to the words of this page; neither day is filled in, nor channel nor intent."""
    viewer.goto(
        f"{site.url}/messages" if place == "messages" else _theme_of(site, "card-2026-03-02-0")
    )
    viewer.keyboard.press("/")
    expect(viewer.get_by_label("Words in the message")).to_be_focused()
    viewer.keyboard.type("card")
    viewer.get_by_role("button", name="Filter").click()
    expect(viewer.locator(".messages li").first).to_contain_text(re.compile("card", re.I))
    viewer.get_by_label("from").fill("2026-03-10")
    viewer.get_by_role("button", name="Filter").click()
    expect(viewer.locator(".messages li").first).to_contain_text("2026-03-10")
    assert "since=2026-03-10" in viewer.url


def test_what_is_skipped_in_the_queue_comes_last(site: Site, lead: Page) -> None:
    """Two are skipped by key and button: a reload and the menu go on after them."""
    lead.goto(site.url + "/queue")
    rows = lead.locator("[data-message]")
    ids = [row.get_attribute("data-message") for row in rows.all()]
    n_left = lead.locator("[data-left]").inner_text()
    lead.keyboard.press("s")
    rows.nth(1).get_by_role("button", name="Skip").click()
    expect(rows.nth(2)).to_have_class("at")
    lead.reload()
    expect(rows.first).to_have_attribute("data-message", str(ids[2]))
    expect(lead.locator("[data-left]")).to_have_text(n_left)
    lead.goto(site.url + "/")
    lead.keyboard.press("g")
    lead.keyboard.press("q")
    expect(rows.first).to_have_attribute("data-message", str(ids[2]))
    seen = [row.get_attribute("data-message") for row in rows.all()]
    while lead.locator("a[rel=next]").count() and lead.locator(".between").count() == 0:
        with lead.expect_navigation():
            lead.locator("a[rel=next]").click()
        seen += [row.get_attribute("data-message") for row in rows.all()]
    listed = list(dict.fromkeys(seen))
    assert len(listed) == int(n_left)
    assert {*ids} <= {*listed}
    lead.get_by_role("link", name="Begin with the least sure again").click()
    expect(rows.first).to_have_attribute("data-message", str(ids[0]))


def test_an_unknown_intent_in_the_queue_is_an_error_in_its_colour(site: Site, lead: Page) -> None:
    """What was typed stays, and the sentence is an alert in red."""
    lead.goto(site.url + "/queue")
    lead.keyboard.press("t")
    lead.keyboard.type("refnud")
    lead.keyboard.press("Enter")
    row = lead.locator("[data-message]").first
    expect(row.get_by_role("alert")).to_contain_text("No intent is called 'refnud'")
    expect(row.get_by_role("alert")).to_have_css("color", _ERROR)
    expect(row.get_by_label("Another intent")).to_have_value("refnud")


def test_forms_fit_a_phone_and_a_near_miss_keeps_what_was_typed(site: Site, lead: Page) -> None:
    """At 390 px no form of a theme is wider than the screen; the error offers the near name."""
    lead.set_viewport_size({"width": 390, "height": 800})
    lead.goto(_theme_of(site, "card-2026-03-02-0"))
    acts = lead.locator(".acts details")
    assert acts.count() == 6
    for act in acts.all():
        act.locator("summary").click()
        assert lead.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for field in act.locator("input:not([type=hidden]), textarea, button").all():
            box = field.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
    lead.get_by_text("Merge into", exact=True).click()
    lead.get_by_label("Theme", exact=True).fill("no such theme at all")
    lead.get_by_role("button", name="Merge", exact=True).click()
    expect(lead.get_by_role("alert")).to_contain_text("No theme is called")
    expect(lead.get_by_role("heading", level=1)).to_have_css("color", _ERROR)
    expect(lead.get_by_label("Theme to merge into")).to_have_value("no such theme at all")
    assert lead.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_runs_knows_airflows_runs(site: Site, viewer: Page) -> None:
    """The page reads Airflow's own database: no day is open."""
    viewer.goto(site.url + "/runs")
    expect(viewer.locator("tbody tr[data-row]")).to_have_count(N_DAYS)
    expect(viewer.locator("main")).not_to_contain_text("does not answer")


def test_an_alert_is_taken_talked_about_put_off_and_back_by_undo(site: Site, lead: Page) -> None:
    """From Today, in a few clicks; it is hers under "yours", and each step has its undo."""
    lead.goto(site.url + "/?alerts=all")
    row = lead.locator(".alerts li").first
    row.get_by_text("Assign, put off, comment").click()
    row.get_by_role("button", name="Assign").click()
    expect(lead.locator(".flash")).to_contain_text("lead takes care of the alert")
    expect(row).to_contain_text("lead takes care of it")
    lead.get_by_role("link", name="yours").click()
    expect(row).to_contain_text("lead takes care of it")
    row.get_by_text("Assign, put off, comment").click()
    row.get_by_label("Comment").fill("@viewer please look")
    lead.keyboard.press("Enter")
    expect(row.locator(".comment")).to_have_text("lead @viewer please look")
    row.get_by_text("Assign, put off, comment").click()
    row.get_by_label("Who takes care of it").fill("nobody-here")
    row.get_by_role("button", name="Assign").click()
    expect(lead.get_by_role("alert")).to_contain_text("Nobody is called 'nobody-here' here")
    lead.go_back()
    row.get_by_text("Assign, put off, comment").click()
    row.get_by_label("Put off for").select_option("3")
    row.get_by_role("button", name="Put off").click()
    expect(lead.locator(".flash")).to_contain_text("listed again on 2026-03-13")
    lead.locator(".flash").get_by_role("button", name="Undo").click()
    expect(lead.locator(".flash")).to_contain_text("Undone")


def test_a_theme_is_subscribed_to_and_left(site: Site, lead: Page) -> None:
    """On its page; Today lists it, and ends it."""
    lead.goto(_theme_of(site, "card-2026-03-02-0"))
    lead.get_by_text("Subscribe", exact=True).click()
    lead.get_by_label("Mail to").fill("lead@bank.example")
    lead.get_by_role("button", name="Tell me of its alerts").click()
    lead.get_by_text("Subscribe", exact=True).click()
    expect(lead.locator(".acts")).to_contain_text("lead is told at lead@bank.example")
    lead.goto(site.url + "/")
    lead.get_by_text("You are told of 1 theme").click()
    lead.locator(".with").get_by_role("button", name="end").click()
    expect(lead.get_by_text("You are told of")).to_have_count(0)


def test_the_board_of_an_earlier_day_is_a_date_away(site: Site, lead: Page) -> None:
    """The control leads to the same page of that day; its links stay there until she goes back."""
    lead.goto(site.url + "/themes")
    lead.get_by_label("The board as of").fill("2026-03-09")
    lead.get_by_role("button", name="Go", exact=True).click()
    expect(lead).to_have_url(site.url + "/on/2026-03-09/themes")
    expect(lead.locator(".note").first).to_contain_text("The board as of 9 Mar 2026")
    expect(lead.locator("form[method=post]")).to_have_count(0)
    lead.locator("a[data-open]").first.click()
    expect(lead).to_have_url(re.compile(r"/on/2026-03-09/themes/\d+"))
    lead.get_by_role("link", name="Back to the last day").click()
    expect(lead).to_have_url(re.compile(r"/triage/themes/\d+"))
    expect(lead.locator("form[method=post]").first).to_be_attached()


def test_a_theme_is_filtered_by_who_writes(site: Site, lead: Page) -> None:
    """A click on a value: chart, list and file follow it, and so does a further filter."""
    lead.goto(_theme_of(site, "refund-2026-03-02-0"))
    lead.locator("p", has_text="source").get_by_role("link", name="inbox").click()
    expect(lead.get_by_text("Only messages with source inbox")).to_be_visible()
    expect(lead.locator("#trend")).to_contain_text("with source inbox")
    take = lead.locator("#messages").get_by_role("link", name="CSV")
    assert "segment=source%3Dinbox" in str(take.get_attribute("href"))
    lead.get_by_label("Words in the message").fill("refund")
    lead.get_by_role("button", name="Filter").click()
    assert "segment=source%3Dinbox" in lead.url
    assert lead.locator(".message").count() > 0
    lead.get_by_role("link", name="Show all").click()
    assert "segment" not in lead.url
