"""What is asked of a server before it is used."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from capsule.feeds import (
    Capsule,
    ContractError,
    Publish,
    ServerError,
    ServerTooOldError,
    Transaction,
    handshake,
)
from capsule.feeds.address import Address
from capsule.feeds.link import Link, open_link
from tests.conftest import ask, until


def with_link(url: str, test: Callable[[Link], Coroutine[Any, Any, None]]) -> None:
    async def body() -> None:
        link = await open_link(Address.parse(url))
        try:
            await test(link)
        finally:
            link.close()

    asyncio.run(body())


class Claims(Link):
    """A link whose server says INFO's `text`."""

    def __init__(self, text: bytes) -> None:
        super().__init__()
        self.text = text

    def call(self, *arguments: object) -> "asyncio.Future[Any]":
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.set_result(self.text)
        return future


@pytest.mark.parametrize(
    ("info", "good"),
    [
        (b"redis_version:7.0.15\r\n", True),
        (b"redis_version:8.2.3\r\n", True),
        (b"redis_version:6.2.14\r\n", False),
        (b"redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n", True),
        (b"redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:7.2.5\r\n", False),
        (b"nothing_version:x\r\n", False),
    ],
)
def test_old_servers_are_refused(info: bytes, good: bool) -> None:
    async def body() -> None:
        await handshake.check_server(Claims(info))

    if good:
        asyncio.run(body())
    else:
        with pytest.raises(ServerTooOldError, match=r"capsule needs Redis 7\.0 or Valkey 8\.0"):
            asyncio.run(body())


def test_the_first_to_connect_writes_the_contracts_version(url: str) -> None:
    with_link(url, lambda link: handshake.check_contract(link.call))
    assert asyncio.run(ask(url, "HGETALL", "cap1:contract")) == [b"minor", b"0", b"min_client", b"0"]


def test_a_newer_client_raises_the_version_and_an_older_one_leaves_it(url: str) -> None:
    with_link(url, lambda link: handshake.check_contract(link.call, minor=3))
    with_link(url, lambda link: handshake.check_contract(link.call, minor=2))
    assert asyncio.run(ask(url, "HGET", "cap1:contract", "minor")) == b"3"


def test_a_process_that_is_too_old_is_told_so(url: str) -> None:
    asyncio.run(ask(url, "HSET", "cap1:contract", "minor", 5, "min_client", 4))
    with pytest.raises(ContractError, match=r"This process is too old.*cap1\.0.*cap1\.4 or newer"):
        asyncio.run(Capsule.connect(url))


def test_data_that_is_too_old_is_told_so(url: str) -> None:
    asyncio.run(ask(url, "HSET", "cap1:contract", "minor", 1, "min_client", 0))
    with pytest.raises(ContractError, match=r"The data is too old.*cap1\.1 wrote it.*cap1\.2 or newer"):
        with_link(url, lambda link: handshake.check_contract(link.call, minor=4, oldest_data=2))
    assert asyncio.run(ask(url, "HGET", "cap1:contract", "minor")) == b"1"


def test_a_version_that_nobody_writes_is_an_error(url: str) -> None:
    asyncio.run(ask(url, "HSET", "cap1:contract", "minor", "seven"))
    with pytest.raises(ContractError, match="no version of the contract writes this"):
        asyncio.run(Capsule.connect(url))


def test_settings_that_lose_data_are_warned_about(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with_link(url, handshake.warn_of_settings)
    assert caplog.records == []
    asyncio.run(ask(url, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru"))
    asyncio.run(ask(url, "CONFIG", "SET", "appendonly", "no"))
    try:
        with caplog.at_level(logging.WARNING, "capsule.feeds"):
            with_link(url, handshake.warn_of_settings)
    finally:
        asyncio.run(ask(url, "CONFIG", "SET", "maxmemory-policy", "noeviction"))
        asyncio.run(ask(url, "CONFIG", "SET", "appendonly", "yes"))
    assert [record.args[0] for record in caplog.records if isinstance(record.args, tuple)] == [
        "maxmemory-policy",
        "appendonly",
    ]


def test_a_server_that_forbids_config_is_not_complained_about(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(ask(url, "ACL", "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-config"))
    try:
        with_link(url.replace("unix://", "unix://plain:pw@"), handshake.warn_of_settings)
    finally:
        asyncio.run(ask(url, "ACL", "DELUSER", "plain"))
    assert caplog.records == []


def test_the_user_that_the_operators_page_makes_can_do_all_that_is_needed(url: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    [rules] = re.findall(r"^ACL SETUSER capsule (.*)$", page, re.MULTILINE)
    asyncio.run(ask(url, "ACL", "SETUSER", "capsule", *rules.split(" ")))

    async def body() -> None:
        cap = await Capsule.connect(url.replace("unix://", "unix://capsule:secret@"))
        heard: list[bytes] = []
        scope, jobs, presence = cap.scope("team.7"), cap.jobs("actions"), cap.presence("team.7")
        await cap.events.subscribe(scope.channel, heard.append, lambda: None)
        await cap.connection.command("PING")
        [outcome] = await scope.commit([Transaction("op.1", [Publish("chat", "m1", "{}")])])
        assert outcome.code == "applied"
        assert await scope.lookup(["op.1"]) == [outcome.event_id]
        assert (await scope.snapshot()).event_id == await scope.last() == outcome.event_id
        assert len(await scope.log("0-0") or []) == 1
        await presence.join({"s1": "{}"}, lease=60)
        waiting = asyncio.create_task(jobs.claim(1, wait=60))
        await jobs.put("j1", b"", group="team.7", reply="me")
        [claim] = await waiting
        assert await jobs.extend(claim) == [True]
        await jobs.finish(claim, [(claim.jobs[0], b"done")])
        assert [result for _, _, result in await jobs.replies("me", "0-0", 60_000)] == [b"done"]
        await until(lambda: heard)
        with pytest.raises(ServerError, match="NOPERM"):
            await cap.connection.command("FLUSHALL")
        with pytest.raises(ServerError, match="NOPERM"):
            await cap.connection.command("SET", "elsewhere", 1)
        await cap.close()

    try:
        asyncio.run(body())
    finally:
        asyncio.run(ask(url, "ACL", "DELUSER", "capsule"))


@pytest.mark.parametrize("login", ["capsule:wrong@", ":wrong@"])
def test_a_refused_login_is_an_error_that_is_not_waited_for(url: str, login: str) -> None:
    with pytest.raises(ServerError) as caught:
        asyncio.run(Capsule.connect(url.replace("unix://", f"unix://{login}")))
    assert caught.value.reply in ("WRONGPASS", "ERR")
