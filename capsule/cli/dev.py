"""`capsule dev`: an app while one works on it: store, build, worker and server, begun again when a file changes."""

import argparse
import os
import secrets
from pathlib import Path
from typing import NoReturn

from capsule.cli.options import complain
from capsule.cli.supervisor import Supervisor, port_problem
from capsule.compiler.watch import changed, look
from capsule.feeds import embedded

NAME = "dev"
HELP = "run an app while you work on it: builds, and begins again, at each change"
EXAMPLE = """FOLDER holds models.py, and server.py with a function app(cap), as `capsule new`
makes them. Models are compiled to FOLDER/dist; what differs in JavaScript is
printed. A change of a .py file begins worker and server again; pages keep their
state, and reconnect.

examples:
  capsule dev
  capsule dev board --port 9000 --jobs jobs"""

HOST = "127.0.0.1"
INTERVAL = 0.2
APART = frozenset({"dist", "node_modules", "tests"})


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLE
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="the app (default: where you are)",
    )
    parser.add_argument("--port", type=int, default=8000, help="where the page is (default: %(default)s)")
    parser.add_argument("--models", default="models", metavar="MODULE", help="default: %(default)s")
    parser.add_argument("--server", default="server:app", metavar="TARGET", help="default: %(default)s")
    parser.add_argument("--jobs", metavar="MODULE", help="a module with custom jobs: worker = Workshop()")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="what is kept (default: .capsule in the folder)"
    )


def run(options: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM (0); 1 when it cannot begin."""
    folder: Path = options.folder.resolve()
    models = folder / (options.models.replace(".", os.sep) + ".py")
    if not models.is_file():
        return complain(NAME, f"there is no {models}. `capsule new FOLDER` makes a first app.")
    if problem := port_problem(HOST, options.port):
        return complain(NAME, problem)
    data: Path = (options.data or folder / ".capsule").resolve()
    os.chdir(folder)
    data.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(None, environment(folder, data))
    supervisor.obey_signals()
    store: embedded.Server | None = None
    try:
        if "REDIS_URL" not in os.environ:
            store = embedded.ensure(data)
            supervisor.environment["REDIS_URL"] = store.url
        # Its own process: it watches more than this folder, and says what it finds.
        supervisor.start("build", "capsule.cli.main", "build", str(models), "-o", "dist", "--watch")
        work(supervisor, folder, options)
    except KeyboardInterrupt:
        return 0
    finally:
        supervisor.stop()
        if store is not None:
            store.stop()


def work(supervisor: Supervisor, folder: Path, options: argparse.Namespace) -> NoReturn:
    """Until KeyboardInterrupt. A process that ends is told, and begun again with the next change."""
    jobs = ["--jobs", options.jobs] if options.jobs else []
    cli = "capsule.cli.main"
    while not (folder / "dist" / "main.js").is_file():
        report(supervisor)  # the first build has to be made, or its findings corrected
    seen = look(folders(folder))
    while True:
        supervisor.start("worker", cli, "worker", options.models, *jobs, "--log-level", "WARNING")
        supervisor.start(
            "server", cli, "serve", options.server, "--port", str(options.port), "--log-level", "WARNING"
        )
        told = False
        while True:
            report(supervisor)
            if not told and port_problem(HOST, options.port) is not None:
                told = True  # somebody listens
                say(f"http://{HOST}:{options.port}   Ctrl-C stops it.")
            now = look(folders(folder))
            files = changed(seen, now)
            seen = now
            if files and not any(is_broken(path, folder) for path in files):
                break
        say(f"{', '.join(str(path.relative_to(folder)) for path in files)} changed")
        supervisor.stop("worker", "server")


def report(supervisor: Supervisor) -> None:
    """A moment's wait; then what has ended meanwhile."""
    supervisor.wait(INTERVAL)
    for obituary in supervisor.ended():
        say(f"{obituary} It begins again when a file changes.")


def is_broken(path: Path, folder: Path) -> bool:
    """Whether a file cannot even be read as Python: what runs goes on with what it has."""
    try:
        compile(path.read_bytes(), path, "exec")
    except FileNotFoundError:
        return False
    except (SyntaxError, ValueError) as error:
        say(f"{path.relative_to(folder)}: {error}. What runs goes on.")
        return True
    return False


def folders(folder: Path) -> list[Path]:
    """Those with the app's Python files, but for its tests."""
    found = [folder]
    for path, names, _ in os.walk(folder):
        names[:] = [name for name in names if name not in APART and not name.startswith((".", "_"))]
        found += [Path(path, name) for name in names]
    return found


def environment(folder: Path, data: Path) -> dict[str, str]:
    """Ours, the app's folder to import from, and a SECRET_KEY that is kept, so that logins are."""
    key = data / "secret.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_hex(32))
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    return {"SECRET_KEY": key.read_text(), **os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def say(sentence: str) -> None:
    print(f"capsule dev: {sentence}", flush=True)
