"""Browsers that are logged in to a running &bang."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.examples.stack import Stack

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WAIT_MS = 60_000  # for what takes some ms on a quiet machine

expect.set_options(timeout=WAIT_MS)

Visit = Callable[..., Page]

# In a page with a `session`: its connection is lost, and none opens until it is back.
AWAY = "session._dial = () => ({ close() {} }); session._drop()"
BACK = "delete session._dial; session._drop()"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("bang"))
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the company's page."""
    command = [
        sys.executable,
        "-m",
        "tests.browser.company_site",
        str(tmp_path_factory.mktemp("company")),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        finally:
            process.terminate()


# Not for the session: Playwright's loop would stay in the way of other modules that start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(stack: Stack, browser: Browser) -> Iterator[Visit]:
    """`visit("ann")` logs in as ann, in a browser profile of its own, and answers the drawn page.

    What the page's scripts complain about fails the test; a lost connection is no complaint.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(user: str, page: Page) -> None:
        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and "WebSocket" not in message.text:
                complaints.append(f"{user}: {message.text}")

        page.on("pageerror", lambda error: complaints.append(f"{user}: {error.stack or error}"))
        page.on("console", on_console)

    def visit(user: str, *, before: Callable[[Page], None] | None = None, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        listen(user, page)
        if before is not None:
            before(page)
        page.goto(stack.url)
        page.locator(f"button[value={user}]").click()
        page.locator("#desk[aria-busy=false]").wait_for()
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def titles(page: Page) -> list[str]:
    """The shown tasks, top to bottom."""
    return page.locator(".task .task-title").all_inner_texts()


def expect_titles(page: Page, wanted: list[str]) -> None:
    """Sooner or later these are the shown tasks."""
    expect(page.locator(".task .task-title")).to_have_text(wanted)


def add(page: Page, title: str) -> None:
    """Add a task to one's own list, with the omnibox."""
    page.locator("#omni-input").fill(title)
    page.locator("#omni-input").press("Enter")
    task(page, title).wait_for()
    page.locator("#omni-input").blur()


def task(page: Page, title: str) -> Any:
    """The row of the task with exactly this title."""
    return page.locator(".task").filter(has=page.get_by_text(title, exact=True))


def look_at(page: Page, member: str) -> None:
    """Show a member's list."""
    page.locator(f"[data-member={member}]").click()
