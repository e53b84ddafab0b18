"""Work without a connection survives the page: it arrives once, in order; what is refused is shown with its reason."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from capsule.shared.codes import SENTENCES
from tests.browser.conftest import Visit, add, expect_titles, look_at, task, titles
from tests.examples.stack import Stack

pytestmark = pytest.mark.browser


class Network:
    """Stands between pages and their gateway; `up` says whether anything passes."""

    def __init__(self, pages: Page | BrowserContext, address: str = "**/ws") -> None:
        self.up = True
        self.refused = 0
        self.sockets: list[WebSocketRoute] = []
        pages.route_web_socket(address, self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        if self.up:
            self.sockets.append(socket)
            socket.connect_to_server()
        else:
            self.refused += 1
            socket.close(code=4000)

    def cut(self) -> None:
        self.up = False
        for socket in self.sockets:
            socket.close(code=4000)
        self.sockets.clear()


def reload(page: Page) -> None:
    page.reload()
    page.locator("#desk[aria-busy=false]").wait_for()


def without_network(
    visit: Visit, user: str, more: Callable[[Page], None] = lambda page: None
) -> tuple[Page, Network]:
    made: list[Network] = []

    def before(page: Page) -> None:
        made.append(Network(page))
        more(page)

    page = visit(user, before=before)
    return page, made[0]


def rename(page: Page, title: str, wanted: str) -> None:
    task(page, title).locator(".task-title").dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type(wanted)
    page.keyboard.press("Enter")
    expect(task(page, wanted)).to_have_count(1)


def remove(page: Page, title: str) -> None:
    page.evaluate(REMOVE, title)
    expect(task(page, title)).to_have_count(0)
    expect(page.locator(".task.pending")).to_have_count(0)


# What the server says of an edit of something that is not there.
GONE = SENTENCES["NOT_FOUND"]

REMOVE = """async (title) => {
    const { modelOf } = await import("/models/capsule.js");
    const rows = [...document.querySelectorAll(".task")];
    modelOf(rows.find((row) => row.textContent.includes(title))).deleteServer();
}"""

KEPT = """async (wanted) => {
    const open = indexedDB.open("capsule");
    await new Promise((resolve) => (open.onsuccess = resolve));
    const all = open.result.transaction("pages").objectStore("pages").getAll();
    await new Promise((resolve) => (all.onsuccess = resolve));
    open.result.close();
    return all.result.reduce((sum, record) => sum + record.pending.length, 0) === wanted;
}"""


def wait_until_kept(page: Page, operations: int) -> None:
    """Until so many unanswered operations are in the page's database."""
    page.wait_for_function(KEPT, arg=operations)


def test_edits_made_offline_survive_reloads_and_arrive_once_and_in_order(stack: Stack, visit: Visit) -> None:
    hugo = visit("hugo")
    ann, network = without_network(visit, "ann")
    look_at(hugo, "ann")
    add(ann, "Before")
    expect(task(hugo, "Before")).to_have_count(1)
    expect(ann.locator(".task.pending")).to_have_count(0)  # hugo may hear of it before ann does

    network.cut()
    expect(ann.locator("#link-state")).not_to_have_attribute("data-state", "online")
    for number in range(3):
        add(ann, f"Offline {number}")
    expect(ann.locator(".task.pending")).to_have_count(3)
    wait_until_kept(ann, 3)

    reload(ann)  # with the network still away: what is shown comes from the page before
    expect(ann.locator(".task.pending")).to_have_count(3)
    before = titles(ann)
    add(ann, "After the first reload")
    wait_until_kept(ann, 4)
    reload(ann)
    expect_titles(ann, [*before, "After the first reload"])
    assert not any(title.startswith("Offline") for title in titles(hugo))

    network.up = True
    expect(ann.locator("#link-state")).to_have_attribute("data-state", "online")
    expect(ann.locator(".task.pending")).to_have_count(0)
    expect(task(hugo, "After the first reload")).to_have_count(1)
    assert titles(hugo) == titles(ann) == [*before, "After the first reload"]
    wait_until_kept(ann, 0)


