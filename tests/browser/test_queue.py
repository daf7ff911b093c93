"""The queue by theme: many messages in one decision, with exceptions, new intents and one undo."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_page import _one, _theme_of
from tests.inbox import SUBJECTS

_SUBJECTS = {**dict.fromkeys(SUBJECTS, ""), "mortgage": "mortgage_rate"}
"""What messages are about by a word in them, and the intent where it is called otherwise."""


def _number(place: Locator) -> int:
    return int(re.sub(r"\D", "", place.inner_text()))


def _n_decided(site: Site) -> object:
    return _one(site, "SELECT count(*) FROM triage.corrections WHERE intent IS NOT NULL")


def _n_queued(page: Page) -> int:
    return _number(page.locator("h1 .count"))


def test_a_theme_is_decided_at_once_with_exceptions_and_one_undo(site: Site, lead: Page) -> None:
    """What is unticked, and what somebody decided meanwhile, stays; one undo takes all back."""
    before = _n_decided(site)
    lead.goto(site.url + "/queue/themes")
    n_queued = _n_queued(lead)
    lead.get_by_role("link", name=re.compile("Look at all")).first.click()
    boxes = lead.locator("input[name=message]")
    n = boxes.count()
    for box in boxes.all():
        box.set_checked(True)
    unticked, decided = boxes.nth(0), boxes.nth(1).get_attribute("value")
    unticked.set_checked(False)
    second = lead.context.new_page()
    second.goto(f"{site.url}/messages/{decided}")
    second.get_by_placeholder("another intent").fill("refund")
    second.get_by_role("button", name="Correct the intent").click()
    lead.locator(".choices button").first.click()
    expect(lead.locator(".flash")).to_contain_text(f"{n - 2} messages are")
    expect(lead.locator(".flash")).to_contain_text("1 was decided by somebody before and stay")
    assert _n_queued(lead) == n_queued - (n - 1)
    query = f"SELECT intent FROM triage.message_triage WHERE message_id = '{decided}'"
    assert _one(site, query) == "refund"
    lead.keyboard.press("u")
    expect(lead.locator(".flash")).to_contain_text("Undone")
    second.keyboard.press("u")
    expect(second.locator(".flash")).to_contain_text("Undone")
    assert _n_decided(site) == before


def test_guesses_of_many_intents_are_taken_in_one_step(site: Site, lead: Page) -> None:
    """One intent is unticked, a message of another left out; by undo both decisions are gone."""
    before = _n_decided(site)
    lead.goto(site.url + "/queue/guesses")
    n_queued, groups = _n_queued(lead), lead.locator(".queue > li")
    n_groups, unticked = groups.count(), groups.nth(0).get_by_role("checkbox")
    assert n_groups > 2
    kept = str(unticked.get_attribute("value"))
    groups.nth(1).get_by_role("link", name=re.compile("Look at all")).click()
    left_out = lead.locator("input[name=message]").nth(0)
    left_out.set_checked(False)
    n_ticked = lead.locator("input[name=message]:checked").count()
    lead.locator(".choices button").first.click()
    expect(lead.locator(".flash")).to_contain_text(f"{n_ticked} message")
    lead.goto(site.url + "/queue/guesses")
    assert _n_queued(lead) == n_queued - n_ticked
    lead.locator(f"input[name=intent][value='{kept}']").set_checked(False)
    lead.get_by_role("button", name="Take what is ticked as guessed").click()
    expect(lead.locator(".flash")).to_contain_text("taken as guessed")
    boxes = lead.locator("input[name=intent]")
    assert [box.get_attribute("value") for box in boxes.all()] == [kept]
    assert _n_queued(lead) < n_queued - n_ticked
    lead.keyboard.press("u")
    expect(lead.locator(".flash")).to_contain_text("Undone")
    assert _n_queued(lead) == n_queued - n_ticked
    first = _one(site, "SELECT max(decision_no) FROM triage.decisions WHERE undone_at IS NULL")
    lead.goto(f"{site.url}/queue/guesses?done={first}")
    lead.keyboard.press("u")
    expect(lead.locator(".flash")).to_contain_text("Undone")
    assert _n_decided(site) == before


def test_a_group_that_is_decided_or_merged_meanwhile_is_told(site: Site, lead: Page) -> None:
    """A second lead decides the same theme: somebody was faster, and nothing is decided twice."""
    lead.goto(site.url + "/queue/themes")
    second = lead.context.new_page()
    second.goto(site.url + "/queue/themes")
    second.locator(".queue > li").first.locator("button[name=intent]").first.click()
    expect(second.locator(".flash")).to_contain_text("now")
    decided = _n_decided(site)
    lead.locator(".queue > li").first.locator("button[name=intent]").nth(1).click()
    expect(lead.get_by_role("heading", level=1)).to_have_text("Somebody was faster")
    expect(lead.get_by_role("alert")).to_contain_text("Nothing of this waits any more")
    assert _n_decided(site) == decided
    second.keyboard.press("u")
    expect(second.locator(".flash")).to_contain_text("Undone")


def test_a_new_intent_is_made_in_the_queue(site: Site, lead: Page) -> None:
    """Typed by keys, one click makes it; the undo takes the intent away, too."""
    lead.goto(site.url + "/queue")
    lead.keyboard.press("t")
    lead.keyboard.type("lost umbrella")
    lead.keyboard.press("Enter")
    row = lead.locator("[data-message]").first
    row.get_by_role("button", name="Make it a new intent").click()
    expect(row.locator(".done")).to_contain_text("✓ lost umbrella")
    query = "SELECT active FROM triage.intents WHERE name = 'lost_umbrella'"
    assert _one(site, query) is True
    lead.keyboard.press("u")
    expect(row.locator(".done")).to_be_hidden()
    assert _one(site, query) is False


def test_messages_that_say_nearly_the_same_are_decided_together(site: Site, lead: Page) -> None:
    """From one message of the queue to all that are like it, each ticked or not."""
    lead.goto(site.url + "/queue")
    row = lead.locator("[data-message]").first
    words = row.locator(".words").inner_text()
    row.get_by_role("link", name="nearly the same").click()
    expect(lead.get_by_role("heading", level=1)).to_contain_text("Nearly the same")
    expect(lead.locator(".messages")).to_contain_text(words)


def test_several_themes_are_merged_on_the_board_in_one_step(site: Site, lead: Page) -> None:
    """Three are ticked, two are merged into the chosen one, and one undo brings both back."""
    heir = _theme_of(site, "refund-2026-03-02-0").rsplit("/", 1)[1]
    lead.goto(site.url + "/themes")
    n_themes = _n_queued(lead)
    boxes = lead.locator("[data-pick]")
    others = [v for box in boxes.all() if (v := box.get_attribute("value")) != heir][:2]
    for value in (heir, *others):
        lead.locator(f"[data-pick][value='{value}']").check()
    expect(lead.locator("[data-n-picked]")).to_have_text("3 themes:")
    lead.get_by_label("merge into").fill(heir)
    lead.get_by_role("button", name="Merge", exact=True).click()
    expect(lead.locator(".flash")).to_contain_text("2 themes were merged into")
    assert _n_queued(lead) == n_themes - 2
    lead.keyboard.press("u")
    expect(lead.locator(".flash")).to_contain_text("Undone: 2 themes")
    assert _n_queued(lead) == n_themes


def test_the_queue_falls_to_a_tenth_in_20_decisions(site: Site, lead: Page) -> None:
    """Each group is decided by what its examples say, by a click or a typed, new intent."""
    lead.goto(site.url + "/queue/themes")
    n_before, n_decisions = _n_queued(lead), 0
    assert n_before > 100
    while _n_queued(lead) > n_before / 10:
        n_decisions += 1
        group = lead.locator(".queue > li").first
        examples = group.locator(".quotes li").first.inner_text().lower()
        subject = next(s for s in _SUBJECTS if s in examples)
        intent = _SUBJECTS[subject] or subject
        offered = group.locator(f"button[name=intent][value='{intent}']")
        with lead.expect_navigation():
            if offered.count():
                offered.click()
            else:
                group.get_by_placeholder("another intent").fill(intent)
                lead.keyboard.press("Enter")
        new = lead.get_by_role("button", name="Make it a new intent")
        if new.count():
            with lead.expect_navigation():
                new.click()
        expect(lead.locator(".flash")).to_contain_text(f"{intent.replace('_', ' ')} now")
    assert n_decisions <= 20
    wrong = _one(
        site,
        "SELECT count(*) FILTER (WHERE external_id NOT LIKE left(intent, 3) || '%')::float "
        "/ count(*) FROM triage.message_triage WHERE intent_corrected "
        # PIN and refund are one theme, by the tests before.
        "AND external_id ~ '^(card|app|mortgage)-'",
    )
    assert float(str(wrong)) <= 0.1
