"""Tabs of one user share a connection: one socket, every event in every tab, nothing lost when the leading one dies."""

import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, WebSocket, expect

from tests.browser.conftest import AWAY, BACK, Visit
from tests.browser.test_long_chat import elsewhere
from tests.browser.test_offline import Network
from tests.examples.stack import Stack

pytestmark = pytest.mark.browser

TEXTS = "[...root.news].map((one) => one.get('text'))"
# Adds numbered items, one in each turn of the page's loop, so that some are under way whatever happens.
WRITE = """([name, count]) => {
  let number = 0;
  const write = () => {
    root.news.addServer({ text: `${name} ${number++}` });
    if (number < count) setTimeout(write);
  };
  write();
}"""


def until(condition: Callable[[], bool], what: str, page: Page, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen: {what}"
        page.wait_for_timeout(50)


class User:
    """The browser of one user, with tabs; and how many sockets each of them has."""

    def __init__(self, browser: Browser, company: str, user: str) -> None:
        self.company = company
        self.user = user
        self.context: BrowserContext = browser.new_context()
        self.sockets: dict[Page, int] = {}

    def tab(self, how: str = "connectShared", **query: str) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(60_000)
        self.sockets[page] = 0
        page.on("websocket", lambda socket: self._opened(page, socket))
        query = {"as": self.user, "how": how, **query}
        page.goto(self.company + "?" + "&".join(f"{key}={value}" for key, value in query.items()))
        expect(page.locator("#state")).to_have_text("ready", timeout=60_000)
        return page

    def _opened(self, page: Page, socket: WebSocket) -> None:
        self.sockets[page] += 1
        socket.on("close", lambda _: self._closed(page))

    def _closed(self, page: Page) -> None:
        self.sockets[page] -= 1

    @property
    def tabs(self) -> list[Page]:
        return list(self.sockets)

    def leader(self) -> Page:
        """The tab that has the socket."""
        until(lambda: sorted(self.sockets.values())[-2:] in ([1], [0, 1]), "one leads", self.tabs[0])
        return next(page for page, count in self.sockets.items() if count)


@pytest.fixture
def users(browser: Browser, company: str) -> Iterator[Callable[[str], User]]:
    made: list[User] = []

    def user(name: str) -> User:
        made.append(User(browser, company, name))
        return made[-1]

    yield user
    for one in made:
        one.context.close()
    deadline = time.monotonic() + 60
    while sockets(company) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sockets(company) == 0


def until_sockets(company: str, count: int, page: Page) -> None:
    """Until so many are open at the gateway."""
    until(lambda: sockets(company) == count, f"{count} sockets", page)


def sockets(company: str) -> int:
    with urllib.request.urlopen(f"{company}sockets", timeout=30) as answer:
        return int(answer.read())


def texts(page: Page, name: str) -> list[str]:
    """What was written under a name, in the page's order."""
    return [text for text in page.evaluate(TEXTS) if text.startswith(f"{name} ")]


def numbered(name: str, count: int) -> list[str]:
    return [f"{name} {number}" for number in range(count)]


def until_idle(page: Page) -> None:
    page.wait_for_function("session.status === 'online' && session.replica.pending.length === 0")


def expect_all(pages: list[Page], name: str, count: int) -> None:
    for page in pages:
        page.wait_for_function(f"{TEXTS}.filter((text) => text.startsWith('{name} ')).length >= {count}")
        assert texts(page, name) == numbered(name, count)


def test_five_tabs_have_one_socket_and_each_gets_every_event_in_order(company: str, users: Any) -> None:
    ann, alone = users("ann"), users("ann")
    for _ in range(5):
        ann.tab()
    until_sockets(company, 1, ann.tabs[0])
    ann.leader()
    other = alone.tab("connect")
    other.evaluate(WRITE, ["other", 40])
    for number, tab in enumerate(ann.tabs):
        tab.evaluate(WRITE, [f"tab{number}", 10])
    for page in [*ann.tabs, other]:
        expect_all([page], "other", 40)
        for number in range(5):
            expect_all([page], f"tab{number}", 10)
        until_idle(page)
    # Whoever came later began at a snapshot; from there on, each version once and in order.
    for page in ann.tabs:
        versions = page.evaluate("versions")
        assert versions == list(range(versions[0], versions[0] + len(versions)))
        assert page.evaluate("root.xport()") == other.evaluate("root.xport()")
    # The tabs of a connection are one presence, and it is the tab's that spoke last.
    ann.tabs[3].evaluate("session.setPresence({ tab: 3 })")
    for page in [ann.tabs[0], other]:
        page.wait_for_function("Object.values(session.presence).some((one) => one.state.tab === 3)")
        assert page.evaluate("Object.values(session.presence).length") == 2
    ann.tabs[3].close()
    other.wait_for_function("Object.values(session.presence).every((one) => one.state.tab === undefined)")
    until_sockets(company, 2, other)


@pytest.mark.parametrize("how", ["close", "crash"])
def test_a_leader_that_ends_hands_over_with_edits_in_flight(company: str, users: Any, how: str) -> None:
    ann, bob = users("ann"), users("bob")
    guests = [ann.tab() for _ in range(4)]
    other = bob.tab("connect")
    leader = ann.leader()
    guests.remove(leader)
    for number, tab in enumerate(guests):
        tab.evaluate(WRITE, [f"{how}{number}", 40])
    until(lambda: len(texts(other, f"{how}0")) > 3, "some have arrived", other)
    if how == "close":
        leader.close()
    else:
        crash(leader)
    for page in [*guests, other]:
        for number in range(3):
            expect_all([page], f"{how}{number}", 40)
    for page in guests:
        until_idle(page)
    until_sockets(company, 2, other)
    other.wait_for_function(
        "Object.values(session.presence).filter((one) => one.user === 'ann').length === 1"
    )
    until(lambda: sorted(ann.sockets[page] for page in guests) == [0, 0, 1], "one of the guests leads", other)


def crash(page: Page) -> None:
    """End the tab's process, as a lack of memory does."""
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")


def test_a_leader_that_freezes_is_replaced_and_comes_back_as_a_guest(company: str, users: Any) -> None:
    ann, bob = users("ann"), users("bob")
    guest = [ann.tab() for _ in range(3)]
    other = bob.tab("connect")
    leader = ann.leader()
    guest.remove(leader)
    cdp = ann.context.new_cdp_session(leader)
    cdp.send("Debugger.enable")
    cdp.send(
        "Debugger.pause"
    )  # none of its code runs, but it has its lock and its socket: what a frozen tab is
    guest[0].evaluate(WRITE, ["frozen", 5])
    guest[0].evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # somebody looks at it
    expect_all([*guest, other], "frozen", 5)
    until(lambda: sorted(ann.sockets[page] for page in guest) == [0, 1], "another one leads", other)
    cdp.send("Debugger.resume")
    expect_all([leader], "frozen", 5)
    leader.evaluate(WRITE, ["thawed", 5])
    expect_all([*ann.tabs, other], "thawed", 5)
    until_sockets(company, 2, other)


def test_another_login_ends_the_tabs_of_the_one_before(company: str, users: Any) -> None:
    bob = users("bob")
    bob.context.add_cookies([{"name": "user", "value": "bob", "url": company}])

    def tab() -> Page:
        page = bob.context.new_page()
        page.goto(f"{company}?how=connectShared")
        expect(page.locator("#state")).to_have_text("ready", timeout=60_000)
        return page

    his = [tab(), tab()]
    until_sockets(company, 1, his[0])
    bob.context.add_cookies([{"name": "user", "value": "ann", "url": company}])
    hers = [tab(), tab()]
    until_sockets(company, 2, hers[0])
    for page in hers:
        expect(page.locator("#people li").first).to_have_text("Ann: 2")
    for page in his:
        expect(page.locator("#people li").first).to_have_text("Ann: ?")
    urllib.request.urlopen(f"{company}cut", timeout=30).close()
    for page in his:
        page.wait_for_function("ends.length === 1")
        assert page.evaluate("ends") == [4401]
        expect(page.locator("#people li").first).to_have_text("Ann: ?")
        assert page.evaluate("session.replica.user") == "bob"
    hers[1].evaluate(WRITE, ["login", 3])
    expect_all(hers, "login", 3)


def test_tabs_of_different_models_share_nothing(company: str, users: Any) -> None:
    ann = users("ann")
    for query in (
        {"schema": "a"},
        {"schema": "a"},
        {"schema": "b"},
        {"models": "new"},
        {"models": "new"},
        {},
    ):
        ann.tab(**query)
    until_sockets(company, 4, ann.tabs[0])
    assert sorted(ann.sockets.values()) == [0, 0, 1, 1, 1, 1]


def test_where_the_browser_lacks_the_means_each_tab_has_its_own(company: str, users: Any) -> None:
    ann = users("ann")
    ann.context.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    tabs = [ann.tab(), ann.tab()]
    until_sockets(company, 2, tabs[0])
    tabs[0].evaluate(WRITE, ["alone", 3])
    expect_all(tabs, "alone", 3)


def test_what_one_tab_was_shown_is_not_told_to_one_that_may_not_see_it(company: str, users: Any) -> None:
    boss = users("ann").tab("connect")
    bob = users("bob")
    tabs = [bob.tab(), bob.tab()]
    leader = bob.leader()
    [guest] = [tab for tab in tabs if tab is not leader]
    boss.evaluate(WRITE, ["before", 1])
    expect_all(tabs, "before", 1)
    guest.evaluate(AWAY)
    # For a while he is a boss. Then he sees what he saw before, and the guest asks for what it missed.
    boss.evaluate("root.people.get('bob').setServer({ role: 'boss' })")
    boss.evaluate("root.people.get('bob').setServer({ salary: 3 })")
    expect(leader.locator("#people li")).to_have_text(["Ann: 2", "Bob: 3"])
    boss.evaluate("root.people.get('bob').setServer({ role: 'clerk' })")
    expect(leader.locator("#people li")).to_have_text(["Ann: ?", "Bob: ?"])
    boss.evaluate(WRITE, ["after", 1])
    expect_all([leader], "after", 1)
    guest.evaluate(BACK)
    expect_all([guest], "after", 1)
    expect(guest.locator("#people li")).to_have_text(["Ann: ?", "Bob: ?"])
    assert guest.evaluate("root.xport()") == leader.evaluate("root.xport()")
    until_sockets(company, 2, boss)


def test_whose_right_ends_loses_it_in_all_tabs(company: str, users: Any) -> None:
    ann, bob = users("ann"), users("bob")
    boss = ann.tab()
    tabs = [bob.tab(), bob.tab()]
    boss.evaluate("root.people.get('bob').deleteServer()")
    for tab in tabs:
        expect(tab.locator("#state")).to_have_text("NOT_FOUND")
        expect(tab.locator("#people li")).to_have_count(0)
    late = bob.context.new_page()
    late.goto(f"{company}?as=bob&how=connectShared")
    expect(late.locator("#state")).to_have_text("NOT_FOUND")


def test_offline_work_of_all_tabs_survives_the_end_of_the_leading_one(company: str, users: Any) -> None:
    ann, carl = users("ann"), users("ann")
    network = Network(ann.context, "**/ws?*")
    tabs = [ann.tab("offlineShared") for _ in range(3)]
    other = carl.tab("connect")
    until_sockets(company, 2, other)
    network.cut()
    for number, tab in enumerate(tabs):
        tab.wait_for_function("session.status !== 'online'")
        tab.evaluate(WRITE, [f"offline{number}", 5])
        tab.wait_for_function("session.replica.pending.length === 5")
        tab.evaluate("session._keeper.write()")
    tabs[0].close()
    tabs[1].reload()
    expect(tabs[1].locator("#state")).to_have_text("ready")
    network.up = True
    for page in [tabs[1], tabs[2], other]:
        for number in range(3):
            expect_all([page], f"offline{number}", 5)
    for page in tabs[1:]:
        until_idle(page)


SHARED = """async () => {
    const { connectShared, Team } = await import("/models/main.js");
    window.shared = connectShared({ url: "/ws", root: Team, scope: "team.andyet", user: "ann" });
    await new Promise((resolve) => shared.once("ready", resolve));
    return shared.root.chat.length;
}"""


def test_each_tab_has_its_own_window_of_a_long_feed(stack: Stack, visit: Visit) -> None:
    elsewhere(stack, "window", [f"line {number}" for number in range(120)])
    leader = visit("ann")
    guest = leader.context.new_page()
    guest.goto(stack.url)
    assert [page.evaluate(SHARED) for page in (leader, guest)] == [50, 50]
    guest.evaluate("shared.root.chat.loadOlder()")
    guest.wait_for_function("() => shared.root.chat.length === 100")
    leader.evaluate("shared.root.chat.addServer({ text: 'to both' })")
    for page, count in ((leader, 51), (guest, 101)):
        page.wait_for_function("(count) => shared.root.chat.length === count", arg=count)
        page.wait_for_function("() => shared.replica.pending.length === 0")
    third = leader.context.new_page()
    third.goto(stack.url)
    third.evaluate(SHARED)
    leader.evaluate("shared.close()")
    guest.evaluate("shared.root.chat.addServer({ text: 'after it' })")
    third.wait_for_function(
        "() => shared.root.chat.at(shared.root.chat.length - 1).get('text') === 'after it'"
    )
