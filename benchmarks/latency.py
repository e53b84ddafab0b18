"""From a request in one browser to the event in another: two Chromium pages, one worker, one gateway, embedded Valkey.

    python -m benchmarks.latency [--actions 500]

Each action waits for the one before it, so this is the time of a path, not of a queue. Both pages run on this
machine and read the same clock (performance.timeOrigin + performance.now(), 0.1 ms).
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from examples.bang.seed import SCOPE
from tests.browser.conftest import FLAGS
from tests.examples.stack import Stack

CONNECT = """async (scope) => {
  const { Team, connect } = await import("/models/main.js");
  const session = (window.session = connect({ url: "/ws", root: Team, scope }));
  await new Promise((resolve) => session.on("ready", resolve));
}"""

LISTEN = """() => {
  window.seen = {};
  const tasks = session.root.members.get("ann").tasks;
  tasks.on("change:title", (task, title) => (seen[title] = performance.timeOrigin + performance.now()));
}"""

ACT = """async (actions) => {
  const task = session.root.members.get("ann").tasks.at(0);
  const sent = {}, shown = {}, answered = {};
  const now = () => performance.timeOrigin + performance.now();
  for (let n = 0; n < actions; n++) {
    const title = `measured ${n}`;
    sent[title] = now();
    const operation = task.setServer({ title });
    shown[title] = now();
    if (operation.state === "pending") await new Promise((resolve) => operation.once("settled", resolve));
    if (operation.state !== "accepted") throw new Error(operation.verdict.sentence);
    answered[title] = now();
    await new Promise((resolve) => setTimeout(resolve, 2 + Math.random() * 8));
  }
  return { sent, shown, answered };
}"""


def logged_in(browser: Browser, stack: Stack, user: str) -> Page:
    page = browser.new_context().new_page()
    page.goto(stack.url)
    page.locator(f"button[value={user}]").click()
    page.locator("#desk[aria-busy=false]").wait_for()
    page.evaluate(CONNECT, SCOPE)
    return page


def measure(stack: Stack, actions: int) -> dict[str, list[float]]:
    """Milliseconds from the request: to the change on one's own page, to the event on the other, to the answer."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        one, two = logged_in(browser, stack, "ann"), logged_in(browser, stack, "chidi")
        two.evaluate(LISTEN)
        one.evaluate(ACT, 20)  # warm up: JIT, script cache
        times = one.evaluate(ACT, actions)
        last = f"measured {actions - 1}"
        two.wait_for_function("(title) => title in window.seen", arg=last)
        seen: dict[str, Any] = two.evaluate("() => window.seen")
        browser.close()
    sent = times["sent"]
    return {
        "shown on one's own page": [times["shown"][title] - sent[title] for title in sent],
        "event on the other browser": [seen[title] - sent[title] for title in sent],
        "answer of the worker": [times["answered"][title] - sent[title] for title in sent],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--actions", type=int, default=500, help="default: %(default)s")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        try:
            found = measure(stack, options.actions)
        finally:
            stack.stop()
    print(f"{options.actions} actions, Python {platform.python_version()}, {os.cpu_count()} cores")
    print("| from the request, in ms | p50 | p90 | p99 | max |")
    print("|---|---|---|---|---|")
    for name, times in found.items():
        cut = statistics.quantiles(times, n=100)
        print(f"| {name} | {cut[49]:.1f} | {cut[89]:.1f} | {cut[98]:.1f} | {max(times):.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
