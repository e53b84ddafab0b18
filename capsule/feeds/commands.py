"""What every datatype is given: a way to the server that holds its keys."""

from __future__ import annotations

from abc import ABC, abstractmethod

from . import keys
from .errors import ServerError
from .link import Argument, Reply
from .script import Script

LOADS = 3  # a failover between the lesson and the question may bring a server that has not learned it


class Commands(ABC):
    """Commands to whichever server holds one slot. All keys given to it must have the hash tag that it was
    asked for with: several servers may be behind it.

    In a cluster (`guarded`) scripts get a second KEY, which never exists. It makes the server itself refuse
    the script for as long as the slot is being moved: the source answers ASK, because the keys are missing,
    and the target TRYAGAIN, because it was given two and has not both. Without it a client that follows ASK,
    as most do, would run the script at the target, where the rest of the scope has not arrived.
    """

    guarded = False

    @abstractmethod
    async def command(self, *arguments: Argument) -> Reply:
        """Send a command and return its reply; it is never sent twice.

        Raises ConnectionLostError when there is no connection for 10 seconds (then nothing was sent), or when
        it breaks before the reply (then the command may have run). Raises ServerError for an error reply.
        """

    async def run(self, script: Script, key: str, *arguments: Argument) -> Reply:
        """Run a script of the contract. A server that does not know it is taught it, and asked again: a
        script that was not known did not run.
        """
        names: tuple[Argument, ...] = (2, key, key + keys.GUARD) if self.guarded else (1, key)
        for load in range(LOADS + 1):
            try:
                return await self.command("EVALSHA", script.sha1, *names, *arguments)
            except ServerError as error:
                if error.reply != "NOSCRIPT" or load == LOADS:
                    raise
            await self.command("SCRIPT", "LOAD", script.source)
