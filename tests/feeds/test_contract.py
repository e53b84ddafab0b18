"""contract.json is generated, current, and true of what is really written and published."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from capsule.feeds import (
    Capsule,
    Chain,
    Configure,
    Delete,
    Edit,
    Fail,
    Jobs,
    Move,
    Publish,
    Report,
    Retract,
    Schedule,
    Terms,
    Transaction,
    contract,
    script,
)
from capsule.feeds.operation import Operation
from tests.conftest import Run, until

DOCUMENT = Path(__file__).parents[2] / "docs" / "contract.md"


def test_contract_json_is_current() -> None:
    assert contract.PATH.read_text(encoding="utf-8") == contract.text(), (
        "run: python -m capsule.feeds.contract"
    )


def test_it_carries_every_script_with_its_text() -> None:
    scripts = json.loads(contract.text())["scripts"]
    assert {name: entry["sha1"] for name, entry in scripts.items()} == {
        name: script.load(name).sha1 for name in script.names()
    }


async def exercise(cap: Capsule) -> list[bytes]:
    """Use every script so that every key exists at some time; returns what was published."""
    heard: list[bytes] = []
    scope, presence, jobs = cap.scope("team.7"), cap.presence("team.7"), cap.jobs("actions", attempts=2)
    await cap.events.subscribe(scope.channel, heard.append, lambda: None)
    await cap.events.subscribe(presence.channel, heard.append, lambda: None)
    operations: list[Operation] = [
        Publish("members", "42", '{"id":"42"}'),
        Publish("members.42.tasks", "a", "{}", "begin:", "sorted_feed"),
        Publish("members.42.tasks", "b", "[1]", "a:", "sorted_feed"),
        Move("members.42.tasks", "b", ":a"),
        Edit("members.42.tasks", "b", "{}", '{"a":null}', ["c"]),
        Edit("members.42.tasks", "b", "{}", "{}"),
        Retract("members.42.tasks", "b"),
        Configure("chat", 5),
        Configure("chat"),
        Delete("chat"),
    ]
    await scope.commit([Transaction("ann.c1.1", operations)], epoch=1)
    await cap.connection.command("RENAME", f"{scope.prefix}ops", f"{scope.prefix}opsold")
    await cap.connection.command("HSET", f"{scope.prefix}ops", "ann.c1.2", "1-1")
    await presence.join({"s1": '{"user":"ann"}'}, 60)
    for n in range(4):
        await jobs.put(f"j{n}", b"", group=f"g{n}", reply="gw", chain=Chain("ann.c1", n + 1))
    claims = await jobs.claim(3)
    await jobs.step([Report(claims[0], (Fail(claims[0].jobs[0], "no luck"),))])
    await jobs.fail(claims[1], claims[1].jobs[0], "no luck", retry=False)
    await cap.connection.command("ZADD", f"{jobs.prefix}leases", 1, claims[2].group)
    await jobs.claim(1)
    await exercise_jobs_alone(jobs)
    await cap.queue("mail").put({"to": "ann"})
    await cap.partitions("clicks").divide(2)
    await until(lambda: len(heard) == 2)
    return heard


async def exercise_jobs_alone(jobs: Jobs) -> None:
    for n, terms in enumerate((Terms(delay=60), Terms(expires=60), None, None)):
        await jobs.put(f"k{n}", b"", reply="gw", terms=terms)
    await jobs.put("l0", b"", group="h0")
    await jobs.hold("h0")
    await jobs.schedules.set(Schedule("nightly", "0 3 * * *"))
    while (claim := (await jobs.claim(2))[0]).group:
        pass
    await jobs.progress(claim, claim.jobs[0], "half")
    await jobs.put("l1", b"", group="h1")
    await jobs.put("k4", b"", terms=Terms(expires=60, priority=5))
    await jobs._connection.command("RPUSH", f"{jobs.prefix}suspects", "k3")


def matches(pattern: str, key: str) -> bool:
    return bool(re.fullmatch(re.sub(r"<[a-z ]+>", ".+", re.escape(pattern).replace(r"\ ", " ")), key))


def test_every_key_that_is_written_is_in_the_contract_with_its_type(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        await exercise(cap)
        known = contract.build()["keys"]
        seen = set()
        for key in await cap.connection.command("KEYS", "*"):
            kind = (await cap.connection.command("TYPE", key)).decode().upper()
            found = [name for name in known if matches(name, key.decode())]
            assert len(found) == 1, (key, found)
            assert known[found[0]]["type"] == kind, key
            seen.add(found[0])
        # A server that is alone has no layout.
        assert set(known) - seen <= {"cap1:{<queue>}:jobs:solo", "cap1:layout"}

    run(test)


def test_what_is_published_fits_its_schema(run: Run) -> None:
    async def test(cap: Capsule) -> None:
        frame, presence = await exercise(cap)
        header, line = frame.split(b"\n")
        event = json.loads(line)
        jsonschema.validate(event, contract.FRAME)
        assert header.decode() == f"{event['id']} {event['prev']} * members,members.42.tasks,chat"
        jsonschema.validate(json.loads(presence), contract.PRESENCE)
        for broken in (
            {**event, "id": "x"},
            {**event, "tx": []},
            {**event, "tx": [["op", [["destroy", ".", "x"]]]]},
        ):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(broken, contract.FRAME)

    run(test)


def test_the_document_names_every_key_script_code_and_limit() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    built = contract.build()
    for script_name in built["scripts"]:
        assert f"`{script_name}`" in text, script_name
    for key in built["keys"]:
        suffix = (
            key.rsplit("}:", 1)[-1].removeprefix("presence:").removeprefix("jobs:").removeprefix("queue:")
        )
        assert f"`{suffix}`" in text, key
    for channel in built["channels"]:
        assert channel in text
    for code in ("applied", "known", "conflict", "exists", "notfound", "type", "STALE", "LIMIT", "ARGS"):
        assert f"`{code}`" in text, code
