"""A Redis or Valkey Cluster: each command goes to the node that owns its slot, wherever that is at the moment.

redis-py's cluster client is not used: it takes a pooled connection a command, follows ASK into half-moved
slots, and its sharded subscriptions wait for each node in turn. Of it, only the hash is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence
from dataclasses import replace

from . import handshake, layout
from .address import Address
from .blocking import Blocking
from .commands import Commands
from .errors import CapsuleError, ConnectionLostError, ServerError
from .events import Events
from .link import NOT_READY, Link, open_link
from .node import Node
from .slot import Slot, SlotBlocking
from .slots import Peer, Redirect, read_slots
from .store import Store
from .subscriber import Subscriber

log = logging.getLogger("capsule.feeds")

REFRESH_SECONDS = 0.1  # at most, before the map is asked for
ANSWER_SECONDS = 1.0  # for the map; a node that takes longer is passed over
RETIRE_SECONDS = 30.0  # after which a node without slots is closed: replies may be under way

# The server has not run the command, and will not: ask again later, or elsewhere.
REFUSALS = frozenset({"MOVED", "ASK", "TRYAGAIN"}) | NOT_READY


class Member(Node):
    """A primary of the cluster."""

    def __init__(self, address: Address, cluster: Cluster) -> None:
        super().__init__(address, cluster.events, cluster.check, sharded=True, on_trouble=cluster.refresh)
        self.address = address


class Cluster(Store):
    """Keeps one Node for each primary. The map of slots is read at the start, when a server says MOVED, when
    a connection is lost, and for as long as a slot has no owner that answers.
    """

    def __init__(self, seeds: Sequence[Address]) -> None:
        self.events = Events(self._subscriber, self._lost)
        self._seeds = tuple(seeds)
        self._known: dict[Peer, Member] = {}
        self._owners: list[Member | None] = [None] * layout.SLOTS
        self._closed = False
        self._outdated = False  # the map, as far as is known
        self._unsettled = False  # a channel was refused, or given up, since the map was read
        self._refreshing: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """One node that knows the others is enough; those that are away are waited for by whoever needs them."""
        errors: list[CapsuleError] = []
        for seed in self._seeds:
            try:
                link = await open_link(seed)
            except ConnectionLostError as error:
                errors.append(error)
                continue
            try:
                await self._introduce(link, seed)
            finally:
                link.close()
            if self._known:
                await self._meet()
                return
            errors.append(ConnectionLostError(f"{seed} knows nobody who serves a slot."))
        raise errors[-1]

    async def _introduce(self, link: Link, seed: Address) -> None:
        try:
            await handshake.check_server(link, clustered=True)
        except ServerError as error:
            if error.reply not in REFUSALS:  # a replica knows the map as well
                raise
        self._adopt(await read_slots(link, seed.host))

    async def _meet(self) -> None:
        """Wait until each node is connected or not to be had. What is wrong with one of them is raised, but
        one that is away, or has been replaced a moment ago, is not.
        """
        for node in list(self._known.values()):
            await node.connection.tried.wait()
            failure = node.connection.failure
            away = isinstance(failure, ServerError) and failure.reply in REFUSALS
            if failure is not None and not away and not isinstance(failure, ConnectionLostError):
                raise failure

    async def close(self) -> None:
        self._closed = True
        self.events.clear()
        tasks = [*self._leaving, *([self._refreshing] if self._refreshing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(node.close() for node in self._known.values()))

    def at(self, key: str) -> Commands:
        return Slot(self, layout.slot_of(key))

    def waiting(self, key: str) -> Blocking:
        return SlotBlocking(self, layout.slot_of(key))

    def nodes(self) -> list[Node]:
        return list(self._known.values())

    def owner(self, slot: int) -> Member | None:
        """The node that owns the slot, as far as is known; None when nobody does."""
        return self._owners[slot]

    def refused(self, error: ServerError, host: str) -> bool:
        """Whether this error, of the node at `host`, means that the command was not run and may be sent again.
        Learns from it.
        """
        if error.reply not in REFUSALS:
            return False
        redirect = Redirect.read(error, host)
        if redirect is not None and redirect.moved:
            owner = self._node(redirect.peer)
            if self._owners[redirect.slot] is not owner:
                self._owners[redirect.slot] = owner
                self.events.settle()
        if redirect is None or redirect.moved:
            self.refresh()
        return True

    def refresh(self) -> None:
        """Read the map again, soon."""
        self._outdated = True
        if self._refreshing is None and not self._closed:
            self._refreshing = asyncio.create_task(self._refresh(), name="capsule cluster map")

    async def _refresh(self) -> None:
        try:
            while self._outdated:
                await asyncio.sleep(random.uniform(0.1, 1.0) * REFRESH_SECONDS)
                self._outdated = False
                await self._read()
        finally:
            self._refreshing = None

    async def _read(self) -> None:
        """Ask somebody for the map, in no order: one node may be cut off, and know less than another."""
        nodes = list(self._known.values())
        for node in random.sample(nodes, len(nodes)):
            link = node.connection.link
            if link is not None:
                with contextlib.suppress(CapsuleError, TimeoutError):
                    async with asyncio.timeout(ANSWER_SECONDS):
                        self._adopt(await read_slots(link, node.address.host))
                    return
        for seed in random.sample(self._seeds, len(self._seeds)):
            with contextlib.suppress(CapsuleError):
                link = await open_link(seed)
                try:
                    self._adopt(await read_slots(link, seed.host))
                finally:
                    link.close()
                return

    def _adopt(self, owners: Sequence[Peer | None]) -> None:
        before, self._owners = self._owners, [None if peer is None else self._node(peer) for peer in owners]
        if self._unsettled or before != self._owners:
            self._unsettled = False
            self.events.settle()
        for peer in self._known.keys() - set(owners):
            asyncio.get_running_loop().call_later(RETIRE_SECONDS, self._retire, peer)

    def _node(self, peer: Peer) -> Member:
        node = self._known.get(peer)
        if node is None:
            host, port = peer
            address = replace(self._seeds[0], host=host, port=port, path=None)
            node = Member(address, self)
            self._known[peer] = node
            node.start()
        return node

    def _retire(self, peer: Peer) -> None:
        node = self._known.get(peer)
        if node is not None and node not in self._owners and not self._closed:
            del self._known[peer]
            task = asyncio.create_task(node.close())
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def check(self, link: Link) -> None:
        """What is asked of a node when it is connected to."""
        await handshake.check_server(link, clustered=True)
        try:
            await handshake.check_contract(link.call)
        except ServerError as error:
            if error.reply not in REFUSALS:  # another node has that key
                raise

    def _subscriber(self, name: bytes) -> Subscriber | None:
        node = self._owners[layout.slot_of(name)]
        if node is None:
            self.refresh()
            return None
        return node.subscriber

    def _lost(self, error: CapsuleError | None) -> bool:
        """A channel is refused or given up here. True: it will be asked for again, elsewhere or later."""
        self._unsettled = True
        if error is None:
            self.refresh()
            return True
        return isinstance(error, ServerError) and self.refused(error, self._seeds[0].host)
