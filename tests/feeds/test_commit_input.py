"""scripts/commit.lua: arguments that no checking client sends, keys of somebody else, and the limits."""

import json

import pytest

from capsule.feeds import (
    Capsule,
    Edit,
    Publish,
    ScriptError,
    Transaction,
    WrongTypeError,
    script,
)
from tests.conftest import Run

from .writing import order, publish


@pytest.mark.parametrize(
    "suffix",
    [
        "meta",
        "feeds",
        "types",
        "items:chat",
        "ids:chat",
        "items:members",
        "ops",
        "opsold",
        "log",
    ],
)
def test_a_key_of_another_type_is_an_error_before_anything_is_written(run: Run, suffix: str) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await cap.connection.command("SET", f"{scope.prefix}{suffix}", "somebody else's")
        below = publish("op.3", "members.42.tasks", "t")
        with pytest.raises(WrongTypeError) as caught:
            await scope.commit([publish("op.1", "other", "x"), publish("op.2", "chat", "m1"), below])
        assert caught.value.code == "WRONGTYPE"
        assert await cap.connection.command("KEYS", "cap1:{*") == [f"{scope.prefix}{suffix}".encode()]

    run(test)


@pytest.mark.parametrize("suffix", ["meta", "items:chat", "ops", "opsold", "log"])
def test_nor_does_a_commit_of_edits_alone_write_half(run: Run, suffix: str) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        await scope.commit([publish("op.1", "chat", "m1")])
        await cap.connection.command("SET", f"{scope.prefix}{suffix}", "somebody else's")
        keys = sorted(await cap.connection.command("KEYS", f"{scope.prefix}*"))
        before = [await cap.connection.command("DUMP", key) for key in keys]
        with pytest.raises(WrongTypeError):
            await scope.commit([Transaction("op.2", [Edit("chat", "m1", '{"n":2}', '{"n":2}')])])
        assert sorted(await cap.connection.command("KEYS", f"{scope.prefix}*")) == keys
        assert [await cap.connection.command("DUMP", key) for key in keys] == before

    run(test)


MALFORMED: list[tuple[str | float, ...]] = [
    (),
    (0, "", 1, "op", 0, 1, "retract", "chat", "m1", "", "", ""),
    (2**31, "", 1, "op", 0, 1, "retract", "chat", "m1", "", "", ""),
    (1, "soon", 1, "op", 0, 1, "retract", "chat", "m1", "", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "chat", "m1", "", ""),
    (1, "", 1, "op", 0, 1, "retract", "chat", "m1", "", "", "", "more"),
    (1, "", 2, "op", 0, 1, "retract", "chat", "m1", "", "", ""),
    (1, "", 1, "op", 0, 0),
    (1, "", 1),
    (1, "", 1, "op", -1, 1, "retract", "chat", "m1", "", "", ""),
    (1, "", 1, "op", 0, 0.5, "retract", "chat", "m1", "", "", ""),
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
    run: Run, arguments: tuple[str | float, ...]
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
