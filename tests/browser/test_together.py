"""Two people, two browsers: what one does is what the other sees."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, add, expect_titles, look_at, task, titles

pytestmark = pytest.mark.browser


@pytest.fixture
def pages(visit: Visit) -> tuple[Page, Page]:
    """Ann at her own list, and Hugo who looks at it."""
    ann, hugo = visit("ann"), visit("hugo")
    look_at(hugo, "ann")
    return ann, hugo


def select(page: Page, title: str) -> None:
    task(page, title).locator(".task-title").click()
    expect(task(page, title)).to_be_focused()


def test_a_task_that_is_added_appears(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    ann.keyboard.press("/")
    ann.keyboard.type("Taste the cake <b>twice</b>")
    ann.keyboard.press("Enter")
    expect(task(hugo, "Taste the cake <b>twice</b>")).to_be_visible()
    expect(ann.locator(".task.pending")).to_have_count(0)
    expect(ann.locator("#omni-input")).to_have_value("")


def test_an_exclamation_mark_puts_a_task_on_top(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    ann.locator("#omni-input").fill("! Put out the fire")
    ann.locator("#omni-input").press("Enter")
    expect(hugo.locator(".task .task-title").first).to_have_text("Put out the fire")


def test_an_edit_in_place_appears(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    add(ann, "Rename the boat")
    select(ann, "Rename the boat")
    ann.keyboard.press("e")
    ann.keyboard.type("Rename both boats")
    ann.keyboard.press("Enter")
    expect(task(hugo, "Rename both boats")).to_be_visible()
    expect(task(hugo, "Rename the boat")).to_have_count(0)
    expect(task(ann, "Rename both boats")).to_be_focused()


def test_escape_leaves_an_edit_without_a_change(pages: tuple[Page, Page]) -> None:
    ann, _hugo = pages
    add(ann, "Leave me as I am")
    select(ann, "Leave me as I am")
    ann.keyboard.press("e")
    ann.keyboard.type("Changed")
    ann.keyboard.press("Escape")
    expect(task(ann, "Leave me as I am")).to_be_focused()


def test_reordering_by_keys_appears_and_keeps_the_focus(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    for title in ("First of three", "Second of three", "Third of three"):
        add(ann, title)
    select(ann, "Third of three")
    ann.keyboard.press("K")
    ann.keyboard.press("K")
    assert titles(ann)[-3:] == ["Third of three", "First of three", "Second of three"]
    expect(task(ann, "Third of three")).to_be_focused()
    expect_titles(hugo, titles(ann))
    ann.keyboard.press("J")
    assert titles(ann)[-3:] == ["First of three", "Third of three", "Second of three"]
    expect_titles(hugo, titles(ann))


def test_reordering_by_drag_appears(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    for title in ("Drag me", "Stay one", "Stay two"):
        add(ann, title)
    task(ann, "Stay two").scroll_into_view_if_needed()
    task(ann, "Drag me").locator(".grip").hover()  # when nothing moves any more
    target = task(ann, "Stay two").bounding_box()
    assert target is not None
    ann.mouse.down()
    ann.mouse.move(target["x"] + 8, target["y"] + target["height"] - 4, steps=8)
    ann.mouse.up()
    assert titles(ann)[-3:] == ["Stay one", "Stay two", "Drag me"]
    expect_titles(hugo, titles(ann))


def test_shipping_moves_the_task_to_the_stream_and_posts_a_card(pages: tuple[Page, Page]) -> None:
    ann, _hugo = pages
    add(ann, "Cut the ribbon")
    select(ann, "Cut the ribbon")
    ann.keyboard.press("s")
    for page in pages:
        expect(task(page, "Cut the ribbon")).to_have_count(0)
        expect(page.locator(".shipped-title").first).to_have_text("Cut the ribbon")
        card = page.locator(".message.card").last
        expect(card.locator(".message-text")).to_have_text("Cut the ribbon")
        expect(card.locator(".message-author")).to_have_text("Ann Berg shipped")


def test_the_active_task_is_shown_to_the_team(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    add(ann, "Walk the dog")
    select(ann, "Walk the dog")
    ann.keyboard.press("a")
    theirs = hugo.locator("[data-member=ann] .member-active")
    expect(theirs).to_have_text("Walk the dog")
    ann.keyboard.press("a")
    expect(theirs).to_have_text("")


def test_a_deleted_task_disappears_and_can_be_brought_back(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    add(ann, "Delete me")
    select(ann, "Delete me")
    expect(task(hugo, "Delete me")).to_be_visible()
    ann.keyboard.press("x")
    undo = ann.get_by_role("button", name="Undo")
    undo.hover()  # a notice stays while it is looked at
    expect(task(hugo, "Delete me")).to_have_count(0)
    undo.click()
    expect(task(hugo, "Delete me")).to_be_visible()


def test_chat_appears(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    ann.keyboard.press("c")
    ann.keyboard.type("Is <i>anybody</i> there?")
    ann.keyboard.press("Enter")
    expect(hugo.locator(".message-text").last).to_have_text("Is <i>anybody</i> there?")
    hugo.locator("#omni-input").fill("> Yes, I am")
    hugo.locator("#omni-input").press("Enter")
    last = ann.locator(".message").last
    expect(last.locator(".message-text")).to_have_text("Yes, I am")
    expect(last.locator(".message-author")).to_have_text("Hugo Martin")


def test_who_is_here_has_a_green_dot(pages: tuple[Page, Page]) -> None:
    ann, hugo = pages
    there = ann.locator("[data-member=hugo] .presence")
    expect(there).to_have_class("presence here")
    expect(ann.locator("[data-member=farid] .presence")).to_have_class("presence")
    hugo.close()
    expect(there).to_have_class("presence")


def test_the_omnibox_jumps_to_a_person(pages: tuple[Page, Page]) -> None:
    ann, _hugo = pages
    ann.keyboard.press("@")
    ann.keyboard.type("nov")
    expect(ann.get_by_role("option")).to_have_count(1)
    ann.keyboard.press("Enter")
    expect(ann.locator("#tasks-title")).to_have_text("Eva Novak")
    ann.keyboard.press("m")
    expect(ann.locator("#tasks-title")).to_have_text("Ann Berg")


def test_the_key_sheet_opens_and_closes(pages: tuple[Page, Page]) -> None:
    ann, _hugo = pages
    ann.keyboard.press("?")
    expect(ann.get_by_role("dialog")).to_be_visible()
    ann.keyboard.press("Escape")
    expect(ann.get_by_role("dialog")).to_be_hidden()
