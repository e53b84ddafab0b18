"""What `capsule new` makes and `capsule dev` runs: two people at one board, while its code changes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from capsule.cli.main import main
from tests.feeds.real_cluster import free_ports

pytestmark = pytest.mark.browser
PATIENCE = 120.0  # seconds: a cold machine compiles the models first


class Dev:
    """A running `capsule dev`."""

    def __init__(self, folder: Path) -> None:
        [self.port] = free_ports(1)
        environment = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        command = [sys.executable, "-m", "capsule.cli.main", "dev", str(folder), "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def wait_for(self, words: str, times: int = 1) -> None:
        deadline = time.monotonic() + PATIENCE
        while "".join(self.lines).count(words) < times:
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.05)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(PATIENCE)
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app") / "board"
    assert main(["new", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def dev(folder: Path) -> Iterator[Dev]:
    dev = Dev(folder)
    try:
        dev.wait_for("Ctrl-C stops it")
        yield dev
    finally:
        assert dev.stop() == 0, dev.lines


def enter(browser: Browser, dev: Dev, name: str) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"http://127.0.0.1:{dev.port}/")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Enter").click()
    expect(page.locator("#title")).to_have_text("Our board")
    return page


def test_two_people_at_one_board(browser: Browser, dev: Dev) -> None:
    ann, bob = enter(browser, dev, "ann"), enter(browser, dev, "bob")
    ann.get_by_label("A new note").fill("Bring <b>cake</b>")
    ann.keyboard.press("Enter")
    row = bob.locator("li")
    expect(row.locator(".text")).to_have_text("Bring <b>cake</b>")
    expect(row.locator(".author")).to_have_text("ann")
    expect(row.locator(".delete")).to_be_hidden()
    row.locator(".done").check()
    expect(ann.locator("li.done")).to_have_count(1)
    ann.get_by_label("A new note").fill("x" * 280)
    ann.get_by_label("A new note").evaluate("(input) => (input.value += 'y')")
    ann.keyboard.press("Enter")
    expect(ann.locator("#problem")).to_contain_text("must have a length of at most 280")
    ann.locator("li .delete").click()
    expect(bob.locator("li")).to_have_count(0)


def test_a_change_begins_again_and_a_broken_one_does_not(browser: Browser, dev: Dev, folder: Path) -> None:
    ann = enter(browser, dev, "ann")
    models = folder / "models.py"
    good = models.read_text()
    models.write_text(good + "\nx = = 1\n")
    dev.wait_for("What runs goes on.")
    dev.wait_for("CAP100")  # the build says it, too
    models.write_text(good.replace('"max": 280', '"max": 10'))
    dev.wait_for("rebuilt in")
    dev.wait_for("Ctrl-C stops it", 2)
    ann.reload()
    expect(ann.locator("#status")).to_have_text("online")
    expect(ann.locator("#title")).to_have_text("Our board")  # still logged in, and the board is kept
    ann.get_by_label("A new note").fill("much too long")
    ann.keyboard.press("Enter")
    expect(ann.locator("#problem")).to_contain_text("at most 10")


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str], dev: Dev, folder: Path) -> None:
    assert main(["dev", str(folder), "--port", str(dev.port)]) == 1
    assert f"port {dev.port} cannot be used" in capsys.readouterr().err
