"""What a person may not do: not offered, and refused with the model's own sentence when asked for anyway."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.conftest import Visit, add, look_at, task, titles

pytestmark = pytest.mark.browser

SHIP = "Only the owner may ship a task."
EDIT = "Only the owner may edit a task."


class Heard:
    """The lines that a page's socket brought."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def attach(self, page: Page) -> None:
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)

    def _hear(self, payload: str | bytes) -> None:
        text = payload if isinstance(payload, str) else payload.decode()
        self.lines += [json.loads(line) for line in text.split("\n")]


def test_a_teammates_task_offers_nothing_to_do(visit: Visit) -> None:
    hugo = visit("hugo")
    for control in (".ship", ".door[data-do=edit]", ".door[data-do=delete]", ".grip", "button.task-state"):
        assert hugo.locator(f".task {control}").count() == len(titles(hugo)) > 0
    look_at(hugo, "ann")
    expect(hugo.locator("#tasks-title")).to_have_text("Ann Berg")
    assert len(titles(hugo)) > 0
    for control in (".ship", ".door", ".grip", "button.task-state"):
        expect(hugo.locator(f".task {control}")).to_have_count(0)


def test_keys_do_nothing_to_a_teammates_task(visit: Visit) -> None:
    hugo = visit("hugo")
    look_at(hugo, "ann")
    expect(hugo.locator("#tasks-title")).to_have_text("Ann Berg")
    before = titles(hugo)
    for key in "jsexaJK":
        hugo.keyboard.press(key)
    assert titles(hugo) == before
    expect(hugo.locator(".toast")).to_have_count(0)


def test_a_forged_line_is_answered_403_with_the_models_sentence(visit: Visit) -> None:
    heard = Heard()
    ann, hugo = visit("ann"), visit("hugo", before=heard.attach)
    add(ann, "Not yours to ship")
    look_at(hugo, "ann")
    expect(task(hugo, "Not yours to ship")).to_be_visible()
    # Past the models: the very line that Ann's page would send, over the driver's own socket.
    hugo.evaluate(
        """async () => {
          const { modelOf } = await import("/models/capsule.js");
          const rows = [...document.querySelectorAll(".task")];
          const task = modelOf(rows.find((row) => row.textContent.includes("Not yours")));
          const { link } = task.root;
          link.counter += 1;
          const action = { do: "call", feed: "members.ann.tasks", id: task.id, method: "ship", args: [] };
          link.post({ verb: "do", scope: link.scope, n: link.counter, first: true, action });
        }"""
    )
    result = wait_for_result(hugo, heard)
    assert result["code"] == 403
    assert result["verdict"]["sentence"] == SHIP
    expect(task(ann, "Not yours to ship")).to_be_visible()
    expect(task(hugo, "Not yours to ship")).to_be_visible()
    # The socket of an honest page survives a forged line.
    add(hugo, "Work goes on")
    look_at(ann, "hugo")
    expect(task(ann, "Work goes on")).to_be_visible()


def wait_for_result(page: Page, heard: Heard) -> dict[str, Any]:
    for _ in range(600):
        for line in heard.lines:
            if line["verb"] == "result":
                return line
        page.wait_for_timeout(100)
    raise AssertionError(f"no result among {[line['verb'] for line in heard.lines]}")


def test_a_forged_ship_is_shown_and_taken_back_with_the_sentence(visit: Visit) -> None:
    ann, hugo = visit("ann"), visit("hugo")
    add(ann, "Mine, whatever your page says")
    hugo.evaluate(
        """async () => {
          const { Task } = await import("/models/main.js");
          Task.prototype.canCall = () => true;
        }"""
    )
    look_at(hugo, "ann")
    row = task(hugo, "Mine, whatever your page says")
    row.locator(".ship").click()
    expect(hugo.get_by_role("alert")).to_contain_text(SHIP)
    expect(row).to_be_visible()
    expect(task(ann, "Mine, whatever your page says")).to_be_visible()
    assert "Mine, whatever your page says" not in ann.locator(".shipped-title").all_inner_texts()


def test_an_optimistic_edit_that_is_refused_is_rolled_back_with_the_reason(visit: Visit) -> None:
    ann, hugo = visit("ann"), visit("hugo")
    add(ann, "Word by word")
    hugo.evaluate(
        """async () => {
          const { Task } = await import("/models/main.js");
          Task.prototype.canEdit = () => true;
          window.seen = [];
          const watch = new MutationObserver(() => {
            for (const title of document.querySelectorAll(".task-title")) window.seen.push(title.textContent);
          });
          watch.observe(document.getElementById("task-list"), { subtree: true, childList: true });
        }"""
    )
    look_at(hugo, "ann")
    task(hugo, "Word by word").locator(".task-title").click()
    hugo.keyboard.press("e")
    hugo.keyboard.type("Letter by letter")
    hugo.keyboard.press("Enter")
    expect(hugo.get_by_role("alert")).to_contain_text(EDIT)
    expect(task(hugo, "Word by word")).to_be_visible()
    expect(task(hugo, "Letter by letter")).to_have_count(0)
    assert "Letter by letter" in hugo.evaluate("window.seen"), "the change was never shown"
    assert "Letter by letter" not in titles(ann)


def test_what_the_page_itself_knows_to_be_wrong_is_never_sent(visit: Visit) -> None:
    sent: list[str] = []

    def listen(page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))

    ann = visit("ann", before=listen)
    ann.locator("#omni-input").fill("x" * 141)
    ann.locator("#omni-input").press("Enter")
    expect(ann.get_by_role("alert")).to_be_visible()
    expect(ann.locator("#omni-input")).to_have_value("x" * 141)
    assert not [line for line in sent if '"do"' in line]
