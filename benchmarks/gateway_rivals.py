# mypy: ignore-errors
# (its packages are in an environment of their own)
"""Rivals in Python, each as its documentation would write it. Runs in the environment of rivals-gateway.txt.

    python gateway_rivals.py socketio|channels|bare STORE_SOCKET PORT

Events come from PUBLISH bench:<room> and are handed over in the process that holds the sockets, which is in their
favour: python-socketio is not given its Redis manager. Channels has no way without its layer. `bare` is no rival but
the ceiling of every ASGI application: a loop over the `send`s of a room, with nothing around it.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import redis.asyncio
import uvicorn

OnEvent = Callable[[str, str], Awaitable[None]]


async def listen(store: str, on_event: OnEvent) -> None:
    pubsub = redis.asyncio.Redis(unix_socket_path=store, socket_timeout=None).pubsub()
    await pubsub.psubscribe("bench:*")
    async for message in pubsub.listen():
        if message["type"] == "pmessage":
            await on_event(message["channel"].decode().partition(":")[2], message["data"].decode())


def socketio(store: str) -> tuple[Any, OnEvent]:
    import socketio

    sio = socketio.AsyncServer(async_mode="asgi")

    @sio.event
    async def connect(sid: str, environ: Any) -> None:
        pass

    @sio.event
    async def join(sid: str, room: str) -> None:
        await sio.enter_room(sid, room)
        await sio.emit("joined", to=sid)

    async def on_event(room: str, text: str) -> None:
        await sio.emit("event", text, room=room)

    return socketio.ASGIApp(sio), on_event


def channels(store: str) -> tuple[Any, OnEvent]:
    from django.conf import settings

    layer = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [f"unix://{store}"]},
    }
    settings.configure(CHANNEL_LAYERS={"default": layer}, SECRET_KEY="benchmark")
    import django

    django.setup()
    from channels.generic.websocket import AsyncWebsocketConsumer
    from channels.layers import get_channel_layer
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.urls import re_path

    class Consumer(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            self.group = "room" + self.scope["url_route"]["kwargs"]["room"]
            await self.channel_layer.group_add(self.group, self.channel_name)
            await self.accept()

        async def event(self, message: Any) -> None:
            await self.send(text_data=message["text"])

        async def disconnect(self, code: int) -> None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def on_event(room: str, text: str) -> None:
        await get_channel_layer().group_send(f"room{room}", {"type": "event", "text": text})

    routes = URLRouter([re_path(r"^room/(?P<room>\d+)$", Consumer.as_asgi())])
    return ProtocolTypeRouter({"websocket": routes}), on_event


def bare(store: str) -> tuple[Any, OnEvent]:
    rooms: dict[str, dict[Any, None]] = defaultdict(dict)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        room = rooms[scope["query_string"].decode().partition("=")[2]]
        room[send] = None
        while (await receive())["type"] != "websocket.disconnect":
            pass
        del room[send]

    async def on_event(room: str, text: str) -> None:
        for send in list(rooms[room]):
            with suppress(StopIteration):
                # To its end, unless the socket takes no more: then this message is lost.
                send({"type": "websocket.send", "text": text}).send(None)

    return app, on_event


async def main(rival: str, store: str, port: int) -> None:
    app, on_event = {"socketio": socketio, "channels": channels, "bare": bare}[rival](store)
    settings: dict[str, Any] = {"log_level": "error", "lifespan": "off", "ws_per_message_deflate": False}
    server = uvicorn.Server(uvicorn.Config(app, port=port, backlog=4096, **settings))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn sets an attribute)
        await asyncio.sleep(0.01)
    listening = asyncio.create_task(listen(store, on_event))
    await asyncio.sleep(0.2)
    print("ready", port, flush=True)
    await asyncio.wait([serving, listening], return_when=asyncio.FIRST_COMPLETED)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
