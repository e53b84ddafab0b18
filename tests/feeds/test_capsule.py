"""The way in."""

import asyncio
from pathlib import Path

import pytest

from capsule.feeds import Capsule, ConnectionLostError, InputError
from tests.conftest import ask, until


async def connected(url: str, count: int) -> None:
    """Wait until the server has so many clients, besides the one that asks."""

    async def counted() -> bool:
        listing = await ask(url, "CLIENT", "LIST")
        assert isinstance(listing, bytes)
        return listing.count(b"\n") == count + 1

    await until(counted)


def test_the_url_is_the_argument_or_redis_url(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(argument: str | None) -> str:
        cap = await Capsule.connect(argument)
        assert await cap.connection.command("PING") == b"PONG"
        assert cap.server is None
        await cap.close()
        return cap.url

    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert asyncio.run(body(url)) == url
    monkeypatch.setenv("REDIS_URL", url)
    assert asyncio.run(body(None)) == url


def test_without_a_url_the_embedded_server_of_the_working_directory_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    async def body() -> None:
        cap = await Capsule.connect()
        joined = await Capsule.connect(data_dir=tmp_path / ".capsule")
        assert cap.server is not None
        assert cap.server.process is not None
        assert joined.server is not None
        assert joined.server.process is None
        await joined.close()
        assert await cap.connection.command("PING") == b"PONG"
        await cap.close()
        assert cap.server.process.poll() == 0

    asyncio.run(body())


def test_with_a_data_dir_redis_url_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")

    async def body() -> None:
        cap = await Capsule.connect(data_dir=tmp_path)
        await cap.close()

    asyncio.run(body())


def test_closing_leaves_no_connection_and_no_task(url: str) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        await cap.events.subscribe("a", lambda message: None, lambda: None)
        waiting = asyncio.create_task(cap.jobs("actions").claim(1, wait=60))
        await connected(url, 3)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await cap.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await connected(url, 0)

    asyncio.run(body())


def test_a_first_connection_that_fails_is_an_error_not_a_wait(tmp_path: Path) -> None:
    with pytest.raises(ConnectionLostError):
        asyncio.run(Capsule.connect(f"unix://{tmp_path}/nobody.sock"))
    with pytest.raises(InputError):
        asyncio.run(Capsule.connect("http://example.org"))
