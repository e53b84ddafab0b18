"""What a commit is given: private attributes in feeds of their own."""

import json
from typing import Any

import pytest

from capsule.feeds.operation import Edit, Operation, Publish, Retract
from capsule.shared.actions import perform
from capsule.shared.scope import Scope
from capsule.shared.transaction import Transaction
from capsule.shared.verdict import Operation as Act
from capsule.worker.stored import stored, withdraw
from tests.shared.company import FEEDS, NAME, Company


@pytest.fixture
def scope() -> Scope:
    scope = Scope(Company, NAME)
    scope.load({"id": "3-1", "feeds": FEEDS})
    return scope


def done(scope: Scope, **action: Any) -> tuple[Operation, ...]:
    recorder = Transaction(scope.root)
    assert perform(scope, action, Act("ann.aaaaaaaa.1", "ann", 1)).allowed
    recorder.stop()
    return stored(scope, recorder.operations)


def test_an_add_is_published_in_parts(scope: Scope) -> None:
    written = done(scope, do="add", feed="people", id="cid", attrs={"name": "Cid", "salary": 3})
    assert [(part.feed, json.loads(part.item)) for part in written if isinstance(part, Publish)] == [
        ("people", {"id": "cid", "name": "Cid"}),
        ("people--bosses", {"salary": 3}),
        ("people--movers", {}),
    ]


def test_an_edit_writes_only_the_parts_that_changed(scope: Scope) -> None:
    written = done(scope, do="edit", feed="people", id="bob", attrs={"salary": 3})
    assert written == (Edit("people--bosses", "bob", '{"salary":3}', '{"salary":3}', ()),)
    written = done(scope, do="edit", feed="people", id="bob", attrs={"name": "Rob", "salary": 4})
    assert [part.feed for part in written] == ["people", "people--bosses"]
    assert isinstance(written[0], Edit)
    assert "salary" not in written[0].item + written[0].changes


def test_the_roots_private_attributes_have_a_feed_too(scope: Scope) -> None:
    written = done(scope, do="edit", feed=".", id="acme", attrs={"budget": 3})
    assert written == (Edit("root---bosses", "acme", '{"budget":3}', '{"budget":3}', ()),)


def test_what_was_stored_before_its_class_had_anything_private_is_published_at_its_first_edit(
    scope: Scope,
) -> None:
    scope.private.clear()
    first = done(scope, do="edit", feed="people", id="bob", attrs={"salary": 3})
    second = done(scope, do="edit", feed="people", id="bob", attrs={"salary": 4})
    assert first == (Publish("people--bosses", "bob", '{"salary":3}'),)
    assert isinstance(second[0], Edit)


def test_a_delete_takes_the_parts_that_are_there_along(scope: Scope) -> None:
    del scope.private["people--movers/bob"]
    assert done(scope, do="delete", feed="people", id="bob") == (
        Retract("people--bosses", "bob"),
        Retract("people", "bob"),
    )


def test_what_is_not_committed_is_not_noted(scope: Scope) -> None:
    before = dict(scope.private)
    added = done(scope, do="add", feed="people", id="cid", attrs={"name": "Cid"})
    gone = done(scope, do="delete", feed="people", id="bob")
    assert scope.private != before
    withdraw(scope, [*added, *gone])
    assert scope.private == before


def test_feeds_without_anything_private_are_written_as_they_are(scope: Scope) -> None:
    [publish] = done(scope, do="add", feed="news", id="n2", attrs={"text": "x"}, position={"first": True})
    assert publish == Publish("news", "n2", '{"text":"x","id":"n2"}', "begin:", "sorted_feed")
