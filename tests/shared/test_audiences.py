"""Feeds, classes and rules of those who may read only parts."""

from typing import Any

import pytest

from capsule import Collection, Model
from capsule.shared.actions import perform
from capsule.shared.audiences import (
    audienceOf,
    collectionsOf,
    isRestricted,
    mayReadFeed,
    modelOf,
    openFeed,
    privateFeed,
)
from capsule.shared.blueprint import blueprintOf
from capsule.shared.codes import CODES
from capsule.shared.errors import DeclarationError
from capsule.shared.scope import Scope
from capsule.shared.touched import Touched
from capsule.shared.verdict import Operation

from .company import FEEDS, NAME, Company, News, Person, Review, Reviews


@pytest.fixture
def scope() -> Scope:
    scope = Scope(Company, NAME)
    scope.load({"id": "3-1", "feeds": FEEDS})
    return scope


@pytest.mark.parametrize(
    "feed", [".", "people", "people.a--b.reviews", "people.root---x.reviews", "desk-papers"]
)
def test_a_private_feed_names_the_feed_it_belongs_to_and_its_audience(feed: str) -> None:
    assert audienceOf(feed) is None
    assert openFeed(feed) == feed
    beside = privateFeed(feed, "bosses")
    assert (openFeed(beside), audienceOf(beside)) == (feed, "bosses")


def test_the_classes_on_the_way_to_a_feed() -> None:
    assert [found.__name__ for found in collectionsOf(Company, "people.bob.reviews")] == ["People", "Reviews"]
    assert (
        collectionsOf(Company, ".")
        == collectionsOf(Company, "nowhere")
        == collectionsOf(Company, "news.n1.x")
        == []
    )
    assert modelOf(Company, "people--bosses") is Person
    assert modelOf(Company, "root---bosses") is Company
    assert modelOf(Company, "people.bob.reviews") is Review
    assert modelOf(Company, "nowhere") is None
    assert isRestricted(Reviews)
    assert not isRestricted(News)


def test_private_attributes_reach_their_models_from_a_snapshot(scope: Scope) -> None:
    assert scope.root.get("budget") == 9
    assert scope.root.people.get("bob").get("salary") == 1
    assert scope.root.people.get("bob").get("desk") == "7"
    assert set(scope.private) >= {"root---bosses/acme", "people--bosses/bob"}


def test_private_events_change_the_item_beside_them(scope: Scope) -> None:
    bob = scope.root.people.get("bob")
    heard: list[Any] = []
    scope.root.on("publish", lambda event: heard.append(event["changed"]))
    events = [
        ["edit", "people--bosses", "bob", {"salary": 5}],
        ["edit", "people--movers", "bob", {}, ["desk"]],
        ["publish", "root---bosses", "acme", {"budget": 10}, ":end"],
        ["edit", "people--bosses", "nobody", {"salary": 5}],
    ]
    scope.apply({"id": "4-1", "prev": "3-1", "tx": [["a.b.1", events]]})
    assert (bob.get("salary"), bob.get("desk"), scope.root.get("budget")) == (5, None, 10)
    assert heard == [{"salary": 5}, {}, {"budget": 10}]
    scope.apply({"id": "5-1", "prev": "4-1", "tx": [["a.b.2", [["retract", "people--bosses", "bob"]]]]})
    assert bob.get("salary") is None
    assert "people--bosses/bob" not in scope.private
    assert scope.root.people.get("bob") is bob


def test_a_private_event_touches_the_item_and_no_order() -> None:
    touched = Touched()
    touched.addFrame({"tx": [["a.b.1", [["publish", "people--bosses", "bob", {"salary": 1}, ":end"]]]]})
    assert touched.items == {"people": {"bob": True}}
    assert touched.orders == {}


def test_who_may_read_which_feed(scope: Scope) -> None:
    readable = {
        user: [feed for feed, _ in FEEDS if mayReadFeed(scope.root, feed, user)] for user in ("ann", "bob")
    }
    assert readable["bob"] == [".", "people", "news"]
    assert readable["ann"] == [feed for feed, _ in FEEDS if feed != "people--movers"]
    assert scope.root.news.can("read", "bob").allowed
    assert not scope.root.people.get("bob").reviews.can("read", "bob").allowed


def act(scope: Scope, user: str, **action: Any) -> int:
    code: int = perform(scope, action, Operation(f"{user}.aaaaaaaa.1", user, 1)).code
    return code


def test_what_a_user_may_not_read_is_not_there_to_act_on(scope: Scope) -> None:
    review = {"feed": "people.bob.reviews", "id": "r1"}
    assert act(scope, "bob", do="edit", attrs={"text": "best"}, **review) == CODES["NOT_FOUND"]
    assert act(scope, "bob", do="delete", **review) == CODES["NOT_FOUND"]
    assert (
        act(scope, "bob", do="add", feed="people.bob.reviews", id="r2", attrs={"text": "x"})
        == CODES["NOT_FOUND"]
    )
    assert (
        act(scope, "bob", do="edit", feed="people--bosses", id="bob", attrs={"salary": 9})
        == CODES["NOT_FOUND"]
    )
    assert act(scope, "ann", do="edit", attrs={"text": "good"}, **review) == 200


def test_a_private_attribute_of_others_is_an_unknown_key(scope: Scope) -> None:
    bob = {"feed": "people", "id": "bob"}
    operation = Operation("bob.aaaaaaaa.1", "bob", 1)
    told = perform(scope, {"do": "edit", "attrs": {"salary": 9}, **bob}, operation).toJSON()
    unknown = perform(scope, {"do": "edit", "attrs": {"salami": 9}, **bob}, operation).toJSON()
    assert told == {**unknown, "field": "salary", "sentence": unknown["sentence"].replace("salami", "salary")}
    add = {"do": "add", "feed": "people", "id": "cid", "attrs": {"name": "Cid", "salary": 1}}
    assert perform(scope, add, operation).code == CODES["UNKNOWN_KEY"]
    assert act(scope, "ann", do="edit", attrs={"salary": 9}, **bob) == 200
    assert scope.root.people.get("bob").get("salary") == 9


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"private": {"a-b": ["x"]}, "props": {"x": "string"}}, "cannot name an audience"),
        ({"private": {"staff": ["y"]}, "props": {"x": "string"}}, "is not one of its props"),
        ({"private": {"staff": ["id"]}, "props": {"x": "string"}}, "is not one of its props"),
        (
            {"private": {"staff": ["x"]}, "props": {"x": {"type": "string", "required": True}}},
            "cannot be required",
        ),
        ({"membership": ["people"]}, "is not one of its collections"),
        ({"children": {"boss": Person}}, "cannot have private attributes"),
    ],
)
def test_declarations_that_cannot_be_kept_are_refused(body: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        blueprintOf(type("Wrong", (Model,), {"type": "wrong", **body}))


def test_a_collection_without_a_rule_is_read_with_its_root() -> None:
    assert not Collection().can("read", "ann").allowed
