"""The Python client, asked in the conformance test's words: the other party of a transcript, and itself a candidate:

capsule contract test -- python -m capsule.feeds.conformance.reference
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from capsule.feeds.capsule import Capsule
from capsule.feeds.errors import CapsuleError
from capsule.feeds.job import Chain, Claim, Fail, Finish, Job, Release, Report, Terms
from capsule.feeds.jobs import Jobs
from capsule.feeds.operation import (
    Configure,
    Delete,
    Edit,
    Move,
    Operation,
    Publish,
    Read,
    ReadFeed,
    ReadItem,
    ReadScope,
    Retract,
    Transaction,
)

from .replay import Replay

Request = dict[str, Any]
LEASE_MS = 10_000


class Reference:
    """Connects when it is first asked, to `url` or where a `connect` says."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._cap: Capsule | None = None
        self._replay: Replay | None = None
        self._claims: dict[tuple[str, str], Claim] = {}

    async def close(self) -> None:
        if self._replay is not None:
            await self._replay.close()
        if self._cap is not None:
            await self._cap.close()
        self._replay = self._cap = None

    async def answer(self, request: Request) -> dict[str, Any]:
        """The answer to one request of docs/conformance.md. Errors are answers, too."""
        known: dict[str, Callable[[Request], Awaitable[dict[str, Any]]]] = {
            "connect": self._connect,
            "commit": self._commit,
            "snapshot": self._snapshot,
            "page": self._page,
            "get": self._get,
            "queue-put": self._queue_put,
            "queue-get": self._queue_get,
            "log": self._log,
            "lookup": self._lookup,
            "follow": self._follow,
            "read-until": self._read_until,
            "put": self._put,
            "claim": self._claim,
            "report": self._report,
            "extend": self._extend,
            "progress": self._progress,
            "replies": self._replies,
        }
        operation = known.get(request["do"])
        if operation is None:
            return {"error": "UNSUPPORTED", "sentence": request["do"]}
        try:
            return await operation(request)
        except CapsuleError as error:
            return {"error": error.code, "sentence": str(error)}

    async def cap(self) -> Capsule:
        if self._cap is None:
            self._cap = await Capsule.connect(self._url)
        return self._cap

    async def _connect(self, request: Request) -> dict[str, Any]:
        await self.close()
        self._url = request["url"]
        await self.cap()
        return {}

    async def _commit(self, request: Request) -> dict[str, Any]:
        transactions = [
            Transaction(
                each["op"],
                [_operation(*operation) for operation in each["operations"]],
                [_read(*read) for read in each.get("reads", ())],
            )
            for each in request["transactions"]
        ]
        scope = (await self.cap()).scope(request["scope"])
        epoch = request.get("epoch")
        outcomes = await scope.commit(transactions, epoch=None if epoch is None else int(epoch))
        return {"outcomes": [[outcome.code, outcome.event_id] for outcome in outcomes]}

    async def _snapshot(self, request: Request) -> dict[str, Any]:
        scope = (await self.cap()).scope(request["scope"])
        snapshot = await scope.snapshot(request.get("windows"))
        feeds = [[name, [[key, item.decode()] for key, item in items]] for name, items in snapshot.feeds]
        return {"id": snapshot.event_id, "feeds": feeds, "lengths": snapshot.lengths}

    async def _page(self, request: Request) -> dict[str, Any]:
        scope = (await self.cap()).scope(request["scope"])
        found = await scope.page(request["feed"], request["position"], request["count"])
        if found is None:
            return {"page": None}
        event_id, length, start, items = found
        texts = [[key, None if item is None else item.decode()] for key, item in items]
        return {"page": {"id": event_id, "length": length, "start": start, "items": texts}}

    async def _get(self, request: Request) -> dict[str, Any]:
        scope = (await self.cap()).scope(request["scope"])
        event_id, items = await scope.get(request["feed"], request["ids"])
        return {"id": event_id, "items": [None if item is None else item.decode() for item in items]}

    async def _queue_put(self, request: Request) -> dict[str, Any]:
        queue = (await self.cap()).queue(request["queue"])
        return {"length": await queue.put(*request["items"], priority=request.get("priority", 0))}

    async def _queue_get(self, request: Request) -> dict[str, Any]:
        queue = (await self.cap()).queue(request["queue"])
        return {"items": await queue.get(request["n"], wait=request.get("wait", 0) / 1000)}

    async def _log(self, request: Request) -> dict[str, Any]:
        frames = await (await self.cap()).scope(request["scope"]).log(request["since"])
        return {"frames": None if frames is None else [frame.decode() for frame in frames]}

    async def _lookup(self, request: Request) -> dict[str, Any]:
        return {"events": await (await self.cap()).scope(request["scope"]).lookup(request["ops"])}

    async def _follow(self, request: Request) -> dict[str, Any]:
        if self._replay is not None:
            await self._replay.close()
        cap = await self.cap()
        replay = Replay(cap.events, cap.scope(request["scope"]), request.get("since"))
        self._replay = replay
        replay.load(request.get("feeds", []))
        return {"id": await replay.start()}

    async def _read_until(self, request: Request) -> dict[str, Any]:
        assert self._replay is not None
        await self._replay.reached(request["id"])
        return {"id": request["id"], "seen": self._replay.take_seen(), "feeds": self._replay.plain()}

    async def _jobs(self, request: Request) -> Jobs:
        lease = request.get("lease", LEASE_MS)
        return (await self.cap()).jobs(request["queue"], lease=lease / 1000)

    async def _put(self, request: Request) -> dict[str, Any]:
        link = request.get("chain")
        chain = Chain(link["client"], link["n"], link["first"]) if link else None
        terms = _terms(request)
        names = {"group": request.get("group"), "reply": request.get("reply")}
        jobs = await self._jobs(request)
        put = await jobs.put(request["id"], request["data"], **names, chain=chain, terms=terms)
        return {"state": put.state, "result": None if put.result is None else put.result.decode()}

    async def _claim(self, request: Request) -> dict[str, Any]:
        jobs = await self._jobs(request)
        claims = await jobs.claim(request["n"], request.get("wait", 0) / 1000)
        self._claims |= {(claim.group, str(claim.epoch)): claim for claim in claims}
        return {
            "claims": [
                {
                    "group": claim.group,
                    "epoch": str(claim.epoch),
                    "jobs": [[job.id, job.data.decode(), job.attempts] for job in claim.jobs],
                }
                for claim in claims
            ]
        }

    async def _report(self, request: Request) -> dict[str, Any]:
        reports = [
            Report(
                self._claims[each["group"], each["epoch"]], tuple(_entry(*entry) for entry in each["entries"])
            )
            for each in request["reports"]
        ]
        return {"outcomes": (await (await self._jobs(request)).step(reports)).outcomes}

    async def _extend(self, request: Request) -> dict[str, Any]:
        claims = [self._claims[each["group"], each["epoch"]] for each in request["claims"]]
        return {"held": await (await self._jobs(request)).extend(*claims)}

    async def _progress(self, request: Request) -> dict[str, Any]:
        claim = self._claims[request["claim"]["group"], request["claim"]["epoch"]]
        job = Job(request["id"], b"", 0)
        return {"held": await (await self._jobs(request)).progress(claim, job, request["text"])}

    async def _replies(self, request: Request) -> dict[str, Any]:
        found = await (await self._jobs(request)).replies(request["stream"], request["since"], 0)
        return {"replies": [[job_id, result.decode()] for _, job_id, result in found]}


