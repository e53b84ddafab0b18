"""The command connection: implicit pipelining, reconnecting, and never sending a command twice."""

import asyncio
import os
import signal

import pytest

from capsule.feeds import (
    Capsule,
    ConnectionLostError,
    Publish,
    ServerError,
    Transaction,
    WrongTypeError,
    connection,
    link,
)
from capsule.feeds.address import Address
from capsule.feeds.connection import Connection
from capsule.feeds.embedded import Server, ensure
from tests.conftest import Run, ask, until

from .proxy import Proxy


async def killed(cap: Capsule, url: str) -> None:
    """Close the command connection from the server's side, as an administrator would."""
    number = await cap.connection.command("CLIENT", "ID")
    assert isinstance(number, int)
    await ask(url, "CLIENT", "KILL", "ID", number)


def test_many_callers_share_a_round_trip_and_get_their_own_replies(run: Run, server: Server) -> None:
    async def test(cap: Capsule) -> None:
        async with Proxy(server.url.removeprefix("unix://")) as proxy:
            shared = Connection(Address.parse(proxy.url))
            await shared.open()
            before = proxy.sent
            replies = await asyncio.gather(*(shared.command("ECHO", f"{n}") for n in range(500)))
            assert replies == [f"{n}".encode() for n in range(500)]
            assert proxy.sent - before < 10
            assert proxy.connections == 1
            await shared.close()

    run(test)


def test_bytes_that_arrive_one_by_one_are_the_same_replies(run: Run, server: Server) -> None:
    async def test(cap: Capsule) -> None:
        async with Proxy(server.url.removeprefix("unix://")) as proxy:
            proxy.split = True
            slow = await Capsule.connect(proxy.url)
            scope = slow.scope("team.7")
            [outcome] = await scope.commit([Transaction("op.1", [Publish("chat", "m1", '{"t":"é😀"}')])])
            assert outcome.code == "applied"
            assert (await scope.snapshot()).feeds == [("chat", [("m1", '{"t":"é😀"}'.encode())])]
            await slow.close()

    run(test)


