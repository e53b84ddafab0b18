"""Who sees what, in two browsers: private attributes, a hidden collection, revocation; and what was on their wires."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
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


class Watched:
    """A browser of one user, and every text that came over its sockets."""

    def __init__(self, browser: Browser, place: str, user: str) -> None:
        self.received: list[str] = []
        self.page: Page = browser.new_context().new_page()
        self.page.on("websocket", self._opened)
        self.page.goto(f"{place}?as={user}")

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self.received.append(str(payload)))

    @property
    def wire(self) -> str:
        return "\n".join(self.received)

    def shows(self, id: str, *lines: str) -> None:
        expect(self.page.locator(f"#{id} li")).to_have_text(list(lines))


def test_each_sees_what_is_theirs_and_revocation_ends_it_at_once(browser: Browser, place: str) -> None:
    ann, bob = Watched(browser, place, "ann"), Watched(browser, place, "bob")
    for one in (ann, bob):
        expect(one.page.locator("#state")).to_have_text("ready")
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
    bob.shows("people", "Ann: ?", "Robert: ?")
    for secret in ("424242", "secret", "salary", "budget", "reviews", "bosses"):
        assert secret not in bob.wire
    assert "Robert" in bob.wire

    # Promoted, he sees all of it; degraded, nothing of it.
    ann.page.evaluate("root.people.get('bob').setServer({role: 'boss'})")
    bob.shows("people", "Ann: 2", "Robert: 424242")
    bob.shows("reviews", "fine", "a secret opinion")
    ann.page.evaluate("root.people.get('bob').setServer({role: 'clerk'})")
    bob.shows("people", "Ann: ?", "Robert: ?")
    bob.shows("reviews")
    bob.received.clear()

    ann.page.evaluate("root.people.get('bob').deleteServer()")
    expect(bob.page.locator("#state")).to_have_text("NOT_FOUND")
    bob.shows("people")
    ann.page.evaluate("root.news.addServer({text: 'after he left'})")
    ann.shows("people", "Ann: 2")
    ann.page.wait_for_function("root.news.length === 2 && session.replica.pending.length === 0")
    bob.page.evaluate("session.status")
    assert "after he left" not in bob.wire
    assert "retract" not in bob.wire, "not even the event that ended it"
    for one in (ann, bob):
        one.page.context.close()
