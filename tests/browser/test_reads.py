"""Who sees what, in two browsers: private attributes, a hidden collection, revocation; and what was on their wires."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser.conftest import AWAY, BACK

pytestmark = pytest.mark.browser


class Watched:
    """A browser of one user, and every text that came over its sockets."""

    def __init__(self, browser: Browser, company: str, user: str) -> None:
        self.received: list[str] = []
        self.page: Page = browser.new_context().new_page()
        self.page.on("websocket", self._opened)
        self.page.goto(f"{company}?as={user}")

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self.received.append(str(payload)))

    @property
    def wire(self) -> str:
        return "\n".join(self.received)

    def shows(self, id: str, *lines: str) -> None:
        expect(self.page.locator(f"#{id} li")).to_have_text(list(lines))

    def hears(self, since: int, verb: str, times: int = 1) -> None:
        """Wait for so many lines of a verb among the messages after the first `since`."""
        said = f'"verb":"{verb}"'
        deadline = time.monotonic() + 60
        while "\n".join(self.received[since:]).count(said) < times:
            assert time.monotonic() < deadline, f"no {verb}"
            self.page.wait_for_timeout(50)

    def reaches(self, other: "Watched") -> None:
        """Wait until this page is where the other one is now: it has been sent all that it will be."""
        at = other.page.evaluate("session.replica.since()")
        self.page.wait_for_function("(at) => session.replica.since() === at", arg=at)

    def knows_none_of(self, *secrets: str) -> None:
        """Neither shown, nor held, nor ever sent."""
        held = json.dumps(self.page.evaluate("root.xport()")).replace('"reviews": []', "")
        for secret in secrets:
            assert secret not in self.wire, secret
            assert secret not in held, secret


BY_HAND = """async (lines) => {
    const { scope } = session.replica;
    for (const line of lines) session._socket.send(JSON.stringify({ scope, ...line }));
}"""


@pytest.fixture
def pair(browser: Browser, company: str) -> Iterator[tuple[Watched, Watched]]:
    """Ann, who is a boss, and Bob, who is not."""
    ann, bob = Watched(browser, company, "ann"), Watched(browser, company, "bob")
    for one in (ann, bob):
        expect(one.page.locator("#state")).to_have_text("ready")
    yield ann, bob
    for one in (ann, bob):
        one.page.context.close()


def test_each_sees_what_is_theirs(pair: tuple[Watched, Watched]) -> None:
    ann, bob = pair
    ann.shows("people", "Ann: 2", "Bob: 1")
    ann.shows("reviews", "fine")
    expect(ann.page.locator("#budget")).to_have_text("9")
    bob.shows("people", "Ann: ?", "Bob: ?")
    bob.shows("reviews")
    expect(bob.page.locator("#budget")).to_have_text("?")

    ann.page.evaluate("root.people.get('bob').setServer({name: 'Robert', salary: 424242})")
    ann.page.evaluate("root.people.get('bob').reviews.addServer({text: 'a secret opinion'})")
    ann.shows("people", "Ann: 2", "Robert: 424242")
    ann.shows("reviews", "fine", "a secret opinion")
    ann.page.wait_for_function("session.replica.pending.length === 0")
    bob.shows("people", "Ann: ?", "Robert: ?")
    bob.reaches(ann)
    bob.knows_none_of("424242", "secret", "salary", "budget", "reviews", "bosses")
    assert "Robert" in bob.wire

    # What he asks for by hand he is not given either.
    heard = len(bob.received)
    bob.page.evaluate(
        BY_HAND,
        [
            {"verb": "page", "feed": "people.bob.reviews", "before": None, "count": 10},
            {"verb": "page", "feed": "people--bosses", "before": None, "count": 10},
            {"verb": "subscribe", "since": None, "feeds": ["people.bob.reviews", "people--bosses"]},
            {"verb": "subscribe", "since": None, "pending": [], "view": ""},
        ],
    )
    bob.page.wait_for_function("session.replica.online")
    bob.hears(heard, "snapshot")
    bob.knows_none_of("424242", "secret opinion", "salary", "budget", '"fine"')


def test_promotion_and_degradation_take_effect_at_once_also_for_who_is_away(
    pair: tuple[Watched, Watched],
) -> None:
    ann, bob = pair
    ann.page.evaluate("root.people.get('bob').setServer({name: 'Robert', salary: 424242, role: 'boss'})")
    ann.page.evaluate("root.news.addServer({text: 'promoted'})")
    bob.shows("people", "Ann: 2", "Robert: 424242")
    expect(bob.page.locator("#budget")).to_have_text("9")
    ann.page.evaluate("root.people.get('bob').setServer({role: 'clerk'})")
    bob.shows("people", "Ann: ?", "Robert: ?")
    bob.shows("reviews")
    expect(bob.page.locator("#budget")).to_have_text("?")
    bob.received.clear()
    ann.page.evaluate("root.people.get('bob').setServer({salary: 515151})")
    ann.page.evaluate("root.people.get('bob').reviews.addServer({text: 'a later opinion'})")
    ann.page.wait_for_function("session.replica.pending.length === 0")
    bob.reaches(ann)
    bob.knows_none_of("424242", "515151", "opinion", "salary", "budget", "reviews")

    # The same while his page is away, and comes back with what it saw as a boss.
    ann.page.evaluate("root.people.get('bob').setServer({role: 'boss'})")
    bob.shows("people", "Ann: 2", "Robert: 515151")
    bob.page.evaluate(AWAY)
    bob.received.clear()
    ann.page.evaluate("root.people.get('bob').setServer({role: 'clerk', salary: 616161})")
    ann.page.wait_for_function("session.replica.pending.length === 0")
    bob.shows("people", "Ann: 2", "Robert: 515151")
    bob.page.evaluate(BACK)
    bob.shows("people", "Ann: ?", "Robert: ?")
    bob.reaches(ann)
    bob.knows_none_of("515151", "616161", "opinion", "salary", "budget", "reviews")


def test_revocation_ends_it_at_once(pair: tuple[Watched, Watched]) -> None:
    ann, bob = pair
    bob.received.clear()
    ann.page.evaluate("root.people.get('bob').deleteServer()")
    expect(bob.page.locator("#state")).to_have_text("NOT_FOUND")
    bob.shows("people")
    ann.page.evaluate("root.news.addServer({text: 'after he left'})")
    ann.shows("people", "Ann: 2")
    ann.page.wait_for_function("session.replica.pending.length === 0")
    # He asks again, by hand and with a new page: it is not there.
    bob.page.evaluate(BY_HAND, [{"verb": "subscribe", "since": None}])
    bob.hears(0, "error", times=2)
    bob.page.reload()
    expect(bob.page.locator("#state")).to_have_text("NOT_FOUND")
    bob.knows_none_of("after he left", "Ann", "Acme")
    assert "retract" not in bob.wire, "not even the event that ended it"
