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
}


async def ask_nothing(*_: object) -> None:
    """In place of a handshake."""


def check_nothing(*_: object) -> None:
    """In place of a check of items."""


numbers = itertools.count(1)
REPLACED: dict[str, tuple[Any, str, Any]] = {
    "counts-nonces": (secrets, "randbelow", lambda _: next(numbers)),
    "unchecked-items": (operation, "check_json", check_nothing),
    "believing": (reference, "Reference", Believing),
    "unchained": (reference, "Reference", Unchained),
    "renaming": (reference, "Reference", Renaming),
    "no-jobs": (reference, "Reference", WithoutJobs),
    "no-handshake": (handshake, "check_contract", ask_nothing),
    **{fault: (reference, "Replay", reader) for fault, reader in READERS.items()},
    **dict.fromkeys(COMMITS, (reference, "Reference", Faulty)),
}


if __name__ == "__main__":
    owner, name, replacement = REPLACED[sys.argv[1]]
    setattr(owner, name, replacement)
    asyncio.run(reference.main())
