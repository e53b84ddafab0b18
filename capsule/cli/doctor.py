"""`capsule doctor`: is what capsule needs here, and is the server fit to hold data? Each finding says what to do."""

import argparse
import asyncio
import platform
import re
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Literal

from capsule.cli.options import add_json, add_store, answer
from capsule.compiler.bundle import BundleError, esbuild
from capsule.compiler.errors import TranscryptMissing
from capsule.compiler.transcrypt_driver import check_version
from capsule.feeds import Capsule, CapsuleError, handshake, keys
from capsule.feeds.errors import ServerError
from capsule.feeds.node import Node
from capsule.worker.worker import QUEUE

NAME = "doctor"
HELP = "check this machine and the server, and say what to do"
EXAMPLE = """A line begins with ok, note (worth knowing) or bad (will not work, or may lose data).

examples:
  capsule doctor
  capsule doctor --redis redis://db.internal:6379 --json"""

NODE_AT_LEAST = 20
CLOCK_SECONDS = 2.0  # leases and stamps are in the server's time; a log that is off misleads its readers
NEARLY_FULL = 0.8

State = Literal["ok", "note", "bad"]


@dataclass(frozen=True)
class Finding:
    """`what` was looked at, and how it is; `fix`, if there is something to do."""

    state: State
    what: str
    says: str
    fix: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument("--queue", default=QUEUE, help="the queue to look at (default: %(default)s)")
    add_store(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """0: nothing is bad. 1: something is."""
    findings = [python(), transcrypt(), node(), bundler(), *asyncio.run(store(options))]
    lines: list[str] = []
    for each in findings:
        lines.append(f"{each.state:5} {each.what:14} {each.says}")
        if each.fix:
            lines.append(f"{'':20} {each.fix}")
    answer(options, [asdict(each) for each in findings], lines)
    return int(any(each.state == "bad" for each in findings))


# -- this machine


def python() -> Finding:
    return Finding("ok", "python", f"{platform.python_version()}, capsule {version('capsule')}")


def transcrypt() -> Finding:
    try:
        check_version()
    except TranscryptMissing as error:
        return Finding("bad", "transcrypt", "`capsule build` cannot run here.", str(error))
    return Finding("ok", "transcrypt", version("transcrypt"))


def node() -> Finding:
    path = shutil.which("node")
    if path is None:
        return Finding(
            "note",
            "node",
            "not found: needed for bundles, and by `pytest --capsule-parity`.",
            f"Install Node {NODE_AT_LEAST} or newer; servers and workers do without.",
        )
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = re.match(r"v(\d+)", said)
    if major is None or int(major[1]) < NODE_AT_LEAST:
        return Finding(
            "note",
            "node",
            f"{said or path} is too old to run the tests' JavaScript.",
            f"Install Node {NODE_AT_LEAST} or newer.",
        )
    return Finding("ok", "node", said)


def bundler() -> Finding:
    try:
        command = esbuild()
    except BundleError as error:
        return Finding("note", "esbuild", "not found: `capsule build --bundle` needs it.", str(error))
    return Finding("ok", "esbuild", command[-1])


# -- the server


async def store(options: argparse.Namespace) -> list[Finding]:
    try:
        cap = await Capsule.connect(options.redis, data_dir=options.data)
    except CapsuleError as error:
        return [Finding("bad", "server", f"{type(error).__name__}: {error}")]
    try:
        findings = [
            Finding("ok", "server", "embedded" if cap.server is not None else "answers, and is new enough")
        ]
        for each in cap.store.nodes():
            findings += await examine(each)
        findings.append(await contract(cap))
        findings.append(await queue(cap, options.queue))
        return findings
    finally:
        await cap.close()


async def examine(node: Node) -> list[Finding]:
    """One server: how far it is, and how it keeps what it is given."""
    command = node.connection.command
    name = str(node.where)
    begun = time.perf_counter()
    seconds, micros = await command("TIME")
    took = time.perf_counter() - begun
    ahead = int(seconds) + int(micros) / 1e6 - time.time()
    info = fields(await command("INFO", "everything"))
    product = "valkey" if "valkey_version" in info else "redis"
    found = [Finding("ok", name, f"{product} {info[f'{product}_version']}, {took * 1000:.1f} ms away")]
    if abs(ahead) > CLOCK_SECONDS:
        found.append(
            Finding(
                "note",
                name,
                f"its clock is {ahead:+.1f} s from ours.",
                "Run a time service (chrony, systemd-timesyncd) on both.",
            )
        )
    for setting, good, why in handshake.SETTINGS:
        try:
            reply = await command("CONFIG", "GET", setting)
        except ServerError:
            found.append(
                Finding("note", name, f"does not show {setting}.", f"It should be {good.decode()}: {why}.")
            )
            continue
        value = reply[1].decode() if len(reply) == 2 else ""
        if value == good.decode():
            found.append(Finding("ok", name, f"{setting} {value}"))
        else:
            found.append(
                Finding("bad", name, f"{setting} is {value}: {why}.", f"CONFIG SET {setting} {good.decode()}")
            )
    found.append(memory(name, info))
    for what, status in (
        ("aof_last_write_status", "append-only file"),
        ("rdb_last_bgsave_status", "snapshot"),
    ):
        if info.get(what, "ok") != "ok":
            found.append(
                Finding(
                    "bad", name, f"its last write of the {status} failed.", "See its log; is the disk full?"
                )
            )
    return found


def fields(info: bytes) -> dict[str, str]:
    return dict(line.split(":", 1) for line in info.decode(errors="replace").splitlines() if ":" in line)


def memory(name: str, info: dict[str, str]) -> Finding:
    used, most = int(info["used_memory"]), int(info.get("maxmemory", "0"))
    says = f"{used / 2**20:,.1f} MiB in use"
    if most == 0:
        return Finding("ok", name, f"{says}, no limit")
    says += f" of {most / 2**20:,.1f}"
    if used < NEARLY_FULL * most:
        return Finding("ok", name, says)
    return Finding(
        "note", name, f"{says}: commits are refused when it is full.", "Raise maxmemory, or shard."
    )


async def contract(cap: Capsule) -> Finding:
    """Connecting has refused what does not fit: what is left is to say what is there."""
    minor = await cap.at(keys.CONTRACT).command("HGET", keys.CONTRACT, "minor")
    return Finding("ok", "contract", f"{keys.MAJOR}.{int(minor or 0)}")


async def queue(cap: Capsule, name: str) -> Finding:
    """Whether somebody works, and whether something died."""
    numbers: Counter[str] = Counter()
    for part in await cap.partitions(name).parts():
        numbers.update(await part.stats())
    says = f"{numbers['waiting']:,} waiting, {numbers['active']:,} active, {numbers['dead']:,} dead"
    if numbers["waiting"] and not numbers["claims"]:
        return Finding("note", name, f"{says}; nobody has claimed any.", "Is `capsule worker` running?")
    if numbers["dead"]:
        return Finding("note", name, says, f"See them: capsule jobs list dead --queue {name}")
    return Finding("ok", name, says)
