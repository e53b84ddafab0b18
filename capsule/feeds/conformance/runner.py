"""Play transcripts to a client, against a server of our own."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from capsule.feeds.address import Address
from capsule.feeds.embedded import Server
from capsule.feeds.link import Link, open_link

from .candidate import Candidate, CandidateError
from .pattern import Bindings, fill, mismatch
from .proxy import Proxy
from .reference import Reference
from .transcript import Step, Transcript, TranscriptError

MOST_NONCE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Trial:
    """How one transcript went. `passed`; `failed`, with the clause that was broken and what happened; `absent`: the
    client does not offer what is asked (it answers UNSUPPORTED)."""

    transcript: Transcript
    outcome: Literal["passed", "failed", "absent"]
    clause: str = ""
    step: int = 0
    asked: str = ""
    sentence: str = ""


class _BrokenError(Exception):
    """A step went another way than the contract says."""


class _AbsentError(Exception):
    """The client does not offer this."""


async def play_all(
    transcripts: Sequence[Transcript], command: Sequence[str], server: Server, *, patience: float = 15.0
) -> AsyncIterator[Trial]:
    """Play each transcript to `command`, on `server`, which is emptied before each: give it one of its own.

    A client that failed is started anew. An answer may take `patience` seconds. Raises CandidateError when the
    command cannot be started at all.
    """
    path = Address.parse(server.url).path
    if path is None:
        raise TranscriptError(
            "The conformance test needs a server on a unix socket, such as the embedded one."
        )
    link = await open_link(Address.parse(server.url))
    candidate: Candidate | None = None
    try:
        async with Proxy(path) as proxy:
            for transcript in transcripts:
                candidate = candidate or await Candidate.start(command, patience)
                reference = Reference(server.url)
                try:
                    trial = await _Play(transcript, candidate, reference, link, proxy).run()
                finally:
                    await reference.close()
                yield trial
                if trial.outcome == "failed":
                    await candidate.stop()
                    candidate = None
    finally:
        if candidate is not None:
            await candidate.stop()
        link.close()


class _Play:
    """One performance: the parties, and what the holes of its patterns took."""

    def __init__(
        self, transcript: Transcript, candidate: Candidate, reference: Reference, link: Link, proxy: Proxy
    ) -> None:
        self.transcript = transcript
        self.candidate = candidate
        self.reference = reference
        self.link = link
        self.proxy = proxy
        self.bound: Bindings = {}
        self.owed: list[str] = []
        self.saved: dict[bytes, bytes] = {}

    async def run(self) -> Trial:
        self.proxy.reset()
        await self.link.call("REPLICAOF", "NO", "ONE")
        await self.link.call("FLUSHALL")
        await self.link.call("SCRIPT", "FLUSH")
        self.bound = {"url": self.proxy.url}
        first = Step("ask", {"do": "connect", "url": "${url}"}, "a client connects", {"answer": {}})
        steps = [*((first,) if self.transcript.connects else ()), *self.transcript.steps]
        for number, step in enumerate(steps, 0 if self.transcript.connects else 1):
            asked = json.dumps({step.action: step.subject}, ensure_ascii=False)
            try:
                await self._take(step)
            except _AbsentError:
                return Trial(self.transcript, "absent", asked=asked)
            except (_BrokenError, CandidateError) as error:
                return Trial(self.transcript, "failed", step.clause, number, asked, str(error))
        return Trial(self.transcript, "passed")

    async def _take(self, step: Step) -> None:
        subject, options = step.subject, step.options
        if step.action == "ask":
            request = fill(subject, self.bound)
            if "later" in options:
                self.owed.append(options["later"])
                await self.candidate.send(request)
            else:
                self._judge(options["answer"], await self._ask(request, options.get("again", False)))
        elif step.action == "take":
            if self.owed.pop(0) != subject:
                raise TranscriptError(
                    f"{self.transcript.name}: {subject} is not the oldest answer that is owed."
                )
            self._judge(options["answer"], _supported(await self.candidate.receive()))
        elif step.action == "other":
            answer = await self.reference.answer(fill(subject, self.bound))
            self._judge(options.get("answer", {}), answer)
        elif step.action == "server":
            reply = _plain(await self.link.call(*fill(subject, self.bound)))
            self._compare(options.get("reply", {"$any": True}), reply)
        else:
            await self._meddle(step)

    async def _meddle(self, step: Step) -> None:
        subject = step.subject
        if step.action == "cut":
            self.proxy.cut()
        elif step.action == "let in":
            self.proxy.let_in()
        elif step.action == "split":
            self.proxy.split = True
        elif step.action == "lose reply":
            self.proxy.lose_reply(subject)
        elif step.action == "sent":
            times = self.proxy.sent.get(subject, 0)
            if times != step.options["times"]:
                raise _BrokenError(f"{subject} was sent {times} times, should be {step.options['times']}")
        elif step.action == "save":
            keys = await self.link.call("KEYS", f"{subject}*")
            self.saved = {key: await self.link.call("DUMP", key) for key in keys}
        elif step.action == "restore":
            if keys := await self.link.call("KEYS", f"{subject}*"):
                await self.link.call("DEL", *keys)
            for key, dump in self.saved.items():
                await self.link.call("RESTORE", key, 0, dump)
        elif step.action == "nonces":
            self._nonces([self.bound[name] for name in subject])

    async def _ask(self, request: dict[str, Any], again: bool) -> dict[str, Any]:
        """Ask once, or, as a caller may, again with the same ids while it says that the connection broke."""
        for _ in range(40 if again else 0):
            answer = await self.candidate.ask(request)
            if answer.get("error") != "CONNECTION":
                return _supported(answer)
            await asyncio.sleep(0.1)
        return _supported(await self.candidate.ask(request))

    def _judge(self, pattern: dict[str, Any], answer: dict[str, Any]) -> None:
        # A pattern that does not speak of errors wants none.
        if "error" in answer and "error" not in pattern:
            raise _BrokenError(f"the answer is the error {answer['error']}: {answer.get('sentence', '')}")
        self._compare(pattern, answer)

    def _compare(self, pattern: Any, value: Any) -> None:
        if sentence := mismatch(pattern, value, self.bound):
            raise _BrokenError(sentence)

    def _nonces(self, event_ids: list[str]) -> None:
        nonces = [int(event_id.split("-")[1]) for event_id in event_ids]
        steps = {b - a for a, b in itertools.pairwise(nonces)}
        if not all(1 <= nonce <= MOST_NONCE for nonce in nonces):
            raise _BrokenError(f"a nonce is a number from 1 to {MOST_NONCE}; found {nonces}")
        if len(set(nonces)) < len(nonces) or len(steps) == 1:
            raise _BrokenError(f"these nonces are not random: {nonces}")


def _supported(answer: dict[str, Any]) -> dict[str, Any]:
    if answer.get("error") == "UNSUPPORTED":
        raise _AbsentError
    return answer


def _plain(reply: Any) -> Any:
    if isinstance(reply, bytes):
        return reply.decode(errors="surrogateescape")
    if isinstance(reply, list):
        return [_plain(part) for part in reply]
    return reply
