"""scripts/commit.lua: atomic, once per operation id, refused one by one, in one frame."""

import asyncio
import json

import pytest

from capsule.feeds import (
    Capsule,
    Edit,
    Move,
    Outcome,
    Publish,
    ReadFeed,
    ReadItem,
    ReadScope,
    Retract,
    Scope,
    ScriptError,
    StaleError,
    Transaction,
    WrongTypeError,
    script,
)

from .conftest import Run


def publish(op: str, feed: str, id: str, position: str | None = None, **rest: object) -> Transaction:
    kind = "feed" if position is None else "sorted_feed"
    return Transaction(op, [Publish(feed, id, json.dumps({"id": id}), position or ":end", kind)], **rest)  # type: ignore[arg-type]


async def one(scope: Scope, transaction: Transaction, epoch: int | None = None) -> Outcome:
    [outcome] = await scope.commit([transaction], epoch=epoch)
    return outcome


async def order(scope: Scope, feed: str) -> list[str]:
    return [item_id for item_id, _ in dict((await scope.snapshot()).feeds).get(feed, [])]


async def state(scope: Scope) -> dict[str, dict[str, bytes]]:
    return {feed: dict(items) for feed, items in (await scope.snapshot()).feeds}


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
        await cap.connection.command("PING")
        await asyncio.sleep(0.05)
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


READS = [
    (ReadScope(1), "anything", "conflict"),
    (ReadScope(2), None, "applied"),
    (ReadScope(9), None, "conflict"),
    (ReadFeed("chat", 1), "chat", "conflict"),
    (ReadFeed("chat", 1), "members", "applied"),
    (ReadFeed("nothing", 1), "members", "applied"),
    (ReadItem("chat", "m1", 1), "chat", "applied"),
    (ReadItem("members", "42", 1), "members", "applied"),
]


@pytest.mark.parametrize(("read", "written", "code"), READS)
def test_a_read_conflicts_when_what_it_names_has_changed_since(
    run: Run, read: ReadScope | ReadFeed | ReadItem, written: str | None, code: str
) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish("op.1", "chat", "m1"), publish("op.2", "members", "42")])
        await one(scope, publish("op.3", written or "chat", "new"))
        assert (await one(scope, publish("op.4", "chat", "m4", reads=[read]))).code == code

    run(test)


def test_an_edited_or_moved_item_conflicts_and_its_neighbour_does_not(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish(f"op.{name}", "tasks", name, ":end") for name in "abc"])
        await one(scope, Transaction("op.1", [Edit("tasks", "a", "{}", "{}")]))
        await one(scope, Transaction("op.2", [Move("tasks", "b", "begin:")]))
        for n, (name, code) in enumerate([("a", "conflict"), ("b", "conflict"), ("c", "applied")]):
            assert (
                await one(scope, publish(f"r.{n}", "chat", name, reads=[ReadItem("tasks", name, 1)]))
            ).code == code

    run(test)


