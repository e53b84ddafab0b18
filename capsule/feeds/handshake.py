"""What is asked of a server before it is used: is it new enough, is it safe, does it speak our contract."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable

from . import keys
from .errors import ContractError, LayoutError, ServerError, ServerTooOldError
from .link import Link, Reply

log = logging.getLogger("capsule.feeds")

# The contract's major version is the keys' prefix. Its minor version grows with every key, field or script
# that is added; readers ignore what they do not know, so an older minor usually stays welcome.
MINOR = 0
OLDEST_DATA = 0  # the oldest minor version whose data this code still understands
OLDEST_CLIENT = 0  # the oldest minor version of a client that understands what this code writes

REDIS_AT_LEAST, VALKEY_AT_LEAST = (7, 0), (8, 0)

# A setting of the server, what it should be, and why.
SETTINGS = (
    ("maxmemory-policy", b"noeviction", "any other policy deletes state silently when memory is full"),
    ("appendonly", b"yes", "without the append-only file a restart loses everything since the last snapshot"),
)


async def check_server(link: Link, *, clustered: bool = False) -> None:
    """Redis >= 7.0 or Valkey >= 8, by what INFO says; Valkey calls itself `redis_version:7.2.4` as well. A
    primary, and part of a cluster exactly when it should be.

    Raises ServerTooOldError, LayoutError, ServerError (READONLY).
    """
    info = (await link.call("INFO", "server", "replication")).decode()
    found = dict(re.findall(r"^(\w+_version):(\d+\.\d+)", info, re.MULTILINE))
    name, least = ("valkey", VALKEY_AT_LEAST) if "valkey_version" in found else ("redis", REDIS_AT_LEAST)
    text = found.get(f"{name}_version", "0.0")
    if tuple(map(int, text.split("."))) < least:
        wanted = ".".join(map(str, least))
        raise ServerTooOldError(
            f"The server is {name} {text}; capsule needs Redis 7.0 or Valkey 8.0 ({name} {wanted})."
        )
    if bool(re.search(r"^(redis|server)_mode:cluster", info, re.MULTILINE)) != clustered:
        raise LayoutError(
            "The server is not part of a cluster: use redis:// instead of redis+cluster://."
            if clustered
            else "The server is part of a cluster: use redis+cluster:// instead of redis://."
        )
    if "\nrole:slave" in info:
        primary = re.search(r"^master_host:(.*?)\r?$", info, re.MULTILINE)
        raise ServerError(
            f"READONLY The server is a replica of {primary[1] if primary else 'another'}: name that."
        )


async def warn_of_settings(link: Link) -> None:
    """Log what would lose data without a word. Hosted servers often forbid CONFIG: then nothing is said."""
    for name, good, why in SETTINGS:
        try:
            reply = await link.call("CONFIG", "GET", name)
        except ServerError:
            return
        if len(reply) == 2 and reply[1] != good:
            log.warning("%s is %s, should be %s: %s.", name, reply[1].decode(), good.decode(), why)


async def check_contract(
    call: Callable[..., Awaitable[Reply]], minor: int = MINOR, oldest_data: int = OLDEST_DATA
) -> None:
    """Compare with `cap1:contract`, HASH {minor: the newest that wrote here, min_client: the oldest that
    may}.

    Raises ContractError, whose sentence says which side is too old.
    """
    fields = ("minor", minor), ("min_client", OLDEST_CLIENT)
    stored = await call("HMGET", keys.CONTRACT, *(name for name, _ in fields))
    try:
        theirs, min_client = (None if value is None else int(value) for value in stored)
    except ValueError:
        raise ContractError(
            f"{keys.CONTRACT} holds {stored!r}: no version of the contract writes this."
        ) from None
    if min_client is not None and minor < min_client:
        raise ContractError(
            f"This process is too old: it speaks contract {keys.MAJOR}.{minor}, and the data asks for "
            f"{keys.MAJOR}.{min_client} or newer. Upgrade capsule here."
        )
    if theirs is not None and theirs < oldest_data:
        raise ContractError(
            f"The data is too old: contract {keys.MAJOR}.{theirs} wrote it; this process understands "
            f"{keys.MAJOR}.{oldest_data} or newer. Upgrade the other processes, or use an older capsule here."
        )
    if theirs is None or theirs < minor:
        await call("HSET", keys.CONTRACT, *(part for field in fields for part in field))
