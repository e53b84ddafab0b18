"""Processes that live and die together."""

import socket
from pathlib import Path

import pytest

from capsule.cli.supervisor import ProcessError, Supervisor, port_problem, wait_for


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A folder whose modules `forever`, `hello` and `fails` can be run."""
    (tmp_path / "forever.py").write_text(
        "import time\nprint('on', flush=True)\nwhile True:\n    time.sleep(1)\n"
    )
    (tmp_path / "hello.py").write_text("print('hello')\n")
    (tmp_path / "fails.py").write_text("raise SystemExit('no luck')\n")
    return tmp_path


def supervisor(folder: Path, logs: bool = True) -> Supervisor:
    return Supervisor(folder / "logs" if logs else None, {"PYTHONPATH": str(folder)})


def until_ended(watched: Supervisor) -> list[str]:
    while not (said := watched.ended()):
        watched.wait(0.02)
    return said


def test_a_process_that_ends_is_told_with_the_end_of_its_log(module: Path) -> None:
    watched = supervisor(module)
    assert watched.finish("hello", "hello") == "hello"
    with pytest.raises(ProcessError, match=r"`fails` has ended \(exit status 1\)[^!]*no luck"):
        watched.finish("fails", "fails")
    watched.start("one", "forever")
    watched.check()
    watched.running["one"].kill()
    assert until_ended(watched)[0].startswith("The process `one` has ended (SIGKILL). The end of")
    assert watched.running == {}


def test_without_logs_the_output_is_ours(module: Path, capfd: pytest.CaptureFixture[str]) -> None:
    watched = supervisor(module, logs=False)
    assert watched.finish("hello", "hello") == ""
    watched.start("two", "fails")
    assert until_ended(watched) == ["The process `two` has ended (exit status 1)."]
    assert capfd.readouterr() == ("hello\n", "no luck\n")


def test_some_are_stopped_or_all(module: Path) -> None:
    watched = supervisor(module)
    processes = {}
    for name in ("a", "b", "c"):
        watched.start(name, "forever")
        processes[name] = watched.running[name]
    watched.stop("b")
    assert [list(watched.running), processes["b"].poll() is not None] == [["a", "c"], True]
    watched.stop()
    assert all(process.poll() is not None for process in processes.values())


def test_who_waits_for_a_gateway_hears_that_it_has_died(module: Path) -> None:
    watched = supervisor(module)
    watched.start("gateway", "fails")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        with pytest.raises(ProcessError, match="no luck"):
            wait_for(watched, f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_a_port_that_cannot_be_used() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        problem = port_problem("127.0.0.1", port)
    assert problem is not None
    assert problem.endswith(f"Choose another one: --port {port + 1}")
    assert port_problem("127.0.0.1", port) is None
    assert port_problem("127.0.0.1", 70_000) is not None
