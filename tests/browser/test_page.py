"""The page itself: how it is drawn, what it leaves alone, and that it fits."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from examples.bang.seed import PEOPLE
from tests.browser.conftest import Visit, look_at
from tests.examples.stack import Stack

pytestmark = pytest.mark.browser

# Names that code outside could trip over, with what owns them.
OWNERS = ["globalThis", "Array", "String", "Object", "Function", "Number", "Promise", "Map", "Set", "Symbol"]
NAMES = """(owners) => Object.fromEntries(owners.flatMap((name) => {
  const owner = name === "globalThis" ? globalThis : globalThis[name];
  const names = (of) => Reflect.ownKeys(of).map(String).sort();
  const own = [[name, names(owner)]];
  if (owner.prototype) own.push([name + ".prototype", names(owner.prototype)]);
  return own;
}))"""


def test_the_whole_team_is_drawn_from_one_snapshot_message(visit: Visit) -> None:
    """The page hears nothing after the snapshot, and needs nothing more."""
    delivered: list[str] = []

    def cut_after_the_snapshot(page: Page) -> None:
        page.route_web_socket("**/ws", only_until_the_snapshot)

    def only_until_the_snapshot(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def deliver(message: str | bytes) -> None:
            for line in str(message).split("\n"):
                if "snapshot" not in delivered:
                    delivered.append(json.loads(line)["verb"])
                    socket.send(line)

        server.on_message(deliver)

    ann = visit("ann", before=cut_after_the_snapshot)
    assert delivered == ["welcome", "snapshot"]
    assert ann.locator(".member").count() == len(PEOPLE)
    for rows in (".task", ".message", ".shipped-item"):
        assert ann.locator(rows).count() > 0
    look_at(ann, "hugo")
    assert ann.locator(".task").count() > 0


def test_importing_the_models_adds_no_name_to_the_page(stack: Stack, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{stack.url}/login")
    before = page.evaluate(NAMES, OWNERS)
    exported = page.evaluate("async () => Object.keys(await import('/models/main.js'))")
    assert "Team" in exported
    assert "connect" in exported
    after = page.evaluate(NAMES, OWNERS)
    # By this mark, which no name can meet, a second copy of the core is found out.
    after["globalThis"].remove("Symbol(capsule.core)")
    assert after == before
    page.close()


@pytest.mark.parametrize("width", [360, 390, 640, 760, 900, 1120, 1400])
def test_no_width_scrolls_sideways(visit: Visit, width: int) -> None:
    ann = visit("ann", viewport={"width": width, "height": 740})
    assert scroll_width(ann) <= width
    ann.keyboard.press("j")
    assert scroll_width(ann) <= width
    if width <= 760:
        for panel in ("team", "shipped", "chat", "tasks"):
            ann.locator(f"#tabs [data-panel={panel}]").click()
            expect(ann.locator(f".panel[data-name={panel}]")).to_be_visible()
            assert scroll_width(ann) <= width


def scroll_width(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def test_dark_is_dark_and_light_is_light(visit: Visit) -> None:
    assert luminance(visit("ann", color_scheme="dark")) < 0.1
    assert luminance(visit("ann", color_scheme="light")) > 0.85


def luminance(page: Page) -> float:
    """Of the page's background, 0 to 1."""
    color: list[float] = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).map(Number)"
    )
    red, green, blue = (part / 255 for part in color[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_reduced_motion_means_no_motion(visit: Visit) -> None:
    ann = visit("ann", reduced_motion="reduce")
    duration = ann.locator(".task").first.evaluate("row => getComputedStyle(row).transitionDuration")
    assert {part.strip() for part in duration.split(",")} == {"0.001s"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable(visit: Visit, scheme: Any) -> None:
    """WCAG AA: 4.5 to 1 for every text on the page, against the first opaque background below it."""
    ann = visit("ann", color_scheme=scheme)
    ann.keyboard.press("j")
    ann.wait_for_function(AT_REST)
    assert ann.evaluate(CONTRAST) == []


AT_REST = """() => document.getAnimations().every(
  (one) => one.playState !== "running" || one.effect.getComputedTiming().iterations === Infinity)"""
CONTRAST = """() => {
  const parse = (text) => text.match(/[0-9.]+/g).map(Number);
  const channel = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) =>
    0.2126 * channel(red / 255) + 0.7152 * channel(green / 255) + 0.0722 * channel(blue / 255);
  const below = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if ((color[3] ?? 1) === 1) return color;
    }
    return [255, 255, 255];
  };
  const bad = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest(".unseen, .skip, .omnibox")) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(below(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.add(`${element.className || element.localName}: ${ratio.toFixed(2)}`);
  }
  return [...bad];
}"""


def test_every_control_has_a_name_that_is_said(visit: Visit) -> None:
    ann = visit("ann")
    nameless = ann.evaluate(
        """() => [...document.querySelectorAll("button, input, a, nav, section, dialog")]
          .filter((one) => !["BUTTON", "A"].includes(one.tagName) || one.textContent.trim() === "")
          .filter((one) => !one.ariaLabel && !one.getAttribute("aria-labelledby"))
          .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert nameless == []


def test_a_visitor_who_did_not_log_in_sees_the_login_page_only(stack: Stack, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(stack.url)
    assert page.url == f"{stack.url}/login"
    assert page.locator(".people button").count() == len(PEOPLE)
    page.close()


def test_signing_out_leads_back_to_the_login_page(stack: Stack, visit: Visit) -> None:
    ann = visit("ann")
    ann.get_by_role("button", name="Sign out").click()
    ann.wait_for_url(f"{stack.url}/login")
    ann.goto(stack.url)
    assert ann.url == f"{stack.url}/login"