def test_a_caller_that_is_cancelled_does_not_shift_the_replies_of_others(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        first = asyncio.create_task(cap.connection.command("ECHO", "first"))
        second = asyncio.create_task(cap.connection.command("ECHO", "second"))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == b"second"
        assert first.cancelled()

    run(test)


def test_an_argument_that_cannot_be_sent_does_not_shift_the_replies_of_others(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        first = asyncio.create_task(cap.connection.command("ECHO", "first"))
        await asyncio.sleep(0)
        with pytest.raises(TypeError):
            await cap.connection.command("ECHO", None)  # type: ignore[arg-type]
        assert await cap.connection.command("ECHO", "second") == b"second"
        assert await first == b"first"

    run(test)


def test_it_reconnects_after_client_kill(run: Run, url: str) -> None:
    async def test(cap: Capsule) -> None:
        for _ in range(3):
            await killed(cap, url)
            assert await cap.connection.command("PING") == b"PONG"

    run(test)


def test_a_command_whose_reply_was_lost_is_an_error_and_is_not_sent_again(run: Run, server: Server) -> None:
    async def test(cap: Capsule) -> None:
        async with Proxy(server.url.removeprefix("unix://")) as proxy:
            flaky = await Capsule.connect(proxy.url)
            proxy.drop_replies = True
            waiting = asyncio.create_task(flaky.connection.command("INCR", "counter"))
            while await cap.connection.command("GET", "counter") is None:
                await asyncio.sleep(0.005)
            proxy.cut()
            with pytest.raises(ConnectionLostError) as caught:
                await waiting
            assert isinstance(caught.value, ConnectionError)
            assert caught.value.code == "CONNECTION"
            proxy.drop_replies = False
            assert await flaky.connection.command("PING") == b"PONG"
            assert await cap.connection.command("GET", "counter") == b"1"
            await flaky.close()

    run(test)


def test_a_commit_that_is_sent_again_after_a_lost_reply_takes_effect_once(run: Run, server: Server) -> None:
    async def test(cap: Capsule) -> None:
        async with Proxy(server.url.removeprefix("unix://")) as proxy:
            flaky = await Capsule.connect(proxy.url)
            transaction = Transaction("op.1", [Publish("chat", "m1", "{}")])
            proxy.drop_replies = True
            waiting = asyncio.create_task(flaky.scope("team.7").commit([transaction]))
            while await cap.scope("team.7").last() == "0-0":
                await asyncio.sleep(0.005)
            proxy.cut()
            with pytest.raises(ConnectionLostError):
                await waiting
            proxy.drop_replies = False
            [outcome] = await flaky.scope("team.7").commit([transaction])
            assert outcome.code == "known"
            assert outcome.event_id == await cap.scope("team.7").last()
            await flaky.close()

    run(test)


def test_a_server_that_says_nothing_is_given_up_and_asked_on_a_new_connection(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.2)

    async def test(cap: Capsule) -> None:
        async with Proxy(server.url.removeprefix("unix://")) as proxy:
            flaky = Connection(Address.parse(proxy.url))
            await flaky.open()
            proxy.drop_replies = True
            with pytest.raises(ConnectionLostError):
                await flaky.command("PING")
            proxy.drop_replies = False
            proxy.cut()
            assert await flaky.command("PING") == b"PONG"
            await flaky.close()

    run(test)


def test_a_dead_peer_is_found_while_nobody_asks(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.2)

    async def test(cap: Capsule) -> None:
        async with Proxy(server.url.removeprefix("unix://")) as proxy:
            idle = Connection(Address.parse(proxy.url))
            await idle.open()
            # One that answers is pinged and kept: a link heard the answers to its PINGs.
            await until(lambda: idle.link is not None and idle.link.heard > 3)
            before = proxy.connections
            proxy.drop_replies = True
            await until(lambda: proxy.connections > before)
            proxy.drop_replies = False
            proxy.cut()
            assert await idle.command("PING") == b"PONG"
            await idle.close()

    run(test)


def test_without_memory_nothing_is_half_written_and_running_jobs_can_end(run: Run, url: str) -> None:
    async def test(cap: Capsule) -> None:
        scope, jobs = cap.scope("team.7"), cap.jobs("actions")
        await jobs.put("j1", b"", group="team.7")
        [claim] = await jobs.claim(1)
        before = sorted(await cap.connection.command("KEYS", "*"))
        await ask(url, "CONFIG", "SET", "maxmemory", 1)
        try:
            for refused in (
                scope.commit([Transaction("op.1", [Publish("chat", "m1", "{}")])], epoch=claim.epoch),
                jobs.put("j2", b"", group="team.8"),
                cap.presence("team.7").join({"s1": "{}"}, 60),
            ):
                with pytest.raises(ServerError) as caught:
                    await refused
                assert caught.value.reply == "OOM"
            assert sorted(await cap.connection.command("KEYS", "*")) == before
            assert await jobs.finish(claim, [(claim.jobs[0], b"{}")]) is True
        finally:
            await ask(url, "CONFIG", "SET", "maxmemory", 0)
        assert await jobs.result("j1") == b"{}"

    run(test)


def test_scripts_are_loaded_again_when_the_server_forgot_them(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        scope = cap.scope("team.7")
        for n in range(3):
            await cap.connection.command("SCRIPT", "FLUSH")
            outcomes = await asyncio.gather(
                *(
                    scope.commit([Transaction(f"op.{n}.{m}", [Publish("chat", f"m{n}-{m}", "{}")])])
                    for m in range(20)
                )
            )
            assert {outcome.code for [outcome] in outcomes} == {"applied"}
        assert (await scope.last()).startswith("60-")

    run(test)


def test_commands_wait_for_a_server_that_restarts_and_find_their_data(own_server: Server) -> None:
    async def body() -> None:
        cap = await Capsule.connect(own_server.url)
        scope = cap.scope("team.7")
        [before] = await scope.commit([Transaction("op.1", [Publish("chat", "m1", "{}")])])
        assert own_server.process is not None
        own_server.process.kill()
        own_server.process.wait()
        started = asyncio.create_task(scope.commit([Transaction("op.2", [Publish("chat", "m2", "{}")])]))
        await asyncio.sleep(0.1)
        own_server.process = ensure(own_server.data_dir).process
        try:
            [after] = await started
        except ConnectionLostError:  # it was on its way when the server died
            [after] = await scope.commit([Transaction("op.2", [Publish("chat", "m2", "{}")])])
        assert after.event_id is not None
        assert after.event_id.startswith("2-")
        assert await scope.lookup(["op.1", "op.2"]) == [before.event_id, after.event_id]
        await cap.close()

    asyncio.run(body())


def test_without_a_server_a_command_gives_up_in_time(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WAIT_SECONDS", 0.2)

    async def body() -> None:
        cap = await Capsule.connect(own_server.url)
        own_server.stop()
        with pytest.raises(ConnectionLostError):
            await cap.connection.command("PING")  # may be the one that finds the connection closed
        with pytest.raises(ConnectionLostError, match=r"No connection to unix:.* for 0\.2 seconds"):
            await cap.connection.command("PING")
        await cap.close()
        with pytest.raises(ConnectionLostError, match="closed by this process"):
            await cap.connection.command("PING")

    asyncio.run(body())


def test_a_server_in_another_role_is_left_for_a_new_connection(run: Run, url: str) -> None:
    async def test(cap: Capsule) -> None:
        before = await cap.connection.command("CLIENT", "ID")
        await ask(url, "REPLICAOF", "127.0.0.1", 1)
        try:
            with pytest.raises(ServerError) as caught:
                await cap.connection.command("SET", "x", 1)
            assert caught.value.reply == "READONLY"
        finally:
            await ask(url, "REPLICAOF", "NO", "ONE")
        assert await cap.connection.command("CLIENT", "ID") > before

    run(test)


def test_error_replies_keep_their_word(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await cap.connection.command("SET", "text", "x")
        with pytest.raises(WrongTypeError) as caught:
            await cap.connection.command("LPUSH", "text", "y")
        assert caught.value.code == "WRONGTYPE"
        with pytest.raises(ServerError, match="unknown command"):
            await cap.connection.command("NONSENSE")

    run(test)


def test_a_frozen_server_costs_its_callers_an_error_and_nothing_more(
    own_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.2)
    assert own_server.process is not None

    async def body(pid: int) -> None:
        cap = await Capsule.connect(own_server.url)
        scope = cap.scope("team.7")
        gaps: list[int] = []
        await cap.events.subscribe(scope.channel, lambda frame: None, lambda: gaps.append(1))
        transaction = Transaction("op.1", [Publish("chat", "m1", "{}")])
        os.kill(pid, signal.SIGSTOP)
        monkeypatch.setattr(connection, "WAIT_SECONDS", 0.3)
        monkeypatch.setattr(link, "CONNECT_SECONDS", 0.1)
        try:
            with pytest.raises(ConnectionLostError, match="before the reply came"):
                await scope.commit([transaction])
            with pytest.raises(ConnectionLostError, match=r"No connection to unix:.* for 0\.3 seconds"):
                await scope.commit([transaction])
        finally:
            os.kill(pid, signal.SIGCONT)
            monkeypatch.undo()
        async with asyncio.timeout(60):
            while True:
                try:
                    # It may wake to a commit that it was sent before it froze: it is the same one.
                    [outcome] = await scope.commit([transaction])
                    break
                except ConnectionLostError:
                    await asyncio.sleep(0.02)
        assert outcome.code in ("applied", "known")
        assert (await scope.last()).startswith("1-")
        await until(lambda: gaps)
        await cap.close()

    asyncio.run(body(own_server.process.pid))


def test_when_the_server_turns_out_to_be_a_replica_listeners_leave_it_too(run: Run, url: str) -> None:
    async def test(cap: Capsule) -> None:
        gaps: list[int] = []
        await cap.events.subscribe("a", lambda message: None, lambda: gaps.append(1))
        await ask(url, "REPLICAOF", "127.0.0.1", 1)
        try:
            with pytest.raises(ServerError, match="READONLY"):
                await cap.connection.command("SET", "x", 1)
            await until(lambda: cap.connection.failure is not None)
            assert "a replica of 127.0.0.1" in str(cap.connection.failure)
        finally:
            await ask(url, "REPLICAOF", "NO", "ONE")
        await cap.connection.command("SET", "x", 1)
        await until(lambda: gaps)

    run(test)