def test_what_is_refused_after_all_is_shown_with_its_reason(stack: Stack, visit: Visit) -> None:
    other = visit("ann")
    ann, network = without_network(visit, "ann")
    add(other, "Gone meanwhile")
    expect(task(ann, "Gone meanwhile")).to_have_count(1)
    network.cut()
    rename(ann, "Gone meanwhile", "Edited offline")
    wait_until_kept(ann, 1)
    remove(other, "Gone meanwhile")
    reload(ann)
    expect(task(ann, "Edited offline")).to_have_count(1)
    network.up = True
    expect(ann.locator("#toasts")).to_contain_text("It is gone")
    expect(task(ann, "Edited offline")).to_have_count(0)


def test_a_minute_offline_with_edits_and_a_reload(stack: Stack, visit: Visit) -> None:
    """The minute passes on the page's own clock: its timers run, Date moves, the driver knocks in vain."""
    hugo, other = visit("hugo"), visit("ann")
    look_at(hugo, "ann")
    ann, network = without_network(visit, "ann", lambda page: page.clock.install())
    add(other, "Deleted by somebody")
    expect(task(ann, "Deleted by somebody")).to_have_count(1)
    before = titles(hugo)
    network.cut()
    expect(ann.locator("#link-state")).not_to_have_attribute("data-state", "online")
    add(ann, "Minute 1")
    rename(ann, "Deleted by somebody", "Renamed in vain")
    add(ann, "Minute 2")
    remove(other, "Deleted by somebody")
    knocked = network.refused
    began = ann.evaluate("Date.now()")
    ann.clock.run_for(60_000)
    assert ann.evaluate("Date.now()") - began >= 60_000
    assert network.refused > knocked, "it tried to come back meanwhile"
    add(ann, "Minute 3")
    wait_until_kept(ann, 4)
    reload(ann)
    expect(task(ann, "Renamed in vain")).to_have_count(1)
    assert titles(ann)[-3:] == ["Minute 1", "Minute 2", "Minute 3"]
    network.up = True
    ann.clock.run_for(31_000)  # longer than it ever waits
    expect(ann.locator("#link-state")).to_have_attribute("data-state", "online", timeout=60_000)
    expect(ann.locator("#toasts")).to_contain_text("It is gone", timeout=60_000)
    expect(ann.locator("#toasts")).to_contain_text(GONE)
    expect(ann.locator(".task.pending")).to_have_count(0, timeout=60_000)
    expect(task(hugo, "Minute 3")).to_have_count(1)
    wanted = [
        *(title for title in before if title != "Deleted by somebody"),
        "Minute 1",
        "Minute 2",
        "Minute 3",
    ]
    assert titles(hugo) == titles(ann) == titles(other) == wanted
    wait_until_kept(ann, 0)


def test_a_page_that_was_closed_offline_is_finished_by_the_next(stack: Stack, visit: Visit) -> None:
    hugo = visit("hugo")
    look_at(hugo, "ann")
    ann, network = without_network(visit, "ann")
    second = ann.context.new_page()
    second.goto(stack.url)
    second.locator("#desk[aria-busy=false]").wait_for()
    add(second, "Deleted in the other tab")
    expect(task(ann, "Deleted in the other tab")).to_have_count(1)
    network.cut()
    add(ann, "From a closed tab")
    rename(ann, "Deleted in the other tab", "Renamed in the closed tab")
    remove(second, "Deleted in the other tab")
    wait_until_kept(ann, 2)
    ann.close()
    # The tab that is still open takes over, and shows what is refused.
    expect(task(hugo, "From a closed tab")).to_have_count(1, timeout=30_000)
    expect(task(second, "From a closed tab")).to_have_count(1)
    expect(second.locator("#toasts")).to_contain_text(GONE)
    wait_until_kept(second, 0)
