"""A gateway that dies takes nothing with it: the page comes back complete, and nothing is there twice."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, add, expect_titles, look_at, task, titles
from tests.examples.stack import Stack

pytestmark = pytest.mark.browser


def test_kill_9_of_the_gateway_leaves_the_browsers_complete(stack: Stack, visit: Visit) -> None:
    ann, hugo = visit("ann"), visit("hugo")
    look_at(hugo, "ann")
    add(ann, "Before the crash")
    expect(task(hugo, "Before the crash")).to_be_visible()
    drawn = hugo.locator(".task").first.element_handle()

    stack.kill("gateway")
    for page in (ann, hugo):
        expect(page.locator("#link-state")).not_to_have_attribute("data-state", "online")
    # Work goes on without a connection, and waits.
    for number in range(3):
        add(ann, f"During the crash {number}")
    expect(ann.locator("#link-state")).to_contain_text("3 waiting")
    expect(ann.locator(".task.pending")).to_have_count(3)
    stack.start_gateway()

    for page in (ann, hugo):
        expect(page.locator("#link-state")).to_have_attribute("data-state", "online")
        for number in range(3):
            expect(task(page, f"During the crash {number}")).to_have_count(1)
    expect(ann.locator(".task.pending")).to_have_count(0)
    add(ann, "After the crash")
    expect(task(hugo, "After the crash")).to_be_visible()
    expect_titles(hugo, titles(ann))
    assert drawn is not None
    assert drawn.evaluate("row => row.isConnected"), "the list was drawn anew"
    # What a page that was never interrupted is told is the same.
    late = visit("eva")
    look_at(late, "ann")
    expect_titles(late, titles(ann))


def test_a_worker_that_was_away_finds_the_work_waiting(stack: Stack, visit: Visit) -> None:
    ann, hugo = visit("ann"), visit("hugo")
    look_at(hugo, "ann")
    stack.kill("worker")
    add(ann, "Nobody is working")
    expect(task(ann, "Nobody is working")).to_contain_class("pending")
    stack.start_worker()
    expect(task(hugo, "Nobody is working")).to_have_count(1)
    expect(ann.locator(".task.pending")).to_have_count(0)
