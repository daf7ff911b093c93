"""Everybody can use the page: WCAG 2.2 AA by axe-core, by keyboard alone, on a phone."""

import re
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.browser.conftest import Site
from tests.browser.test_page import _theme_of

_BY_COLOUR = ["color-contrast", "link-in-text-block"]
"""Rules of axe-core whose outcome depends on light or dark."""
# Where the focus is, whether anything hides it, and a mark on what was reached.
_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const top = document.querySelector("header.top");
  const sticks = getComputedStyle(top).position === "sticky" && !top.contains(at);
  const from = sticks && !at.matches(".skip") ? top.getBoundingClientRect().bottom : 0;
  const box = at.getBoundingClientRect();
  const was = at.hasAttribute("data-reached");
  at.setAttribute("data-reached", "");
  const seen = box.top >= from - 1 && box.top < innerHeight;
  return {was, seen, html: at.outerHTML.slice(0, 200)};
}"""
_MISSED = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled
                 && !e.hasAttribute("data-reached"))
  .map((e) => e.outerHTML.slice(0, 200))"""


@pytest.fixture
def addresses(site: Site) -> list[str]:
    """Every page, and the forms that it may have."""
    query = text("SELECT message_id FROM triage.messages WHERE external_id = 'card-2026-03-02-0'")
    with site.store.engine.connect() as connection:
        message = connection.scalar(query)
    theme = _theme_of(site, "card-2026-03-02-0").removeprefix(site.url)
    return [
        "/?alerts=all", "/on/2026-03-09/themes", "/themes?group=area", theme,
        f"{theme}?propose=true", "/themes?q=zzzz",
        "/messages?since=x", "/messages", f"/messages/{message}", "/queue", "/queue/themes",
        "/queue/guesses",
        f"/queue/themes?theme={theme.rsplit('/', 1)[1]}", "/intents", "/intents/card",
        "/runs",
        "/map", "/api", "/nowhere",
    ]  # fmt: skip


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe-core finds on a page, with the element."""
    result = page.evaluate(
        "async (options) => (await axe.run({resultTypes: ['violations'], ...options})).violations",
        options,
    )
    return [
        f"{page.url} {rule['id']}: {node['html'][:160]} {node['failureSummary']}"
        for rule in result
        for node in rule["nodes"]
    ]


def test_axe_finds_nothing_on_any_page_in_light_and_dark(
    site: Site, lead: Page, addresses: list[str]
) -> None:
    """Every rule in light, those about colours in dark: no violation."""
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    colours = {"runOnly": {"type": "rule", "values": _BY_COLOUR}}
    result = []
    for address in addresses:
        lead.emulate_media(color_scheme="light")
        lead.goto(site.url + address)
        lead.evaluate(axe)
        result += _violations(lead, {})
        lead.emulate_media(color_scheme="dark")
        result += _violations(lead, colours)
    assert result == []


def test_every_page_is_used_by_keyboard_alone(site: Site, lead: Page, addresses: list[str]) -> None:
    """Tab reaches every control, and the header that stays on top hides none of them."""
    for address in addresses:
        if re.search("propose|since", address):
            continue
        lead.goto(site.url + address)
        for _ in range(400):
            lead.keyboard.press("Tab")
            at = lead.evaluate(_FOCUS)
            # After the last control comes the browser's own bar; a date is several stops.
            if at and at["was"] and "date" not in at["html"]:
                break
            assert at is None or at["seen"], f"{address}: {at['html']} is hidden"
        assert lead.evaluate(_MISSED) == [], address


def test_no_page_is_wider_than_a_phone_and_its_charts_can_be_read(
    site: Site, lead: Page, addresses: list[str]
) -> None:
    """At 390 px nothing sticks out, and the letters of a chart are no smaller than 9 px."""
    lead.set_viewport_size({"width": 390, "height": 800})
    for address in addresses:
        lead.goto(site.url + address)
        assert lead.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        letters = lead.locator(".trend text:visible, .atlas text:visible")
        for size in letters.evaluate_all("es => es.map(e => e.getBoundingClientRect().height)"):
            assert size >= 9, f"{address}: {size}"


def test_a_chart_has_its_figures_as_text(site: Site, viewer: Page) -> None:
    """Below the trend of a theme is a table of its days, the latest first."""
    viewer.goto(_theme_of(site, "app-2026-03-10-0"))
    viewer.get_by_text("Figures as a table").click()
    row = viewer.locator(".figures tbody tr").first
    expect(row).to_have_text(re.compile(r"2026-03-10\s*90\s*\d+\s*\d+\s*surging"))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_marks_of_a_chart_stand_out(site: Site, viewer: Page, mode: str) -> None:
    """The edge of what is usual and the dashed line have a contrast of 3:1 with their ground."""
    viewer.emulate_media(color_scheme="light" if mode == "light" else "dark")
    viewer.goto(_theme_of(site, "app-2026-03-10-0"))
    ground = _colour(viewer, "section", "background-color")
    for mark in (".edge", "path.expected"):
        drawn = _colour(viewer, f".trend:not(.narrow) {mark}", "stroke")
        assert _contrast(drawn, ground) >= 3, mark
    halo = _colour(viewer, ".trend:not(.narrow) path.halo", "stroke")
    assert halo == ground


def _colour(page: Page, selector: str, name: str) -> tuple[float, ...]:
    output = page.locator(selector).first.evaluate(f"e => getComputedStyle(e)['{name}']")
    return tuple(float(n) / 255 for n in re.findall(r"[\d.]+", output)[:3])


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """As WCAG 2.2 defines it."""
    dark, light = sorted(
        sum(
            share * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
            for share, c in zip((0.2126, 0.7152, 0.0722), colour, strict=True)
        )
        for colour in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


def test_single_keys_can_be_turned_off(site: Site, lead: Page) -> None:
    """By keyboard alone, in the list of keys; it stays so until they are turned on again."""
    lead.goto(site.url + "/themes")
    lead.keyboard.press("?")
    switch = lead.get_by_label("Single keys do something")
    switch.focus()
    lead.keyboard.press("Space")
    lead.keyboard.press("Escape")
    expect(lead.get_by_role("dialog")).to_be_hidden()
    lead.goto(site.url + "/queue")
    for key in ("1", "s", "d", "?", "g", "h"):
        lead.keyboard.press(key)
    expect(lead.get_by_role("dialog")).to_be_hidden()
    expect(lead.locator(".decided, .skipped")).to_have_count(0)
    assert lead.url.split("?")[0] == site.url + "/queue"
    lead.locator("[data-help]").focus()
    lead.keyboard.press("Enter")
    switch.focus()
    lead.keyboard.press("Space")
    lead.keyboard.press("Escape")
    lead.keyboard.press("g")
    lead.keyboard.press("h")
    expect(lead.get_by_role("heading", level=1)).to_contain_text("Themes")


def test_the_queue_says_aloud_what_was_decided(site: Site, lead: Page) -> None:
    """A screen reader hears the intent and how many are left, and that it was undone."""
    lead.goto(site.url + "/queue")
    heard = lead.locator("[data-status]")
    expect(heard).to_have_attribute("role", "status")
    n_left = int(lead.locator("[data-left]").inner_text())
    lead.keyboard.press("1")
    expect(heard).to_contain_text(f"taken. {n_left - 1} left.")
    lead.keyboard.press("u")
    expect(heard).to_have_text("Undone.")
