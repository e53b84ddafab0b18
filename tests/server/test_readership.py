"""The read rules of one scope, asked in the gateway."""

import json
import logging
from typing import Any

import pytest

from capsule import Collection, Model
from capsule.server.readership import WHOLE, Readership, audiences
from capsule.shared.errors import DeclarationError
from tests.shared.company import FEEDS, NAME, Company, Reviews


def stored(feeds: list[Any]) -> list[tuple[str, list[tuple[str, bytes]]]]:
    return [
        (name, [(flat[at], json.dumps(flat[at + 1]).encode()) for at in range(0, len(flat), 2)])
        for name, flat in feeds
    ]


@pytest.fixture
def readership() -> Readership:
    readership = Readership(Company, NAME)
    readership.load("3-1", stored(FEEDS))
    return readership


def test_a_view_for_each_group_of_users(readership: Readership) -> None:
    ann, bob = readership.view("ann"), readership.view("bob")
    assert ann is not None
    assert bob is not None
    assert ann.hidden == {"movers"}
    assert bob.hidden == {Reviews, "bosses", "movers"}
    assert len({ann.token, bob.token, WHOLE.token}) == 3
    assert WHOLE.token == ""
    assert readership.view("eve") is None
    assert readership.view("") is None


def test_what_each_view_shows(readership: Readership) -> None:
    shown = {
        user: [feed for feed, _ in FEEDS if (view := readership.view(user)) and view.shows(feed)]
        for user in ("ann", "bob")
    }
    assert shown["bob"] == [".", "people", "news"]
    assert shown["ann"] == [feed for feed, _ in FEEDS if feed != "people--movers"]
    view = readership.view("bob")
    assert view is not None
    assert not view.shows("people.zoe.reviews"), "another feed of a kind that was asked about"
    assert not view.shows("an-old.x.feed"), "a feed that the models do not have"
    assert WHOLE.shows("an-old.x.feed")


def test_users_with_the_same_answers_share_a_view(readership: Readership) -> None:
    publish = ["publish", "people", "cid", {"id": "cid"}, ":end"]
    readership.apply({"tx": [["a.b.1", [publish]]]})
    assert readership.view("cid") is readership.view("bob")


def test_a_change_of_membership_changes_the_answers(readership: Readership) -> None:
    assert readership.concerns(["news", "people"])
    assert readership.concerns(["."])
    assert readership.concerns(["people--bosses"]), "a rule may look at private attributes"
    assert not readership.concerns(["news", "people.bob.reviews"])
    before = readership.view("bob")
    readership.apply({"tx": [["a.b.1", [["edit", "people", "bob", {"role": "boss"}]]]]})
    assert readership.view("bob") is readership.view("ann") is not before
    readership.apply({"tx": [["a.b.2", [["retract", "people", "bob"]]]]})
    assert readership.view("bob") is None


def test_a_rule_that_looks_beyond_the_membership_fails_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    class People(Collection):
        model = Model

    class Club(Model):
        type = "club"
        collections = {"people": People}
        people: People

        def canRead(self, user: str) -> bool:
            return self.people.get(user) is None

    readership = Readership(Club, "club.x")
    with caplog.at_level(logging.ERROR):
        readership.load("1-1", [("people", [("bob", b'{"id":"bob"}')])])
        assert readership.view("ann") is None
    assert "Club looks at 'people', which is not in its `membership`" in caplog.text


def test_private_attributes_need_somebody_to_ask() -> None:
    class Diary(Model):
        type = "diary"
        props = {"text": "string"}
        private = {"owner": ["text"]}

    with pytest.raises(DeclarationError, match="canReadPrivate"):
        audiences(Diary)


def test_two_restricted_collections_of_one_name_could_not_be_told_apart() -> None:
    def restricted(model: type[Model]) -> Any:
        return type("Notes", (Collection,), {"model": model, "canRead": lambda self, user: True})

    class Page(Model):
        type = "page"
        collections = {"notes": restricted(Model)}

    class Pages(Collection):
        model = Page

    class Book(Model):
        type = "book"
        collections = {"notes": restricted(Model), "pages": Pages}

    with pytest.raises(DeclarationError, match="Notes"):
        audiences(Book)