def _operation(verb: str, feed: str, item_id: str = "", *rest: Any) -> Operation:
    if verb == "delete":
        return Delete(feed)
    if verb == "config":
        return Configure(feed, *rest)
    if verb == "publish":
        return Publish(feed, item_id, *rest)
    if verb == "edit":
        return Edit(feed, item_id, *rest)
    return Move(feed, item_id, *rest) if verb == "position" else Retract(feed, item_id)


def _read(kind: str, *rest: Any) -> Read:
    if kind == "scope":
        return ReadScope(*rest)
    return ReadFeed(*rest) if kind == "feed" else ReadItem(*rest)


def _terms(request: Request) -> Terms | None:
    """Times are milliseconds in a request."""

    def seconds(name: str) -> float | None:
        return None if name not in request else request[name] / 1000

    names = {"delay", "at", "priority", "expires", "attempts", "backoff", "longest"}
    if not names & set(request):
        return None
    backoff = (request["backoff"] / 1000, request["longest"] / 1000) if "backoff" in request else None
    return Terms(
        seconds("delay"),
        seconds("at"),
        request.get("priority", 0),
        seconds("expires"),
        request.get("attempts"),
        backoff,
    )


def _entry(verb: str, job_id: str = "", result: str = "") -> Finish | Fail | Release:
    job = Job(job_id, b"", 0)
    if verb == "finish":
        return Finish(job, result.encode())
    return Release() if verb == "release" else Fail(job, json.loads(result)["sentence"], retry=verb == "fail")


async def main() -> None:
    """Answer the requests on stdin, in order, until it ends."""
    reference = Reference()
    stdin = asyncio.StreamReader(limit=16 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    try:
        while line := await stdin.readline():
            print(json.dumps(await reference.answer(json.loads(line))), flush=True)
    finally:
        await reference.close()


if __name__ == "__main__":
    asyncio.run(main())
