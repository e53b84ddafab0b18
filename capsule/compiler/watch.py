"""`capsule build --watch`: build again whenever a source changes, say how long it took, and never stop on a finding."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from capsule.compiler.errors import CompilerError, Refused
from capsule.compiler.finding import render, shown
from capsule.compiler.rebuild import Rebuild

# Seconds between two looks. One look is a few stat calls a folder (0.3 ms for an app beside the core's 50 files).
INTERVAL = 0.1

# (modified in ns, size) of each file.
Look = dict[Path, tuple[int, int]]


def look(files: Iterable[Path]) -> Look:
    """The Python files in the folders of these: a module that was missing may appear beside them."""
    found: Look = {}
    for folder in {path.parent for path in files}:
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue  # The folder is gone: its files are changed.
        for entry in entries:
            if entry.name.endswith(".py"):
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    continue  # An editor's own file, renamed since.
                found[Path(entry.path)] = (status.st_mtime_ns, status.st_size)
    return found


def changed(before: Look, after: Look) -> list[Path]:
    """The files that differ: written, new or gone."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def changes(files: Callable[[], Iterable[Path]], interval: float = INTERVAL) -> Iterator[list[Path]]:
    """Each set of changed files, once it has been quiet for an interval: editors write a file in several steps.

    What changes while the consumer is at work counts as the next change. `files` is asked again after each.
    """
    seen = look(files())
    while True:
        time.sleep(interval)
        now = look(files())
        if now == seen:
            continue
        while True:
            time.sleep(interval)
            later = look(files())
            if later == now:
                break
            now = later
        found = changed(seen, now)
        seen = now
        yield found


def watch(
    rebuild: Rebuild, built: Callable[[], str], say: Callable[[str], None], *, style: str = "text"
) -> None:
    """Build, and build again after each change, until KeyboardInterrupt.

    `built` says what a good build made; it may raise CompilerError as well. `say` gets each message, findings in
    `style`. The first build may fail as any other, but an entry that does not exist raises EntryNotFound.
    """
    attempt(rebuild, built, say, style, "built")
    for files in changes(lambda: rebuild.files):
        names = ", ".join(shown(path) for path in files)
        say(f"\n{time.strftime('%H:%M:%S')} {names} changed")
        attempt(rebuild, built, say, style, "rebuilt")


def attempt(
    rebuild: Rebuild, built: Callable[[], str], say: Callable[[str], None], style: str, done: str
) -> None:
    started = time.perf_counter()
    try:
        rebuild.run()
        text = built()
    except Refused as error:
        say(f"{render(error.findings, style)}\n\n{len(error.findings)} found; the last good build is kept.")
    except (CompilerError, OSError) as error:
        if not rebuild.files:
            raise
        say(f"{error}\nThe last good build is kept.")
    else:
        say(f"{text}\n{done} in {time.perf_counter() - started:.2f} s")
