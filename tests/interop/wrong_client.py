"""The Python client with one fault, named on the command line: each breaks one clause of the contract."""

import asyncio
import itertools
import json
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from capsule.feeds import handshake, operation
from capsule.feeds.conformance import reference
from capsule.feeds.conformance.reference import Reference, Request
from capsule.feeds.conformance.replay import Replay


class Credulous(Replay):
    """Applies whatever comes, in the order it comes."""

    def _take(self, frame: bytes) -> bool:
        self.id = frame.decode().split(" ")[1]
        return super()._take(frame)


class Counting(Replay):
    """Takes a version for an id: drops what it believes to know."""

    def _take(self, frame: bytes) -> bool:
        version = int(frame.split(b"-")[0])
        return version <= int((self.id or "0").split("-")[0]) or super()._take(frame)


class Stubborn(Replay):
    """Keeps what it has when the log does not reach back, and goes on from there."""

    def load(self, feeds: list[Any]) -> None:
        if not self._feeds:
            super().load(feeds)


class Deaf(Replay):
    """Does not ask what it missed while it was away."""

    def _gap(self) -> None:
        pass


class Hoarding(Replay):
    """Knows nothing of a deleted feed."""

    def _apply(self, verb: str, feed: str, item_id: str, *rest: Any) -> None:
        if verb != "delete":
            super()._apply(verb, feed, item_id, *rest)


class Whole(Reference):
    """Reads everything, whatever the window."""

    async def _snapshot(self, request: Request) -> dict[str, Any]:
        return await super()._snapshot({**request, "windows": None})


class Impartial(Reference):
    """Puts into a queue without a priority."""

    async def _queue_put(self, request: Request) -> dict[str, Any]:
        return await super()._queue_put({**request, "priority": 0})


class Faulty(Reference):
    """Errors in the requests that a client sends."""

    async def _commit(self, request: Request) -> dict[str, Any]:
        return await COMMITS[sys.argv[1]](self, request)


class Believing(Reference):
    """Takes it for granted that its claims go on."""

    async def _extend(self, request: Request) -> dict[str, Any]:
        return {"held": [True for _ in request["claims"]]}


class Unchained(Reference):
    """Puts jobs as they come."""

    async def _put(self, request: Request) -> dict[str, Any]:
        return await super()._put({**request, "chain": None})


class Renaming(Reference):
    """Gives a job that is put again another id."""

    async def _put(self, request: Request) -> dict[str, Any]:
        return await super()._put({**request, "id": f"{request['id']}.{next(numbers)}"})


class Hasty(Reference):
    """Puts every job as if it had no terms."""

    async def _put(self, request: Request) -> dict[str, Any]:
        known = ("do", "queue", "id", "data", "group", "reply", "chain")
        return await super()._put({name: request[name] for name in known if name in request})


class Gullible(Reference):
    """Takes whatever is on the reply stream for a result."""

    async def _replies(self, request: Request) -> dict[str, Any]:
        jobs = await self._jobs(request)
        found = await jobs.messages(request["stream"], request["since"], 0)
        return {"replies": [[job_id, text.decode()] for _, job_id, _, text in found]}


class WithoutJobs(Reference):
    """No fault: a client may offer less."""

    async def answer(self, request: Request) -> dict[str, Any]:
        if "queue" in request:
            return {"error": "UNSUPPORTED"}
        return await super().answer(request)


async def resend(client: Reference, request: Request) -> dict[str, Any]:
    answer: dict[str, Any] = {"error": "CONNECTION"}
    while answer.get("error") == "CONNECTION":
        try:
            answer = await Reference._commit(client, request)
        except ConnectionError:
            continue
    return answer


async def without_epoch(client: Reference, request: Request) -> dict[str, Any]:
    return await Reference._commit(client, {**request, "epoch": None})


async def without_reads(client: Reference, request: Request) -> dict[str, Any]:
    transactions = [{**each, "reads": []} for each in request["transactions"]]
    return await Reference._commit(client, {**request, "transactions": transactions})


async def encoded_anew(client: Reference, request: Request) -> dict[str, Any]:
    for each in request["transactions"]:
        for words in each["operations"]:
            if words[0] == "publish":
                words[3] = json.dumps(json.loads(words[3]))
    return await Reference._commit(client, request)


async def one_by_one(client: Reference, request: Request) -> dict[str, Any]:
    """Each transaction a commit of its own: nothing is one step any more."""
    outcomes = []
    for each in request["transactions"]:
        answer = await Reference._commit(client, {**request, "transactions": [each]})
        outcomes += answer["outcomes"]
    return {"outcomes": outcomes}


COMMITS: dict[str, Callable[[Reference, Request], Awaitable[dict[str, Any]]]] = {
    "resends": resend,
    "no-epoch": without_epoch,
    "no-reads": without_reads,
    "re-encodes": encoded_anew,
    "one-by-one": one_by_one,
}
READERS: dict[str, type[Replay]] = {
    "credulous": Credulous,
    "counting": Counting,
    "stubborn": Stubborn,
    "deaf": Deaf,
    "hoarding": Hoarding,
}


async def ask_nothing(*_: object) -> None:
    """In place of a handshake."""


def check_nothing(*_: object) -> None:
    """In place of a check of items."""


numbers = itertools.count(1)
REPLACED: dict[str, tuple[Any, str, Any]] = {
    "counts-nonces": (secrets, "randbits", lambda _: next(numbers)),
    "unchecked-items": (operation, "check_json", check_nothing),
    "believing": (reference, "Reference", Believing),
    "unchained": (reference, "Reference", Unchained),
    "renaming": (reference, "Reference", Renaming),
    "whole": (reference, "Reference", Whole),
    "impartial": (reference, "Reference", Impartial),
    "hasty": (reference, "Reference", Hasty),
    "gullible": (reference, "Reference", Gullible),
    "no-jobs": (reference, "Reference", WithoutJobs),
    "no-handshake": (handshake, "check_contract", ask_nothing),
    **{fault: (reference, "Replay", reader) for fault, reader in READERS.items()},
    **dict.fromkeys(COMMITS, (reference, "Reference", Faulty)),
}


if __name__ == "__main__":
    owner, name, replacement = REPLACED[sys.argv[1]]
    setattr(owner, name, replacement)
    asyncio.run(reference.main())
