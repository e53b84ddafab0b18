"""One socket: the login, replies in order, what is not RESP."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from capsule.feeds import ConnectionLostError, ServerError
from capsule.feeds.address import Address
from capsule.feeds.embedded import Server
from capsule.feeds.link import open_link
from tests.conftest import ask

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


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_tls_with_a_certificate_that_is_trusted_and_with_one_that_is_not(url: str, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=valkey -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def body() -> None:
        async with Proxy(url.removeprefix("unix://"), context) as proxy:
            assert (
                await ask(f"{proxy.url}?ssl_ca_certs={certificate}", "ECHO", "x" * 100_000) == b"x" * 100_000
            )
            with pytest.raises(ConnectionLostError, match="certificate verify failed"):
                await ask(proxy.url, "PING")

    asyncio.run(body())


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
        await asyncio.wait_for(over.wait(), 5)
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
        await asyncio.wait_for(link.lost, 5)

    asyncio.run(peer(b"+PONG\r\n+PONG\r\n", test))
