"""Real Sentinels: finding the primary they watch, and the next one when it is gone."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from capsule.feeds import Capsule, ConnectionLostError, Publish, ServerError, Transaction
from capsule.feeds.address import Address
from capsule.feeds.embedded import binary
from capsule.feeds.sentinel import Sentinel
from tests.conftest import ask, until

from .real_cluster import free_ports, wait_for


class Watched:
    """A primary, its replica, and three Sentinels that watch them as `main`."""

    def __init__(self, directory: Path) -> None:
        primary, replica, *sentinels = free_ports(5)
        self.ports = [primary, replica]
        self.servers = {
            primary: self.serve(directory, primary),
            replica: self.serve(directory, replica, "--replicaof", f"127.0.0.1 {primary}"),
        }
        for port in self.ports:
            wait_for(lambda port=port: self.answers(port))
        self.sentinels = sentinels
        for port in sentinels:
            conf = directory / f"sentinel{port}.conf"
            conf.write_text(
                f"port {port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {primary} 2\n"
                "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n"
                f"sentinel auth-pass main pw\nrequirepass er\nsentinel sentinel-pass er\ndir {directory}\n"
                f"logfile {conf}.log\n"
            )
            self.servers[port] = subprocess.Popen([binary(), conf, "--sentinel"])
        self.url = (
            "redis+sentinel://:pw@"
            + ",".join(f"127.0.0.1:{port}" for port in sentinels)
            + "/main?sentinel_password=er"
        )
        for port in sentinels:
            wait_for(lambda port=port: self.sees_all(port))

    def serve(self, directory: Path, port: int, *more: str) -> "subprocess.Popen[bytes]":
        data = directory / str(port)
        data.mkdir(exist_ok=True)
        login = ("--requirepass", "pw", "--primaryauth", "pw", "--repl-diskless-sync-delay", "0")
        common = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(data), "--appendonly", "yes")
        return subprocess.Popen(
            [binary(), *common, *login, "--save", "", "--logfile", str(data / "log"), *more],
            stdin=subprocess.DEVNULL,
        )

    def answers(self, port: int) -> bool:
        try:
            return asyncio.run(ask(f"redis://:pw@127.0.0.1:{port}", "PING")) == b"PONG"
        except ConnectionLostError:
            return False

    def sees_all(self, port: int) -> bool:
        """The Sentinel knows the two others and the replica, so it can act."""
        try:
            reply = asyncio.run(ask(f"redis://:er@127.0.0.1:{port}", "SENTINEL", "MASTER", "main"))
        except ConnectionLostError:
            return False
        assert isinstance(reply, list)
        fields = dict(zip(reply[::2], reply[1::2], strict=True))
        return fields[b"num-other-sentinels"] == b"2" and fields[b"num-slaves"] == b"1"

    def stop(self) -> None:
        for server in self.servers.values():
            server.kill()
            server.wait()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    yield watched
    watched.stop()


def test_a_killed_primary_is_replaced_and_everything_goes_on(watched: Watched) -> None:
    async def body() -> None:
        cap = await Capsule.connect(watched.url)
        scope = cap.scope("team.7")
        heard: list[bytes] = []
        gaps: list[int] = []
        await cap.events.subscribe(scope.channel, heard.append, lambda: gaps.append(1))
        [before] = await scope.commit([Transaction("op.1", [Publish("chat", "m1", "{}")])])
        assert await cap.connection.command("WAIT", 1, 10_000) == 1
        waiting = asyncio.create_task(cap.jobs("actions").wait(60))
        old, new = watched.ports
        watched.servers[old].kill()
        async with asyncio.timeout(120):
            while True:
                try:
                    [after] = await scope.commit([Transaction("op.2", [Publish("chat", "m2", "{}")])])
                    break
                except ConnectionLostError:
                    await asyncio.sleep(0.05)
        assert await scope.lookup(["op.1", "op.2"]) == [before.event_id, after.event_id]
        assert b"\r\nrole:master" in await cap.connection.command("INFO", "replication")
        await until(lambda: gaps)
        await scope.commit([Transaction("op.3", [Publish("chat", "m3", "{}")])])
        await until(lambda: any(b"op.3" in frame for frame in heard))
        await cap.jobs("actions").put("j1", b"", group="team.7")
        await waiting
        [claim] = await cap.jobs("actions").claim(1, wait=60)
        assert [job.id for job in claim.jobs] == ["j1"]
        assert str(await Sentinel("main", addresses(watched), Address()).find()) == f"127.0.0.1:{new}"
        await cap.close()

    asyncio.run(body())


def addresses(watched: Watched) -> tuple[Address, ...]:
    return tuple(Address("127.0.0.1", port, password="er") for port in watched.sentinels)


def test_what_sentinels_do_not_know_or_do_not_tell_is_an_error_that_says_why(watched: Watched) -> None:
    async def find(sentinel: Sentinel) -> Address:
        return await sentinel.find()

    with pytest.raises(ConnectionLostError, match="No Sentinel knows other: ERR No such master"):
        asyncio.run(find(Sentinel("other", addresses(watched), Address())))
    with pytest.raises(ConnectionLostError, match="NOAUTH"):
        asyncio.run(find(Sentinel("main", (Address("127.0.0.1", watched.sentinels[0]),), Address())))
    # One that answers is enough.
    nobody = Address("127.0.0.1", 1)
    found = asyncio.run(find(Sentinel("main", (nobody, addresses(watched)[0]), Address(password="pw"))))
    assert found == Address("127.0.0.1", watched.ports[0], password="pw")
    with pytest.raises(ServerError):
        asyncio.run(Capsule.connect(watched.url.replace(":pw@", ":wrong@")))


def test_the_sentinel_that_saw_the_latest_failover_is_believed() -> None:
    async def body() -> None:
        servers = [await asyncio.start_server(teller(epoch), "127.0.0.1", 0) for epoch in (3, 12, 7)]
        sentinels = tuple(Address("127.0.0.1", server.sockets[0].getsockname()[1]) for server in servers)
        assert (await Sentinel("main", sentinels, Address()).find()).host == "host12"
        for server in servers:
            server.close()
            await server.wait_closed()

    def teller(epoch: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"PING\r\n")
            writer.write(b"+PONG\r\n")
            await reader.readuntil(b"main\r\n")
            fields = ["ip", f"host{epoch}", "port", "6379", "config-epoch", str(epoch)]
            writer.write(
                f"*{len(fields)}\r\n".encode()
                + b"".join(b"$%d\r\n%s\r\n" % (len(f), f.encode()) for f in fields)
            )
            await reader.read()
            writer.close()

        return tell

    asyncio.run(body())
