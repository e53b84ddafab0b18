"""The writing side of a socket, against a `send` that waits when the test says so."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from capsule.server.blob import Blob
from capsule.server.outbox import Message, Outbox
from tests.conftest import until


class Socket:
    """An ASGI `send` with a tap."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.sent: list[Message] = []
        self.told: list[str] = []
        self.error: Exception | None = None
        self.outbox = Outbox(self.send, 100, self, lambda: self.told.append("aborted"))

    def blocked(self) -> None:
        self.told.append("blocked")

    def drained(self) -> None:
        self.told.append("drained")

    def overflowed(self) -> None:
        self.told.append("overflowed")

    def write(self, text: str) -> None:
        self.outbox.write(Blob.of(text))

    async def send(self, message: Message) -> None:
        await self.open.wait()
        if self.error is not None:
            raise self.error
        self.sent.append(message)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent if "text" in message]


async def ticks(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def run(test: Callable[[Socket], Coroutine[Any, Any, None]]) -> None:
    async def body() -> None:
        await test(Socket())

    asyncio.run(body(), debug=True)


def test_an_open_socket_is_written_to_at_once_without_a_task() -> None:
    async def test(socket: Socket) -> None:
        before = len(asyncio.all_tasks())
        for text in "abc":
            socket.write(text)
        assert socket.texts == ["a", "b", "c"]
        assert len(asyncio.all_tasks()) == before

    run(test)


def test_what_waits_is_sent_in_order_and_as_one_message() -> None:
    async def test(socket: Socket) -> None:
        socket.open.clear()
        for text in "abcd":
            socket.write(text)
        await ticks()
        assert socket.texts == []
        assert socket.outbox.blocked_since is not None
        socket.open.set()
        socket.write("e")
        await ticks()
        assert socket.texts == ["a", "b\nc\nd\ne"]
        assert socket.outbox.blocked_since is None
        socket.write("f")
        assert socket.texts[-1] == "f"

    run(test)


def test_its_user_is_told_once_when_it_blocks_and_once_when_it_is_empty() -> None:
    async def test(socket: Socket) -> None:
        socket.open.clear()
        for text in "abc":
            socket.write(text)
        assert socket.told == ["blocked"]
        socket.open.set()
        await ticks()
        assert socket.told == ["blocked", "drained"]
        assert socket.texts == ["a", "b\nc"]

    run(test)


def test_beyond_the_limit_nothing_is_kept_and_its_user_is_told() -> None:
    async def test(socket: Socket) -> None:
        socket.open.clear()
        for size in (10, 60, 60):
            socket.write("x" * size)
        assert socket.told == ["blocked", "overflowed"]
        assert not socket.outbox.close(4408, "")
        socket.outbox.abort()
        assert socket.told[-1] == "aborted"
        socket.outbox.abandon()

    run(test)


def test_a_close_follows_what_was_written() -> None:
    async def test(socket: Socket) -> None:
        socket.write("last words")
        assert socket.outbox.close(1012, "bye")
        assert socket.sent[-1] == {"type": "websocket.close", "code": 1012, "reason": "bye"}
        socket.write("too late")
        assert socket.texts == ["last words"]
        assert socket.outbox.close(1000, "")
        assert len(socket.sent) == 2

    run(test)


def test_a_socket_that_takes_nothing_cannot_be_closed_politely() -> None:
    async def test(socket: Socket) -> None:
        socket.open.clear()
        socket.write("a")
        socket.write("b")
        assert not socket.outbox.close(4408, "")
        socket.open.set()
        await ticks()
        assert [message.get("text", "close") for message in socket.sent] == ["a", "b", "close"]

    run(test)


@pytest.mark.parametrize("blocked", [False, True])
def test_a_lost_socket_raises_nothing_and_takes_nothing(blocked: bool) -> None:
    async def test(socket: Socket) -> None:
        socket.error = OSError("gone")
        if blocked:
            socket.open.clear()
        socket.write("a")
        socket.open.set()
        await ticks()
        socket.error = None
        socket.write("b")
        await ticks()
        assert socket.texts == ([] if not blocked else ["b"])

    run(test)


def test_an_abandoned_outbox_leaves_no_task_behind() -> None:
    async def test(socket: Socket) -> None:
        socket.open.clear()
        socket.write("a")
        socket.outbox.abandon()
        await ticks()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        socket.write("b")
        assert socket.sent == []

    run(test)


def test_a_send_that_waits_several_times_is_carried_through() -> None:
    async def body() -> None:
        sent: list[str] = []

        async def send(message: Message) -> None:
            for _ in range(3):
                await asyncio.sleep(0)
            await asyncio.sleep(0.001)
            sent.append(message["text"])

        outbox = Outbox(send, 100, Socket(), sent.clear)
        for text in "abc":
            outbox.write(Blob.of(text))
        await until(lambda: len(sent) == 2)
        assert sent == ["a", "b\nc"]

    asyncio.run(body(), debug=True)


def test_a_send_may_be_any_callable_that_gives_an_awaitable() -> None:
    async def test(socket: Socket) -> None:
        def send(message: Message) -> Awaitable[None]:
            return asyncio.ensure_future(socket.send(message))

        outbox = Outbox(send, 100, socket, lambda: None)
        outbox.write(Blob.of("one"))
        outbox.write(Blob.of("two"))
        await ticks(20)
        assert socket.texts == ["one", "two"]
        assert socket.told == ["blocked", "drained"]

    run(test)
