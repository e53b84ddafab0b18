"""A chat that is longer than its window, in a real browser: who scrolls up is sent the older lines."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, WebSocket, expect

from capsule.feeds import Capsule, Publish, Transaction
from tests.examples.stack import Stack

from .conftest import Visit

LINES = 180
TEAM = "team.andyet"


async def say(url: str, op: str, lines: list[str]) -> None:
    cap = await Capsule.connect(url)
    try:
        items = [
            {"id": f"{op}-{n}", "author": "hugo", "text": line, "at": 1_763_900_000_000}
            for n, line in enumerate(lines)
        ]
        published = [Publish("chat", str(item["id"]), json.dumps(item)) for item in items]
        await cap.scope(TEAM).commit([Transaction(f"test.{op}", published)])
    finally:
        await cap.close()


def elsewhere(stack: Stack, op: str, lines: list[str]) -> None:
    """Somebody says these; on a thread of its own, since Playwright has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, say(stack.store.url, op, lines)).result()


def scroll_up(page: Page) -> None:
    page.locator("#messages").evaluate("list => { list.scrollTop = 0; }")


@pytest.fixture
def told(stack: Stack) -> list[str]:
    lines = [f"line {n}" for n in range(LINES)]
    elsewhere(stack, "long", lines)
    return lines


def test_scrolling_up_loads_older_lines_and_keeps_what_is_looked_at_in_its_place(
    stack: Stack, visit: Visit, told: list[str]
) -> None:
    received: list[str] = []

    def listen(page: Page) -> None:
        def opened(socket: WebSocket) -> None:
            socket.on("framereceived", lambda frame: received.append(str(frame)))

        page.on("websocket", opened)

    page = visit("ann", before=listen)
    texts = page.locator("#messages .message-text")
    expect(texts).to_have_count(50)
    expect(texts.last).to_have_text(told[-1])
    assert not any('"line 100"' in frame for frame in received), "only the last ones were sent"

    seen = page.locator("#messages .message").first.element_handle()
    scroll_up(page)
    expect(texts).to_have_count(100)
    expect(texts.first).to_have_text(told[-100])
    page.wait_for_function(
        """row => {
          const list = document.getElementById("messages");
          const top = row.getBoundingClientRect().top - list.getBoundingClientRect().top;
          return list.ariaBusy === "false" && top >= -20 && top < 60;
        }""",
        arg=seen,
    )

    # Others go on: nothing is lost, nothing comes twice, and who reads old lines is not torn away from them.
    elsewhere(stack, "more", ["a new line"])
    expect(texts.last).to_have_text("a new line")
    assert (
        page.locator("#messages").evaluate("list => list.scrollHeight - list.scrollTop - list.clientHeight")
        > 500
    )
    while page.evaluate("document.getElementById('messages').children[0].textContent.includes('line ')"):
        count = texts.count()
        scroll_up(page)
        page.wait_for_function(
            "count => document.querySelectorAll('#messages .message').length > count", arg=count
        )
    shown = texts.all_inner_texts()
    assert [text for text in shown if text.startswith("line ")] == told
    assert shown[-1] == "a new line"
