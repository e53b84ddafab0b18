"""Who owns which hash slot of a cluster, as its nodes tell it."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ServerError
from .layout import SLOTS
from .link import Link

Peer = tuple[str, int]  # host and port


@dataclass(frozen=True, slots=True)
class Redirect:
    """The server says, without having run anything, that a command is not for it: `moved` for good, or else
    for the moment.
    """

    slot: int
    peer: Peer
    moved: bool

    @classmethod
    def read(cls, error: ServerError, asked: str) -> Redirect | None:
        """From `MOVED 3999 127.0.0.1:6381` or `ASK ...`; None for any other error. A server that does not
        know its own address leaves the host out: then it is `asked`.
        """
        if error.reply not in ("MOVED", "ASK"):
            return None
        _, slot, peer, *_ = str(error).split(" ")
        host, _, port = peer.rpartition(":")
        return cls(int(slot), (host or asked, int(port)), error.reply == "MOVED")


async def read_slots(link: Link, asked: str) -> list[Peer | None]:
    """The primary of each slot, None for one that nobody serves. `asked` is the host behind the link. Raises
    ServerError.
    """
    owners: list[Peer | None] = [None] * SLOTS
    for first, last, primary, *_ in await link.call("CLUSTER", "SLOTS"):
        host = (primary[0] or b"").decode()
        peer = (host if host not in ("", "?") else asked, int(primary[1]))
        owners[first : last + 1] = [peer] * (last + 1 - first)
    return owners
