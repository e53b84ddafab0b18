"""The browser's driver under Node: by itself with a clock of its own, and as two pages on a real gateway."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from capsule.compiler.build import build

from .bang import bang
from .site import Site, site

HERE = Path(__file__).parent
MODELS = HERE.parents[1] / "examples" / "bang" / "models.py"
DRIVER = HERE.parents[1] / "capsule" / "compiler" / "js" / "driver.js"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the example's compiled models, with the driver in capsule.js."""
    out = tmp_path_factory.mktemp("compiled")
    build(MODELS, out)
    return out


def test_the_rules_of_connecting(compiled: Path) -> None:
    environment = {**os.environ, "CORE": str(compiled / "capsule.js")}
    command = ["node", "--no-warnings", "--test", str(HERE / "driver.test.mjs")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "# pass 0" not in done.stdout


def test_the_driver_is_small_and_patches_nothing() -> None:
    text = DRIVER.read_text()
    assert len(text.splitlines()) < 230
    assert "prototype" not in text
    assert not any(line.lstrip().startswith(("globalThis.", "window.")) for line in text.splitlines())


def cut(place: Site, user: str) -> None:
    for connection in list(place.gateway.connections):
        if connection.session.user == user:
            connection.outlet.abort()


def test_two_pages_survive_a_cut_and_the_end_of_their_gateway(url: str, compiled: Path) -> None:
    async def body() -> None:
        async with bang(url) as store, site(url) as first:
            port = first.server.port
            command = ["node", "--no-warnings", "--experimental-websocket", str(HERE / "driver_live.mjs")]
            pages = await asyncio.create_subprocess_exec(
                *command,
                str(compiled),
                first.url,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            assert pages.stdin is not None
            assert pages.stdout is not None
            assert pages.stderr is not None
            try:
                assert await pages.stdout.readline() == b"cut me\n", (await pages.stderr.read()).decode()
                cut(first, "ann")
                pages.stdin.write(b"cut\n")
                where = await pages.stdout.readline()
                assert where == b"restart the gateway\n", (await pages.stderr.read()).decode()
                first.server.should_exit = True
                pages.stdin.write(b"ending\n")
                while first.server.servers[0].sockets:
                    await asyncio.sleep(0.01)
                async with site(url, port=port) as second:
                    assert await pages.stdout.readline() == b"done\n", (await pages.stderr.read()).decode()
                    assert second.gateway.id != first.gateway.id != store.gateway.id
                assert await pages.wait() == 0
            finally:
                if pages.returncode is None:
                    pages.kill()
                    await pages.wait()

    asyncio.run(body())
