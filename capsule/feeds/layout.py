"""Which of several databases holds what, by hash slot: Redis Cluster's own rule, so that the same keys can
move into a cluster unchanged.
"""

from __future__ import annotations

from redis.crc import REDIS_CLUSTER_HASH_SLOTS as SLOTS
from redis.crc import key_slot

from . import keys
from .errors import LayoutError, ServerError
from .link import Link

__all__ = ["EPOCH", "SLOTS", "check", "index_of", "range_of", "slot_of", "text"]

EPOCH = 1  # of a layout that nobody has changed yet


def slot_of(key: str | bytes) -> int:
    """The hash slot of a key or channel: CRC16 of its hash tag, modulo 16384."""
    return key_slot(key.encode() if isinstance(key, str) else key)


def range_of(index: int, count: int) -> tuple[int, int]:
    """The first and the last slot of database `index` (from 0) of `count`."""
    return index * SLOTS // count, (index + 1) * SLOTS // count - 1


def index_of(slot: int, count: int) -> int:
    """Which of `count` databases holds the slot: the inverse of range_of."""
    return ((slot + 1) * count - 1) // SLOTS


def text(index: int, count: int) -> str:
    """What a database says about itself: `0-8191 of 2`."""
    first, last = range_of(index, count)
    return f"{first}-{last} of {count}"


async def check(link: Link, index: int, count: int, epoch: int | None) -> int:
    """Compare with `cap1:layout`, HASH {slots, epoch}, of database `index` of `count`, and write it if nobody
    has been here. Returns the epoch; all databases have the same one, and a process keeps the one it met
    first: `epoch` is that, or None.

    A database without the record that has a contract is a whole one, from before it was one of several. Raises
    LayoutError.
    """
    mine = text(index, count)
    stored = await link.call("HMGET", keys.LAYOUT, "slots", "epoch")
    if stored[0] is None and count > 1:
        if await link.call("EXISTS", keys.CONTRACT):
            raise LayoutError(
                f"Database {index + 1} of REDIS_URL holds data of a server that was alone: REDIS_URL names "
                f"{count}. Move its data first: see `python -m capsule.feeds.relayout`."
            )
        try:
            await link.call("HSETNX", keys.LAYOUT, "epoch", epoch or EPOCH)
            await link.call("HSETNX", keys.LAYOUT, "slots", mine)
        except ServerError as error:
            raise LayoutError(f"Database {index + 1} cannot be told its slots: {error}") from None
        stored = await link.call("HMGET", keys.LAYOUT, "slots", "epoch")
    theirs = text(0, 1) if stored[0] is None else stored[0].decode()
    if theirs != mine:
        raise LayoutError(
            f"Database {index + 1} of REDIS_URL holds slots {theirs}, and should hold {mine}: every process "
            f"must name the same databases in the same order."
        )
    found = EPOCH if stored[1] is None else int(stored[1])
    if epoch is not None and found != epoch:
        raise LayoutError(
            f"Database {index + 1} of REDIS_URL is of layout {found}, and this process began with layout "
            f"{epoch}: the data was moved. Start it again."
        )
    return found
