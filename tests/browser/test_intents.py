"""The intents page says what to do, and lets people do it, by clicks and keys."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_page import _one


def test_intents_are_sorted_and_lead_to_their_messages(site: Site, viewer: Page) -> None:
    """By a click on the column; the share that is too unsure lists just these messages."""
    viewer.goto(site.url + "/intents")
    viewer.get_by_role("link", name="Too unsure").click()
    shares = viewer.locator("section tr[data-row] td:nth-child(4)").all_inner_texts()
    result = [int(re.sub(r"\D", "", share) or 0) for share in shares]
    assert result == sorted(result, reverse=True)
    assert result[0] > 0
    viewer.locator("section tr[data-row] td:nth-child(4) a").first.click()
    expect(viewer.get_by_label("too unsure, and nobody decided")).to_be_checked()
    for message in viewer.locator(".messages li").all():
        expect(message).to_contain_text("too unsure to decide")
    viewer.go_back()
    viewer.keyboard.press("j")
    viewer.keyboard.press("Enter")
    expect(viewer.get_by_role("heading", name="How it does, four weeks")).to_be_visible()


def test_an_intent_is_defined_described_and_retired_and_each_undone(site: Site, lead: Page) -> None:
    """A name that is near another is refused; what is typed stays in the form."""
    lead.goto(site.url + "/intents")
    lead.get_by_text("New intent", exact=True).click()
    lead.get_by_label("Name").fill("Refund")
    lead.get_by_role("button", name="Define").click()
    expect(lead.get_by_role("alert")).to_contain_text("exists already")
    lead.get_by_label("Intent").fill("Lost umbrella")
    lead.get_by_role("button", name="Try again").click()
    expect(lead.locator(".flash")).to_contain_text("lost_umbrella is a new intent")
    expect(lead.get_by_role("heading", level=1)).to_have_text("lost umbrella")
    lead.get_by_text("Describe", exact=True).click()
    lead.get_by_label("What it covers").fill("Left <b>behind</b> in a branch")
    lead.keyboard.press("Enter")
    expect(lead.locator(".lede")).to_have_text("Left <b>behind</b> in a branch")
    lead.keyboard.press("u")
    expect(lead.locator(".lede")).to_have_text("Nobody wrote down what it covers.")
    lead.get_by_text("Retire", exact=True).click()
    lead.get_by_role("button", name="Retire it").click()
    expect(lead.locator(".lede")).to_contain_text("retired")
    lead.keyboard.press("u")
    expect(lead.locator(".flash")).to_contain_text("Undone")
    query = "SELECT active FROM triage.intents WHERE name = 'lost_umbrella'"
    assert _one(site, query) is True
    lead.get_by_text("Retire", exact=True).click()
    lead.get_by_role("button", name="Retire it").click()
    lead.goto(site.url + "/intents")
    lead.get_by_role("link", name="lost umbrella").click()
    expect(lead.get_by_role("button", name="Use it again")).to_be_visible()
