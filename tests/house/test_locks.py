"""npm's lock files: `npm ci` refuses one that lacks a package, and says so only where it lacks it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = [ROOT / "benchmarks" / "package-lock.json", ROOT / "js_build" / "package-lock.json"]


def places(path: str, name: str) -> Iterator[str]:
    """Where Node looks for a package that the one at `path` asks for: beside it, then upwards."""
    parts = path.split("/node_modules/") if path else []
    for count in range(len(parts), -1, -1):
        above = "/node_modules/".join(parts[:count])
        yield f"{above}/node_modules/{name}" if above else f"node_modules/{name}"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_every_package_that_is_asked_for_is_locked(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    missing = [
        f"{name} of {path or 'the project'}"
        for path, package in packages.items()
        for kind in ("dependencies", "devDependencies", "optionalDependencies")
        for name in package.get(kind, {})
        if not any(place in packages for place in places(path, name))
    ]
    assert missing == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_no_registry_is_named(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    assert [path for path, package in packages.items() if "resolved" in package] == []
