"""`capsule build --watch`: build again whenever a source changes, say how long it took, and never stop on a finding."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

from capsule.compiler.errors import CompilerError, Refused
from capsule.compiler.finding import render, shown
from capsule.compiler.rebuild import Rebuild

# Seconds between two looks. One look is a few stat calls a folder (0.3 ms for an app beside the core's 50 files).
INTERVAL = 0.1

# (modified in ns, size) of each file.
Look = dict[Path, tuple[int, int]]


def look(folders: Iterable[Path]) -> Look:
    """The Python files in these folders: beside the sources, since a missing module may appear there."""
    found: Look = {}
    for folder in folders:
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


class Changes:
    """What changes in the folders of some files from now on, also while nobody waits."""

    def __init__(self, files: Iterable[Path], interval: float = INTERVAL) -> None:
        self.interval = interval
        self.folders: set[Path] = set()
        self.seen: Look = {}
        self.include(files)

    def include(self, files: Iterable[Path]) -> None:
        new = {path.parent for path in files} - self.folders
        self.folders |= new
        self.seen.update(look(new))

    def wait(self) -> list[Path]:
        """The files that changed, once all has been quiet for an interval: editors write a file in several steps."""
        while (now := look(self.folders)) == self.seen:
            time.sleep(self.interval)
        while True:
            time.sleep(self.interval)
            later = look(self.folders)
            if later == now:
                break
            now = later
        found = changed(self.seen, now)
        self.seen = now
        return found


def watch(
    rebuild: Rebuild, built: Callable[[], str], say: Callable[[str], None], *, style: str = "text"
) -> NoReturn:
    """Build, and build again after each change, until KeyboardInterrupt.

    `built` says what a good build made, and may raise CompilerError as a build does. `say` gets each message, with
    findings in `style`. Raises EntryNotFound if there is no entry at the start.
    """
    rebuild.read()
    changes = Changes(rebuild.files)
    attempt(rebuild, built, say, style, "built")
    while True:
        names = ", ".join(shown(path) for path in changes.wait())
        say(f"\n{time.strftime('%H:%M:%S')} {names} changed")
        attempt(rebuild, built, say, style, "rebuilt")
        changes.include(rebuild.files)


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
        say(f"{error}\nThe last good build is kept.")
    else:
        say(f"{text}\n{done} in {time.perf_counter() - started:.2f} s")
