"""Work without a connection survives the page: it arrives once, in order; what is refused is shown with its reason."""

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Visit, add, look_at, task, titles
from tests.examples.stack import Stack

pytestmark = pytest.mark.browser


class Network:
    """Stands between a page and its gateway; `up` says whether anything passes."""

    def __init__(self, page: Page) -> None:
        self.up = True
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/ws", self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        if self.up:
            self.sockets.append(socket)
            socket.connect_to_server()
        else:
            socket.close(code=4000)

    def cut(self) -> None:
        self.up = False
        for socket in self.sockets:
            socket.close(code=4000)
        self.sockets.clear()


def reload(page: Page) -> None:
    page.reload()
    page.locator("#desk[aria-busy=false]").wait_for()


def without_network(visit: Visit, user: str) -> tuple[Page, Network]:
    made: list[Network] = []

    def before(page: Page) -> None:
        made.append(Network(page))

    page = visit(user, before=before)
    return page, made[0]


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
    assert titles(ann) == [*before, "After the first reload"]
    assert not any(title.startswith("Offline") for title in titles(hugo))

    network.up = True
    expect(ann.locator("#link-state")).to_have_attribute("data-state", "online", timeout=60_000)
    expect(ann.locator(".task.pending")).to_have_count(0, timeout=60_000)
    expect(task(hugo, "After the first reload")).to_have_count(1)
    assert titles(hugo) == titles(ann) == [*before, "After the first reload"]
    wait_until_kept(ann, 0)


def test_what_is_refused_after_all_is_shown_with_its_reason(stack: Stack, visit: Visit) -> None:
    other = visit("ann")
    ann, network = without_network(visit, "ann")
    add(other, "Gone meanwhile")
    expect(task(ann, "Gone meanwhile")).to_have_count(1)
    network.cut()
    task(ann, "Gone meanwhile").locator(".task-title").dblclick()
    ann.keyboard.press("Control+A")
    ann.keyboard.type("Edited offline")
    ann.keyboard.press("Enter")
    wait_until_kept(ann, 1)
    other.evaluate(
        """async () => {
            const { modelOf } = await import("/models/capsule.js");
            const rows = [...document.querySelectorAll(".task")];
            modelOf(rows.find((row) => row.textContent.includes("Gone meanwhile"))).deleteServer();
        }"""
    )
    expect(task(other, "Gone meanwhile")).to_have_count(0)
    reload(ann)
    expect(task(ann, "Edited offline")).to_have_count(1)
    network.up = True
    expect(ann.locator("#toasts")).to_contain_text("It is gone", timeout=60_000)
    expect(task(ann, "Edited offline")).to_have_count(0)


def test_a_page_that_was_closed_offline_is_finished_by_the_next(stack: Stack, visit: Visit) -> None:
    hugo = visit("hugo")
    look_at(hugo, "ann")
    ann, network = without_network(visit, "ann")
    second = ann.context.new_page()
    second.goto(stack.url)
    second.locator("#desk[aria-busy=false]").wait_for()
    network.cut()
    add(ann, "From a closed tab")
    wait_until_kept(ann, 1)
    ann.close()
    # The tab that is still open takes over.
    expect(task(hugo, "From a closed tab")).to_have_count(1, timeout=30_000)
    expect(task(second, "From a closed tab")).to_have_count(1)
    wait_until_kept(second, 0)
