"""`capsule demo`: the &bang example with all its processes, from one command to one URL."""

import argparse
import fcntl
import os
import secrets
import shutil
from pathlib import Path

from capsule.cli.options import complain
from capsule.cli.supervisor import ProcessError, Supervisor, port_problem, wait_for
from capsule.compiler.bundle import BundleError, esbuild
from capsule.feeds import embedded

NAME = "demo"
HELP = "run the &bang example: server, worker, gateway and bots"

APP = "examples.bang"
MODELS = Path("examples/bang/models.py")
HOST = "127.0.0.1"
DATA = Path(".capsule")
LOCK = "demo.lock"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: capsule demo --port 8020"
    parser.add_argument(
        "--port", type=int, default=8020, help="where the page is served (default: %(default)s)"
    )
    parser.add_argument("--no-bots", action="store_true", help="a quiet team: nobody works but you")
    parser.add_argument(
        "--fresh", action="store_true", help="forget what was kept, and begin with a new team"
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="what is kept (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM (0), or until one of the processes ends (1)."""
    args.data.mkdir(parents=True, exist_ok=True)
    with (args.data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return complain(
                NAME,
                f"another demo runs with the data in {args.data}. Stop it, or name other data: --data DIR",
            )
        if problem := problem_with(args):
            return complain(NAME, problem)
        if args.fresh:
            forget(args.data)
        return supervise(args)


def problem_with(args: argparse.Namespace) -> str | None:
    """Why the demo cannot run here, in a sentence, or None."""
    if not MODELS.is_file():
        return f"the example is part of the repository. Run this in a checkout, where {MODELS} is."
    if args.fresh and os.environ.get("REDIS_URL"):
        return "--fresh empties the embedded store. REDIS_URL names your own server: empty that one yourself."
    if args.fresh and store_runs(args.data):
        return (
            f"--fresh would empty a store that is in use: something else runs with the data in {args.data}."
        )
    return port_problem(HOST, args.port)


def store_runs(data: Path) -> bool:
    """Whether an embedded server lives on this data: it holds its lock for as long as it does."""
    with (data / "server.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def forget(data: Path) -> None:
    """Remove what was kept, but for the lock that this demo holds."""
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def supervise(args: argparse.Namespace) -> int:
    supervisor = Supervisor(args.data / "logs", environment(args.data))
    supervisor.obey_signals()
    store: embedded.Server | None = None
    try:
        if "REDIS_URL" not in os.environ:
            store = embedded.ensure(args.data)
            supervisor.environment["REDIS_URL"] = store.url
            tell("store", f"embedded Valkey, data in {args.data}")
        else:
            tell("store", "the server that REDIS_URL names")
        start(supervisor, args)
        while True:
            supervisor.check()
            supervisor.wait(0.2)
    except KeyboardInterrupt:
        print("\n  Stopping...", flush=True)
        return 0
    except ProcessError as death:
        return complain(NAME, str(death))
    finally:
        supervisor.stop()
        if store is not None:
            store.stop()


def bundled() -> list[str]:
    """The page loads one file instead of seventy, where esbuild is installed."""
    try:
        esbuild()
    except BundleError:
        return []
    return ["--bundle"]


def start(supervisor: Supervisor, args: argparse.Namespace) -> None:
    """Start everything, in the order in which one needs the other."""
    build = ("capsule.cli.main", "build", str(MODELS), "-o", str(MODELS.parent / "dist"))
    supervisor.finish("build", *build, *bundled())
    tell("models", f"{MODELS} compiled to {MODELS.parent / 'dist'}")
    tell("team", supervisor.finish("seed", f"{APP}.seed"))
    supervisor.start("worker", "capsule.cli.main", "worker", f"{APP}.models")
    tell("worker", "running")
    address = f"http://{HOST}:{args.port}"
    supervisor.start("gateway", f"{APP}.server", "--host", HOST, "--port", str(args.port))
    wait_for(supervisor, f"{address}/login")
    tell("gateway", "running")
    if not args.no_bots:
        supervisor.start("bots", f"{APP}.bots", address)
        tell("bots", "at work (--no-bots for a quiet team)")
    print(
        f"\n  &bang is at  {address}\n\n"
        "  Open it in two browsers, or in one and a private window, as two people.\n"
        f"  Ctrl-C stops everything. The team is kept in {args.data}/ (--fresh begins a new one).",
        flush=True,
    )


def environment(data: Path) -> dict[str, str]:
    """What the processes share: the path, and the key that signs login cookies (kept, so that logins are)."""
    key = data / "cookie.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32))
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
        "BANG_COOKIE_KEY": key.read_text(),
    }


def tell(what: str, sentence: str) -> None:
    print(f"  {what:<9} {sentence}", flush=True)
