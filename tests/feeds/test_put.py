"""scripts/put.lua: taken once, in the order of its client."""

import pytest

from capsule.feeds import Capsule, Chain, LimitError, ScriptError, WrongTypeError, script
from tests.conftest import Run


def test_an_id_is_queued_once_and_then_waits(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        states = [(await jobs.put("j1", data, group="team.7")).state for data in (b"first", b"second")]
        assert states == ["queued", "waiting"]
        [claim] = await jobs.claim(10)
        assert [(job.id, job.data) for job in claim.jobs] == [("j1", b"first")]

    run(test)


def test_an_id_that_has_ended_answers_its_result(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await jobs.put("j1", b"", group="team.7")
        [claim] = await jobs.claim(10)
        await jobs.finish(claim, [(claim.jobs[0], b'{"code":200}')])
        again = await jobs.put("j1", b"", group="team.7")
        assert (again.state, again.result) == ("done", b'{"code":200}')
        assert await jobs.claim(10) == []

    run(test)


def test_data_may_be_any_bytes(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        data = bytes(range(256)) + b"\n\n \r\n"
        await jobs.put("j1", data, group="team.7", reply="gw")
        await jobs.put("j2", "é", group="team.7")
        await jobs.put("j3", b"", group="team.7")
        [claim] = await jobs.claim(10)
        assert [job.data for job in claim.jobs] == [data, "é".encode(), b""]

    run(test)


def test_a_put_is_taken_only_after_the_one_before_it(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")

        async def put(n: int, first: bool = False) -> str:
            return (await jobs.put(f"ann.c1.{n}", b"", group="team.7", chain=Chain("ann.c1", n, first))).state

        assert [await put(2), await put(1), await put(3), await put(2), await put(3)] == [
            "gap",
            "queued",
            "gap",
            "queued",
            "queued",
        ]
        assert await put(2) == "waiting"
        assert await put(4) == "queued"

    run(test)


def test_the_oldest_unanswered_put_is_taken_after_a_gap(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")

        async def put(n: int, first: bool = False) -> str:
            return (await jobs.put(f"ann.c1.{n}", b"", group="team.7", chain=Chain("ann.c1", n, first))).state

        assert [await put(7), await put(7, True), await put(8), await put(10)] == [
            "gap",
            "queued",
            "queued",
            "gap",
        ]

    run(test)


def test_a_client_that_begins_again_with_an_older_one_gets_past_those_that_are_known(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")

        async def put(n: int, first: bool = False) -> str:
            return (await jobs.put(f"ann.c1.{n}", b"", group="team.7", chain=Chain("ann.c1", n, first))).state

        await put(5, True)
        [claim] = await jobs.claim(1)
        await put(6)
        await jobs.finish(claim, [(claim.jobs[0], b"{}")])
        # Its result was forgotten meanwhile; the one after it still waits.
        await cap.connection.command("DEL", f"{jobs.prefix}result:ann.c1.5")
        assert [await put(5, True), await put(6), await put(7)] == ["queued", "waiting", "queued"]

    run(test)


def test_chains_of_different_clients_do_not_touch(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        for client in ("ann.c1", "ann.c2", "bob.c1"):
            put = await jobs.put(f"{client}.1", b"", group="team.7", chain=Chain(client, 1))
            assert put.state == "queued"

    run(test)


def test_the_reply_goes_to_the_stream_named_last(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await jobs.put("j1", b"data\nof two lines", group="team.7", reply="old-gateway")
        await jobs.put("j1", b"ignored", group="team.7", reply="new-gateway")
        await jobs.put("j1", b"ignored", group="team.7")
        [claim] = await jobs.claim(10)
        assert claim.jobs[0].data == b"data\nof two lines"
        await jobs.finish(claim, [(claim.jobs[0], b"{}")])
        assert [job_id for _, job_id, _ in await jobs.replies("new-gateway", "0-0", 0)] == ["j1"]
        assert await jobs.replies("old-gateway", "0-0", 0) == []

    run(test)


def test_data_has_a_limit_that_both_sides_hold(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        assert (await jobs.put("j1", b"x" * (1 << 20), group="team.7")).state == "queued"
        with pytest.raises(LimitError, match="not 1048577"):
            await jobs.put("j2", b"x" * (1 << 20) + b"x", group="team.7")
        arguments = ("j2", b"x" * (1 << 20) + b"x", "team.7", "", "", "", 0, 0)
        with pytest.raises(LimitError, match="at most 1048576 bytes"):
            await cap.connection.run(script.load("put"), jobs.prefix, *arguments)

    run(test)


@pytest.mark.parametrize("suffix", ["job", "ring", "group:team.7", "result:j1", "chain:ann"])
def test_a_key_of_another_type_is_an_error_before_anything_is_written(run: Run, suffix: str) -> None:
    async def test(cap: Capsule) -> None:
        jobs = cap.jobs("actions")
        await cap.connection.command("SADD", f"{jobs.prefix}{suffix}", "x")
        with pytest.raises(WrongTypeError):
            await jobs.put("j1", b"", group="team.7", chain=Chain("ann", 1))
        assert await cap.connection.command("KEYS", "cap1:{*") == [f"{jobs.prefix}{suffix}".encode()]

    run(test)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("j1", "", "team.7"),
        ("j 1", "", "team.7", "", "", "", 0, 0),
        ("j1", "", "team 7", "", "", "", 0, 0),
        ("j1", "", "team.7", "re ply", "", "", 0, 0),
        ("j1", "", "team.7", "", "", "ann", 0, 0),
        ("j1", "", "team.7", "", "", "ann", "x", 0),
        ("j1", "", "team.7", "", "p5", "", 0, 0),
        ("j1", "", "team.7", "", "d100", "", 0, 0),
        ("j1", "", "", "", "p1001", "", 0, 0),
        ("j1", "", "", "", "z5", "", 0, 0),
        ("j1", "", "", "", "a-1", "", 0, 0),
        ("j1", "", "", "", "sname:5", "", 0, 0),
        ("j1", "", "", "", "", "", 0, 0, "j 2", "", "", "", "", "", 0, 0),
    ],
)
def test_malformed_arguments_change_nothing(run: Run, arguments: tuple[str | int, ...]) -> None:
    async def test(cap: Capsule) -> None:
        with pytest.raises(ScriptError):
            await cap.connection.run(script.load("put"), cap.jobs("actions").prefix, *arguments)
        assert await cap.connection.command("KEYS", "cap1:{*") == []

    run(test)
