"""`capsule doctor`: what it finds, and that it says what to do."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from capsule.cli import doctor
from capsule.cli.main import main
from capsule.compiler.errors import TranscryptMissing
from capsule.feeds import Capsule
from tests.cli.test_jobs import prepare
from tests.conftest import ask

Found = list[dict[str, str]]
See = Callable[..., tuple[int, Found]]


@pytest.fixture
def see(url: str, capsys: pytest.CaptureFixture[str]) -> See:
    def see(*words: str) -> tuple[int, Found]:
        status = main(["doctor", "--redis", url, "--json", *words])
        return status, json.loads(capsys.readouterr().out)

    return see


@pytest.fixture
def setting(url: str) -> Iterator[Callable[[str, str], None]]:
    """Change a setting of the server until the test ends."""
    before: dict[str, str] = {}

    def change(name: str, value: str) -> None:
        found = asyncio.run(ask(url, "CONFIG", "GET", name))
        assert isinstance(found, list)
        before.setdefault(name, found[1].decode())
        asyncio.run(ask(url, "CONFIG", "SET", name, value))

    yield change
    for name, value in before.items():
        asyncio.run(ask(url, "CONFIG", "SET", name, value))


def bad(found: Found) -> Found:
    return [each for each in found if each["state"] != "ok"]


def about(found: Found, what: str) -> dict[str, str]:
    [one] = [each for each in found if each["what"] == what]
    return one


def test_a_fit_machine_and_server(see: See, capsys: pytest.CaptureFixture[str], url: str) -> None:
    status, found = see()
    assert [status, bad(found)] == [0, []]
    assert {each["what"] for each in found} > {
        "python",
        "transcrypt",
        "node",
        "esbuild",
        "contract",
        "actions",
    }
    assert main(["doctor", "--redis", url]) == 0
    assert "ok    contract       cap1.0" in capsys.readouterr().out


def test_a_server_that_may_lose_data_is_bad(see: See, setting: Callable[[str, str], None]) -> None:
    setting("maxmemory-policy", "allkeys-lru")
    setting("appendonly", "no")
    status, found = see()
    assert status == 1
    assert [each["fix"] for each in bad(found)] == [
        "CONFIG SET maxmemory-policy noeviction",
        "CONFIG SET appendonly yes",
    ]


def test_a_nearly_full_memory_is_noted(see: See, setting: Callable[[str, str], None]) -> None:
    see()  # who connects first writes the version of the contract
    setting("maxmemory", str(1024 * 1024))
    status, found = see()
    assert status == 0
    assert [each["fix"] for each in bad(found)] == ["Raise maxmemory, or shard."]


def test_clocks_that_differ_are_noted(see: See, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    monkeypatch.setattr("capsule.cli.doctor.time.time", lambda: real() + 60)
    status, found = see()
    assert status == 0
    [note] = bad(found)
    assert note["says"].startswith(("its clock is -60", "its clock is -59"))


def test_jobs_that_nobody_takes_and_jobs_that_died(see: See, url: str) -> None:
    async def wait(cap: Capsule) -> None:
        await cap.jobs("mail").put("one", "")

    prepare(url, wait)
    note = about(see("--queue", "mail")[1], "mail")
    assert [note["state"], note["fix"]] == ["note", "Is `capsule worker` running?"]

    async def die(cap: Capsule) -> None:
        jobs = cap.jobs("mail")
        [claim] = await jobs.claim(1)
        await jobs.fail(claim, claim.jobs[0], "no", retry=False)

    prepare(url, die)
    note = about(see("--queue", "mail")[1], "mail")
    assert note["fix"] == "See them: capsule jobs list dead --queue mail"


def test_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--redis", "redis://127.0.0.1:1", "--json"]) == 1
    last = json.loads(capsys.readouterr().out)[-1]
    assert [last["state"], last["what"]] == ["bad", "server"]
    assert "127.0.0.1:1" in last["says"]


def test_a_compiler_of_another_version_is_bad(see: See, monkeypatch: pytest.MonkeyPatch) -> None:
    def another() -> None:
        raise TranscryptMissing("pip install transcrypt==0")

    monkeypatch.setattr("capsule.cli.doctor.check_version", another)
    status, found = see()
    assert [status, about(found, "transcrypt")["fix"]] == [1, "pip install transcrypt==0"]


@pytest.mark.parametrize(("said", "hint"), [(None, "not found"), ("v18.1.0", "v18.1.0 is too old")])
def test_a_missing_or_old_node_is_noted(
    said: str | None, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if said is not None:
        node = tmp_path / "node"
        node.write_text(f"#!/bin/sh\necho {said}\n")
        node.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin" if said else str(tmp_path))
    found = doctor.node()
    assert [found.state, found.fix[:12]] == ["note", "Install Node"]
    assert found.says.startswith(hint)
