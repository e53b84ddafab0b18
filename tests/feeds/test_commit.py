"""scripts/commit.lua: atomic, once per operation id, refused one by one, in one frame; and where items go."""

import pytest

from capsule.feeds import (
    Capsule,
    Edit,
    Move,
    Outcome,
    Publish,
    Retract,
    Transaction,
)
from tests.conftest import Run, until

from .writing import one, order, publish, state


def test_a_commit_is_one_version_one_log_entry_and_one_message_of_the_same_bytes(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        heard: list[bytes] = []
        await cap.events.subscribe(scope.channel, heard.append, lambda: None)
        first = await scope.commit(
            [
                publish("ann.c1.1", ".", "7"),
                Transaction(
                    "ann.c1.2",
                    [Publish("chat", "m1", '{"id":"m1"}'), Edit("chat", "m1", '{"a":1}', '{"a":1}', ["b"])],
                ),
            ]
        )
        second = await one(scope, Transaction("ann.c1.3", [Retract("chat", "m1")]))
        one_id, two_id = first[0].event_id, second.event_id
        assert one_id is not None
        assert two_id is not None
        assert [one_id.split("-")[0], two_id.split("-")[0]] == ["1", "2"]
        assert first == [Outcome("applied", one_id, "")] * 2
        frames = await scope.log("0-0")
        assert frames == [
            f'{one_id} 0-0 * .,chat\n{{"verb":"event","scope":"team.7","id":"{one_id}","prev":"0-0","tx":['
            '["ann.c1.1",[["publish",".","7",{"id": "7"},":end"]]],'
            '["ann.c1.2",[["publish","chat","m1",{"id":"m1"},":end"],["edit","chat","m1",{"a":1},["b"]]]]]}'.encode(),
            f"{two_id} {one_id} * chat\n"
            f'{{"verb":"event","scope":"team.7","id":"{two_id}","prev":"{one_id}","tx":['
            '["ann.c1.3",[["retract","chat","m1"]]]]}'.encode(),
        ]
        await until(lambda: len(heard) >= len(frames))
        assert heard == frames

    run(test)


def test_a_known_operation_id_changes_nothing_and_answers_the_event_it_got(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        applied = await one(scope, publish("op.1", "chat", "m1"))
        await one(scope, publish("op.2", "chat", "m2"))
        again = await scope.commit(
            [Transaction("op.1", [Retract("chat", "m2")]), publish("op.3", "chat", "m3")]
        )
        assert [outcome.code for outcome in again] == ["known", "applied"]
        assert again[0].event_id == applied.event_id
        assert await order(scope, "chat") == ["m1", "m2", "m3"]
        assert await scope.lookup(["op.1", "nobody.1", "op.3"]) == [applied.event_id, None, again[1].event_id]

    run(test)


def test_the_same_operation_id_twice_in_one_commit_is_applied_once(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        outcomes = await scope.commit([publish("op.1", "chat", "m1"), publish("op.1", "chat", "m2")])
        assert [outcome.code for outcome in outcomes] == ["applied", "known"]
        assert outcomes[0].event_id == outcomes[1].event_id
        assert await order(scope, "chat") == ["m1"]

    run(test)


def test_a_refused_transaction_drops_alone_and_whole(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        half = Transaction("op.2", [Publish("chat", "m2", "{}"), Edit("chat", "nobody", "{}", "{}")])
        outcomes = await scope.commit([publish("op.1", "chat", "m1"), half, publish("op.3", "chat", "m3")])
        assert [outcome.code for outcome in outcomes] == ["applied", "notfound", "applied"]
        assert outcomes[1].detail == "The feed chat has no item nobody."
        assert outcomes[1].event_id is None
        assert await order(scope, "chat") == ["m1", "m3"]
        assert await scope.lookup(["op.2"]) == [None]

    run(test)


def test_a_commit_of_refused_transactions_only_makes_no_version(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        assert (await one(scope, Transaction("op.1", [Retract("chat", "m1")]))).code == "notfound"
        assert await scope.last() == "0-0"
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (Publish("chat", "m1", "{}"), "exists"),
        (Publish("tasks", "t9", "{}", "x1:", "sorted_feed"), "notfound"),
        (Publish("tasks", "t9", "{}", ":t9", "sorted_feed"), "notfound"),
        (Publish("tasks", "t9", "{}"), "type"),
        (Publish("chat", "m9", "{}", ":end", "sorted_feed"), "type"),
        (Publish("chat", "m9", "{}", "begin:"), "type"),
        (Publish("chat.m9.votes", "v1", "{}"), "notfound"),
        (Edit("chat", "m9", "{}", "{}"), "notfound"),
        (Edit("other", "m1", "{}", "{}"), "notfound"),
        (Retract("chat", "m9"), "notfound"),
        (Move("chat", "m1", ":end"), "type"),
        (Move("tasks", "t9", ":end"), "notfound"),
        (Move("tasks", "t1", "m1:"), "notfound"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_code(
    run: Run, operation: Publish | Edit | Retract | Move, code: str
) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish("op.1", "chat", "m1"), publish("op.2", "tasks", "t1", ":end")])
        before = await scope.snapshot()
        assert (await one(scope, Transaction("op.3", [operation]))).code == code
        assert await scope.snapshot() == before

    run(test)


def test_later_operations_and_transactions_see_the_earlier_ones(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        outcomes = await scope.commit(
            [
                Transaction(
                    "op.1",
                    [
                        Publish("members", "42", "{}"),
                        Publish("members.42.tasks", "a", "{}", ":end", "sorted_feed"),
                        Publish("members.42.tasks", "b", "{}", ":a", "sorted_feed"),
                        Edit("members.42.tasks", "b", '{"n":1}', '{"n":1}'),
                    ],
                ),
                Transaction("op.2", [Publish("members.42.tasks", "c", "{}", "b:", "sorted_feed")]),
                Transaction("op.3", [Move("members.42.tasks", "a", "begin:")]),
                Transaction("op.4", [Retract("members", "42"), Publish("members.42.tasks", "d", "{}")]),
                Transaction(
                    "op.5",
                    [
                        Retract("members", "42"),
                        Publish("members", "42", "{}"),
                        Publish("members.42.tasks", "d", "{}"),
                    ],
                ),
            ]
        )
        assert [outcome.code for outcome in outcomes] == [
            "applied",
            "applied",
            "applied",
            "notfound",
            "applied",
        ]
        assert await state(scope) == {"members": {"42": b"{}"}, "members.42.tasks": {"d": b"{}"}}

    run(test)


def test_a_retract_takes_the_feeds_below_the_item_and_no_others(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit(
            [
                Transaction(
                    "op.1",
                    [
                        Publish("members", "4", "{}"),
                        Publish("members", "42", "{}"),
                        Publish("members", "42-1", "{}"),
                        Publish("members.4.tasks", "t", "{}"),
                        Publish("members.42.tasks", "t", "{}"),
                        Publish("members.42.tasks.t.notes", "n", "{}"),
                        Publish("members.42-1.tasks", "t", "{}"),
                    ],
                )
            ]
        )
        await one(scope, Transaction("op.2", [Retract("members", "42")]))
        assert sorted(await state(scope)) == ["members", "members.4.tasks", "members.42-1.tasks"]
        left = {key.decode() for key in await cap.connection.command("KEYS", "cap1:*members.42.*")}
        assert left == set()

    run(test)


def test_retracting_the_root_takes_every_feed(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit(
            [
                publish("op.1", ".", "7"),
                publish("op.2", "members", "42"),
                publish("op.3", "members.42.tasks", "t"),
            ]
        )
        await one(scope, Transaction("op.4", [Retract(".", "7")]))
        assert await state(scope) == {".": {}}

    run(test)


def test_items_are_stored_as_they_were_given(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        item = (
            '{"empty":[],"object":{},"number":1.0,"big":12345678901234567890,"null":null,'
            '"text":"\\u00e9é\\"\\n😀"}'
        )
        await one(scope, Transaction("op.1", [Publish("chat", "m1", item)]))
        assert await state(scope) == {"chat": {"m1": item.encode()}}

    run(test)


def test_positions_give_the_order_they_say(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        places = [
            ("a", ":end"),
            ("b", ":end"),
            ("c", "begin:"),
            ("d", "c:"),
            ("e", ":b"),
            ("f", ":c"),
            ("g", "b:"),
        ]
        await scope.commit([publish(f"op.{name}", "tasks", name, place) for name, place in places])
        assert await order(scope, "tasks") == ["f", "c", "d", "a", "e", "b", "g"]
        moves = [("g", "begin:"), ("f", ":end"), ("a", "c:"), ("e", ":g"), ("c", "g:"), ("d", "a:")]
        await scope.commit([Transaction(f"mv.{name}", [Move("tasks", name, place)]) for name, place in moves])
        assert await order(scope, "tasks") == ["e", "g", "c", "a", "d", "b", "f"]

    run(test)


def test_thousands_of_inserts_at_one_place_keep_the_order_and_touch_few_items(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish(f"op.{n}", "tasks", f"t{n}", ":end") for n in range(600)])
        expected = [f"t{n}" for n in range(600)]
        for batch in range(6):
            operations = []
            for n in range(500):
                name = f"x{batch}-{n}"
                # Always right after t300, and right before t301: the two worst places for a rank between two
                # ranks.
                operations.append(Publish("tasks", name, "{}", "t300:" if n % 2 else ":t301", "sorted_feed"))
                expected.insert(expected.index("t300") + 1 if n % 2 else expected.index("t301"), name)
            [outcome] = await scope.commit([Transaction(f"batch.{batch}", operations)])
            assert outcome.code == "applied"
        assert await order(scope, "tasks") == expected
        # The far ends of the feed still have the ranks that they got when they were appended.
        scores = await cap.connection.command(
            "ZMSCORE", f"{scope.prefix}ids:tasks", "t0", "t1", "t598", "t599"
        )
        assert [int(score) for score in scores] == [0, 1 << 20, 598 << 20, 599 << 20]

    run(test)
