"""A server that Sentinels watch: whoever they say is the primary now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from .address import Address
from .errors import CapsuleError, ConnectionLostError
from .link import open_link

ANSWER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sentinel:
    """`service` is what the Sentinels call the primary; `template` is how to log in to it."""

    service: str
    sentinels: tuple[Address, ...]
    template: Address

    async def find(self) -> Address:
        """Ask all Sentinels at once, for a second at most, and believe the one that has seen the latest
        failover: one that was cut off still names the primary that was replaced.
        """
        questions = [asyncio.create_task(self._ask(sentinel)) for sentinel in self.sentinels]
        try:
            await asyncio.wait(questions, timeout=ANSWER_SECONDS)
        finally:
            for question in questions:
                question.cancel()
            answers = await asyncio.gather(*questions, return_exceptions=True)
        found = [answer for answer in answers if isinstance(answer, tuple)]
        if not found:
            why = "; ".join(str(answer) for answer in answers if isinstance(answer, CapsuleError))
            raise ConnectionLostError(f"No Sentinel knows {self.service}: {why or 'none answered in time'}")
        _, host, port = max(found)
        return replace(self.template, host=host, port=port)

    async def _ask(self, sentinel: Address) -> tuple[int, str, int]:
        link = await open_link(sentinel)
        try:
            reply = await link.call("SENTINEL", "MASTER", self.service)
        finally:
            link.close()
        fields = dict(zip(reply[::2], reply[1::2], strict=True))
        return int(fields[b"config-epoch"]), fields[b"ip"].decode(), int(fields[b"port"])

    def __str__(self) -> str:
        return f"{self.service} of Sentinel {', '.join(map(str, self.sentinels))}"