def test_a_reader_of_what_was_removed_conflicts_though_its_revision_is_gone(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit(
            [
                publish("op.1", ".", "7"),
                publish("op.2", "members", "42"),
                publish("op.3", "members.42.tasks", "t"),
            ]
        )
        await one(scope, Transaction("op.4", [Retract("members", "42")]))
        reads = [
            ReadFeed("members.42.tasks", 1),
            ReadItem("members.42.tasks", "t", 1),
            ReadItem("members", "42", 1),
        ]
        for n, read in enumerate(reads):
            assert (await one(scope, publish(f"r.{n}", "chat", f"m{n}", reads=[read]))).code == "conflict", (
                read
            )
        await one(scope, publish("op.5", "members", "42"))
        assert (
            await one(scope, publish("r.9", "chat", "m9", reads=[ReadFeed("members.42.tasks", 2)]))
        ).code == "conflict"
        await one(scope, Transaction("op.6", [Retract(".", "7")]))
        assert (
            await one(scope, publish("r.10", "x", "x", reads=[ReadFeed("members", 3)]))
        ).code == "conflict"

    run(test)


def test_reads_look_at_the_state_before_the_commit(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        outcomes = await scope.commit(
            [publish(f"op.{n}", "chat", f"m{n}", reads=[ReadScope(0), ReadFeed("chat", 0)]) for n in range(3)]
        )
        assert [outcome.code for outcome in outcomes] == ["applied"] * 3

    run(test)


def test_after_a_refusal_those_that_read_are_refused_and_those_that_do_not_pass(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, publish("op.1", "chat", "m1"))
        outcomes = await scope.commit(
            [
                publish("op.2", "chat", "m2", reads=[ReadFeed("chat", 0)]),
                publish("op.3", "members", "42", reads=[ReadFeed("members", 1)]),
                publish("op.4", "chat", "m4"),
                publish("op.1", "chat", "m1", reads=[ReadFeed("chat", 0)]),
            ]
        )
        assert [outcome.code for outcome in outcomes] == ["conflict", "conflict", "applied", "known"]

    run(test)


def test_a_lower_epoch_is_refused_whole_and_the_same_or_a_higher_one_passes(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await one(scope, publish("op.1", "chat", "m1"), epoch=1_795_456_928_760_090)
        await one(scope, publish("op.2", "chat", "m2"), epoch=1_795_456_928_760_090)
        with pytest.raises(StaleError) as caught:
            await one(scope, publish("op.3", "chat", "m3"), epoch=1_795_456_928_760_089)
        assert caught.value.code == "STALE"
        assert "1795456928760090" in str(caught.value)
        await one(scope, publish("op.4", "chat", "m4"), epoch=1_795_456_928_760_091)
        await one(scope, publish("op.5", "chat", "m5"))
        assert await order(scope, "chat") == ["m1", "m2", "m4", "m5"]

    run(test)


def test_a_refused_commit_still_shuts_out_lower_epochs(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        assert (await one(scope, Transaction("op.1", [Retract("chat", "x")]), epoch=8)).code == "notfound"
        with pytest.raises(StaleError):
            await one(scope, publish("op.2", "chat", "m2"), epoch=7)

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


def test_the_log_is_trimmed_by_count(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await asyncio.gather(*(scope.commit([publish(f"op.{n}", "chat", f"m{n}")]) for n in range(1200)))
        length = await cap.connection.command("XLEN", f"{scope.prefix}log")
        assert 1000 <= length <= 1064
        entries = await cap.connection.command("XRANGE", f"{scope.prefix}log", "-", "+")
        held = int(await cap.connection.command("HGET", f"{scope.prefix}meta", "bytes"))
        assert held == sum(len(fields[1]) for _, fields in entries)
        assert await scope.log("0-0") is None
        assert len(await scope.log(entries[0][0].decode()) or []) == length - 1

    run(test)


def test_the_log_is_trimmed_by_bytes_and_keeps_the_last_frame(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        text = json.dumps("x" * 900_000)
        for n in range(8):
            await one(scope, Transaction(f"op.{n}", [Publish("chat", f"m{n}", text)]))
        assert await cap.connection.command("XLEN", f"{scope.prefix}log") == 4
        assert int(await cap.connection.command("HGET", f"{scope.prefix}meta", "bytes")) <= 4 << 20
        assert 0 < await cap.connection.command("TTL", f"{scope.prefix}log") <= 172_800

    run(test)


def test_a_log_that_expired_begins_again(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        first = await one(scope, publish("op.1", "chat", "m1"))
        await cap.connection.command("DEL", f"{scope.prefix}log")
        assert await scope.log(first.event_id or "") == []
        second = await one(scope, publish("op.2", "chat", "m2"))
        assert await scope.log(first.event_id or "") is None
        assert await scope.log(second.event_id or "") == []
        held = int(await cap.connection.command("HGET", f"{scope.prefix}meta", "bytes"))
        [entry] = await cap.connection.command("XRANGE", f"{scope.prefix}log", "-", "+")
        assert held == len(entry[1][1])

    run(test)


def test_operation_ids_are_forgotten_by_age_only(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for n in range(3):
            await scope.commit(
                [publish(f"op.{n}.a", "chat", f"m{n}a"), publish(f"op.{n}.b", "chat", f"m{n}b")]
            )
        ages = f"{scope.prefix}opage"
        for n in range(2):
            stamp, _, ops = (await cap.connection.command("LINDEX", ages, n)).decode().partition(" ")
            age = 172_800_000 + 60_000 if n == 0 else 172_800_000 - 60_000
            await cap.connection.command("LSET", ages, n, f"{int(stamp) - age} {ops}")
        await one(scope, publish("op.9", "chat", "m9"))
        known = await scope.lookup(["op.0.a", "op.0.b", "op.1.a", "op.2.b", "op.9"])
        assert [event is not None for event in known] == [False, False, True, True, True]

    run(test)


@pytest.mark.parametrize(
    "suffix", ["meta", "feeds", "types", "revs", "items:chat", "ids:chat", "revs:chat", "ops", "opage", "log"]
)
def test_a_key_of_another_type_is_an_error_before_anything_is_written(run: Run, suffix: str) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await cap.connection.command("SET", f"{scope.prefix}{suffix}", "somebody else's")
        with pytest.raises(WrongTypeError) as caught:
            await scope.commit([publish("op.1", "other", "x"), publish("op.2", "chat", "m1")])
        assert caught.value.code == "WRONGTYPE"
        assert await cap.connection.command("KEYS", "cap1:{*") == [f"{scope.prefix}{suffix}".encode()]

    run(test)


MALFORMED: list[tuple[str | int, ...]] = [
    (),
    (0, "", 1, "op", 0, 1, "retract", "chat", "m1", "", "", ""),
    (2**31, "", 1, "op", 0, 1, "retract", "chat", "m1", "", "", ""),
    (1, "soon", 1, "op", 0, 1, "retract", "chat", "m1", "", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "chat", "m1", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "chat", "m1", "", "", "", "more"),
    (1, "", 2, "op", 0, 1, "retract", "chat", "m1", "", "", ""),
    (1, "", 1, "op", 0, 0),
    (1, "", 1, 'o"p', 0, 1, "retract", "chat", "m1", "", "", ""),
    (1, "", 1, "op", 0, 1, "destroy", "chat", "m1", "", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "_chat", "m1", "", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "chat.m1", "m1", "", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "chat..x", "m1", "", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "chat", "m.1", "", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "chat", 'm"1', "", "", ""),
    (1, "", 1, "op", 0, 1, "publish", "chat", "begin", "{}", ":end", "feed"),
    (1, "", 1, "op", 0, 1, "publish", "chat", "m1", "{}", "anywhere", "feed"),
    (1, "", 1, "op", 0, 1, "publish", "chat", "m1", "{}", ":end", "deque"),
    (1, "", 1, "op", 0, 1, "publish", "chat", "m1", "{\n}", ":end", "feed"),
    (1, "", 1, "op", 0, 1, "publish", "chat", "m1", "", ":end", "feed"),
    (1, "", 1, "op", 0, 1, "position", "chat", "m1", "m1:", "", ""),
    (1, "", 1, "op", 1, 1, "moon", "", "", 1, "retract", "chat", "m1", "", "", ""),
    (1, "", 1, "op", 1, 1, "feed", "chat", "", "new", "retract", "chat", "m1", "", "", ""),
]


@pytest.mark.parametrize("arguments", MALFORMED)
def test_a_client_that_does_not_check_gets_args_and_changes_nothing(
    run: Run, arguments: tuple[str | int, ...]
) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(ScriptError):
            await cap.connection.run(script.load("commit"), cap.scope("team.7").prefix, *arguments)
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)


def test_the_script_holds_the_limits_too(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        prefix = cap.scope("team.7").prefix
        many = [part for n in range(1001) for part in ("publish", "chat", f"m{n}", "{}", ":end", "feed")]
        large = ("publish", "chat", "m1", json.dumps("x" * (1 << 20)), ":end", "feed")
        for count, operations in ((1001, many), (1, large)):
            with pytest.raises(ValueError, match="at most 1000 operations and 1048576 bytes") as caught:
                await cap.connection.run(script.load("commit"), prefix, 1, "", 1, "op", 0, count, *operations)
            assert getattr(caught.value, "code", "") == "LIMIT"
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)


def test_a_thousand_operations_and_almost_a_mebibyte_pass(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        item = json.dumps("x" * 950)
        [outcome] = await scope.commit(
            [Transaction("op", [Publish("chat", f"m{n}", item) for n in range(1000)])]
        )
        assert outcome.code == "applied"
        assert await order(scope, "chat") == [f"m{n}" for n in range(1000)]

    run(test)
