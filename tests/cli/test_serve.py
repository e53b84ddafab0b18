"""`capsule serve`, as a process: it serves what a target makes, and ends gracefully."""

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from capsule.cli import serve
from capsule.cli.main import main
from tests.server.site import PATIENT

APP = """
from capsule.server import Gateway, GatewayApp

def who(handshake):
    return handshake.query.get("as")

def gateway(cap):
    return Gateway(cap, authenticate=who, authorize=lambda user, scope: True)

async def application(cap):
    return GatewayApp(gateway(cap))

nothing = 1
"""


@pytest.mark.parametrize("target", ["gateway", "application"])
def test_it_serves_until_sigterm_and_drains(target: str, url: str, tmp_path: Path) -> None:
    (tmp_path / "served.py").write_text(APP)
    command = [
        sys.executable,
        "-m",
        "capsule.cli.main",
        "serve",
        f"served:{target}",
        "--port",
        "0",
        "--redis",
        url,
    ]
    process = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": ""}
    )

    async def talk(port: str) -> None:
        async with connect(f"ws://127.0.0.1:{port}/?as=ann", compression=None, **PATIENT) as socket:
            await socket.send('{"verb":"hello","protocol":1,"client":"client01"}')
            assert json.loads(await socket.recv())["user"] == "ann"
            process.send_signal(signal.SIGTERM)
            assert json.loads(await socket.recv())["verb"] == "drain"
        assert await asyncio.to_thread(process.wait, 120) in (0, -signal.SIGTERM)

    too_long = threading.Timer(180, process.kill)
    too_long.start()
    try:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                asyncio.run(talk(found[1]))
                break
        else:
            raise AssertionError(said)
    finally:
        too_long.cancel()
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("served", "a target is module:function"),
        ("no.such.module:app", "No module named"),
        ("json:nothing", "has no attribute"),
        ("json:__name__", "is not a function"),
    ],
)
def test_a_wrong_target_is_told_in_one_line(
    target: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", target]) == 2
    assert reason in capsys.readouterr().err


def test_its_help_has_an_example() -> None:
    parser = argparse.ArgumentParser()
    serve.configure(parser)
    assert "example: capsule serve" in str(parser.epilog)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1:9100", ("127.0.0.1", 9100)), ("9100", ("127.0.0.1", 9100)), ("[::1]:0", ("::1", 0))],
)
def test_an_address_is_host_and_port(text: str, expected: tuple[str, int]) -> None:
    assert serve.address(text) == expected


@pytest.mark.parametrize("text", ["", "here", "here:", "127.0.0.1:70000", "127.0.0.1:-1"])
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not HOST:PORT"):
        serve.address(text)
