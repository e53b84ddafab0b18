"""`capsule jobs` as an operator uses it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from capsule.cli.main import main
from capsule.feeds import Capsule, Schedule, Terms
from tests.feeds.test_backlog import bury


def prepare(url: str, work: Callable[[Capsule], Awaitable[object]]) -> None:
    async def body() -> None:
        cap = await Capsule.connect(url)
        await work(cap)
        await cap.close()

    asyncio.run(body())


async def mixed(cap: Capsule) -> None:
    jobs = cap.jobs("mail")
    await bury(jobs, "dead1", "dead2", group="team.7")
    await jobs.put("alone", '{"to":"Zoë"}')
    await jobs.put("late", "", terms=Terms(delay=600, priority=3))
    for n in range(3):
        await jobs.put(f"g{n}", "", group="team.8")
    await jobs.schedules.set(Schedule("nightly", "0 3 * * *", zone="UTC"))


Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(url: str, capsys: pytest.CaptureFixture[str]) -> Ask:
    prepare(url, mixed)

    def ask(action: str, *words: str) -> tuple[int, str]:
        status = main(["jobs", action, *words, "--queue", "mail", "--redis", url])
        return status, capsys.readouterr().out

    return ask


def test_stats(ask: Ask) -> None:
    status, out = ask("stats", "--json")
    numbers = json.loads(out)
    assert status == 0
    assert (numbers["waiting"], numbers["delayed"], numbers["dead"], numbers["schedules"]) == (4, 1, 2, 1)
    assert "waiting                        4" in ask("stats")[1]


def test_list(ask: Ask) -> None:
    assert ask("list", "waiting")[1].split() == ["alone", "-", "0", "-------------------", '{"to":"Zoë"}']
    assert [line.split()[0] for line in ask("list", "waiting", "--group", "team.8")[1].splitlines()] == [
        "g0",
        "g1",
        "g2",
    ]
    assert ask("list", "groups")[1].split() == ["team.8", "3"]
    [late] = json.loads(ask("list", "delayed", "--json")[1])
    assert (late["id"], late["state"], late["options"]) == ("late", "delayed", "p3")
    assert "no luck with dead1" in ask("list", "dead", "--count", "1")[1]
    assert ask("list", "schedules")[1].split()[-6:] == ["0", "3", "*", "*", "*", "UTC"]
    assert json.loads(ask("list", "schedules", "--json")[1])[0]["name"] == "nightly"


def test_show_says_all_and_fails_for_an_unknown_id(ask: Ask) -> None:
    status, out = ask("show", "alone", "dead1")
    assert status == 0
    assert 'data      {"to":"Zoë"}' in out
    assert "group     team.7" in out
    status, out = ask("show", "nobody", "--json")
    assert (status, json.loads(out)[0]["state"]) == (1, "unknown")


def test_retry_and_cancel_say_what_became_of_each_id(ask: Ask) -> None:
    assert ask("retry", "late", "--json") == (0, '{"late": "ready"}\n')
    status, out = ask("cancel", "late", "nobody")
    assert status == 1
    assert out.split() == ["late", "cancelled", "nobody", "unknown"]


def test_redrive_by_id_or_all_by_age(ask: Ask) -> None:
    assert ask("redrive", "dead1") == (0, f"{'dead1':40} redriven\n")
    assert ask("redrive", "dead1") == (1, f"{'dead1':40} not dead\n")
    assert ask("redrive", "--all", "--older-than", "600") == (0, "0 redriven\n")
    assert ask("redrive", "--all", "--json") == (0, '{"redriven": 1}\n')


def test_hold_and_release(ask: Ask) -> None:
    assert ask("hold", "--group", "team.8") == (0, "team.8 is held\n")
    assert ask("hold", "--group", "team.8") == (0, "team.8 is held already\n")
    assert ask("release", "--group", "team.8") == (0, "team.8 is released\n")
    assert ask("hold") == (0, "mail is held\n")
    assert json.loads(ask("stats", "--json")[1])["held"] == 1


def test_purge_wants_to_be_sure(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("purge", "dead")[0] == 2
    assert ask("purge", "dead", "--yes") == (0, "2 purged\n")
    assert ask("purge", "waiting", "--yes", "--json") == (0, '{"purged": 4}\n')


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["redrive"], "name ids, or --all."),
        (["redrive", "j1", "--all"], "name ids, or --all."),
        (["redrive", "j1", "--older-than", "5"], "an age goes with --all."),
        (["purge", "dead"], "this deletes every dead job of actions: say --yes."),
        (["purge", "waiting", "--yes", "--older-than", "5"], "only dead letters have an age."),
    ],
)
def test_wrong_usage_is_status_2_and_connects_nowhere(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", *words, "--redis", "redis://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err == f"capsule jobs {words[0]}: {sentence}\n"


@pytest.mark.parametrize("action", [[], ["list"], ["redrive"]])
def test_help_has_an_example(action: list[str]) -> None:
    command = [sys.executable, "-m", "capsule.cli.main", "jobs", *action, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0
    assert "capsule jobs list dead --queue mail" in done.stdout
