"""One socket: the login, replies in order, what is not RESP."""

import asyncio
import ssl
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from capsule.feeds import Capsule, ConnectionLostError, Publish, ServerError, Transaction
from capsule.feeds.address import Address
from capsule.feeds.embedded import Server
from capsule.feeds.link import open_link
from tests.conftest import ask, until

from .proxy import Proxy


@pytest.fixture
def locked(url: str) -> Iterator[str]:
    """The server's socket, while a password is needed."""
    asyncio.run(ask(url, "CONFIG", "SET", "requirepass", "secret"))
    path = url.removeprefix("unix://")
    yield path
    asyncio.run(ask(f"unix://:secret@{path}", "CONFIG", "SET", "requirepass", ""))


def test_a_password_opens_and_a_wrong_or_missing_one_is_the_servers_error(locked: str) -> None:
    assert asyncio.run(ask(f"unix://:secret@{locked}", "ECHO", "x")) == b"x"
    assert asyncio.run(ask(f"unix://default:secret@{locked}", "ECHO", "x")) == b"x"
    for url, reply in ((f"unix://:wrong@{locked}", "WRONGPASS"), (f"unix://{locked}", "NOAUTH")):
        with pytest.raises(ServerError) as caught:
            asyncio.run(ask(url, "ECHO", "x"))
        assert caught.value.reply == reply


def test_the_database_of_the_url_is_selected(url: str) -> None:
    asyncio.run(ask(f"{url}?db=3", "SET", "here", 1))
    assert asyncio.run(ask(f"{url}?db=3", "EXISTS", "here")) == 1
    assert asyncio.run(ask(url, "EXISTS", "here")) == 0
    with pytest.raises(ServerError):
        asyncio.run(ask(f"{url}?db=9999", "PING"))


def test_all_kinds_of_replies_and_arguments(server: Server, url: str) -> None:
    async def body() -> None:
        link = await open_link(Address.parse(url))
        assert await link.call("RPUSH", "list", "text", b"\x00\xff", 7, 1.5, "é") == 5
        assert await link.call("LRANGE", "list", 0, -1) == [b"text", b"\x00\xff", b"7", b"1.5", "é".encode()]
        assert await link.call("GET", "nothing") is None
        assert await link.call("ECHO", b"x" * 1_000_000) == b"x" * 1_000_000
        assert await link.call("EVAL", "return {1, {}, false, {'a', {'b'}}}", 0) == [
            1,
            [],
            None,
            [b"a", [b"b"]],
        ]
        link.close()
        with pytest.raises(ConnectionLostError):
            await link.call("PING")

    asyncio.run(body())


def test_nobody_there_is_a_lost_connection(tmp_path: Path) -> None:
    for url in (f"unix://{tmp_path}/nothing.sock", "redis://127.0.0.1:1"):
        with pytest.raises(ConnectionLostError, match="No connection to"):
            asyncio.run(ask(url, "PING"))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=valkey -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def test_tls_with_a_certificate_that_is_trusted_and_with_one_that_is_not(
    url: str, certificate: tuple[Path, Path]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    async def body() -> None:
        async with Proxy(url.removeprefix("unix://"), context) as proxy:
            trusting = f"{proxy.url}?ssl_ca_certs={certificate[0]}"
            assert await ask(trusting, "ECHO", "x" * 100_000) == b"x" * 100_000
            with pytest.raises(ConnectionLostError, match="certificate verify failed"):
                await ask(proxy.url, "PING")
            other_name = trusting.replace("127.0.0.1", "localhost")
            with pytest.raises(ConnectionLostError, match="certificate verify failed"):
                await ask(other_name, "PING")
            assert await ask(f"{other_name}&ssl_check_hostname=false", "PING") == b"PONG"
            assert await ask(f"{proxy.url}?ssl_cert_reqs=none", "PING") == b"PONG"

    asyncio.run(body())


def test_a_server_may_ask_for_the_clients_certificate(url: str, certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.load_verify_locations(certificate[0])
    context.verify_mode = ssl.CERT_REQUIRED

    async def body() -> None:
        async with Proxy(url.removeprefix("unix://"), context) as proxy:
            trusting = f"{proxy.url}?ssl_ca_certs={certificate[0]}"
            with pytest.raises(ConnectionLostError):
                await ask(trusting, "PING")
            mutual = f"{trusting}&ssl_certfile={certificate[0]}&ssl_keyfile={certificate[1]}"
            assert await ask(mutual, "PING") == b"PONG"

    asyncio.run(body())


def test_commands_events_and_waits_all_travel_by_tls(url: str, certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    asyncio.run(ask(url, "ACL", "SETUSER", "ann", "on", ">p@ss", "~*", "&*", "+@all"))

    async def body() -> None:
        async with Proxy(url.removeprefix("unix://"), context) as proxy:
            login = proxy.url.replace("://", "://ann:p%40ss@")
            cap = await Capsule.connect(f"{login}/3?ssl_ca_certs={certificate[0]}")
            heard: list[bytes] = []
            await cap.events.subscribe(cap.scope("team.7").channel, heard.append, lambda: None)
            waiting = asyncio.create_task(cap.jobs("actions").claim(1, wait=60))
            await until(lambda: proxy.connections == 3)
            await cap.scope("team.7").commit([Transaction("op.1", [Publish("chat", "m1", "{}")])])
            await cap.jobs("actions").put("j1", b"", group="team.7")
            assert [claim.group for claim in await waiting] == ["team.7"]
            await until(lambda: heard)
            assert b"ann" in await cap.connection.command("ACL", "WHOAMI")
            await cap.close()

    try:
        asyncio.run(body())
        assert asyncio.run(ask(f"{url}?db=3", "EXISTS", "cap1:{team.7}:meta")) == 1
    finally:
        asyncio.run(ask(url, "ACL", "DELUSER", "ann"))


async def peer(answer: bytes, test: Callable[[Address], Coroutine[Any, Any, None]]) -> None:
    """Something that answers `answer` to whatever is said first."""
    over = asyncio.Event()

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        await reader.read(100)
        writer.transport.abort()
        over.set()

    async with await asyncio.start_server(reply, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        await test(Address(host, port))
        await asyncio.wait_for(over.wait(), 60)
    await asyncio.sleep(0)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"-LOADING not yet\r\n"])
def test_a_peer_that_is_no_server_or_not_ready_is_a_lost_connection(answer: bytes) -> None:
    async def test(address: Address) -> None:
        with pytest.raises(ConnectionLostError):
            await open_link(address)

    asyncio.run(peer(answer, test))


def test_more_replies_than_commands_close_the_link() -> None:
    async def test(address: Address) -> None:
        link = await open_link(address)
        await asyncio.wait_for(link.lost, 60)

    asyncio.run(peer(b"+PONG\r\n+PONG\r\n", test))
