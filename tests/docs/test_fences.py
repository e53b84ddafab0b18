"""Every code fence in the README and in docs/ is executed.

Python fences of one page share a namespace, in order; `await` may stand at the top, and `cap` is a connection to an
embedded server. JavaScript runs in Node beside the models compiled from that page's Python. JSON must parse. Shell
commands must be ones that other tests run. Fences without a language are pictures.
"""

import ast
import asyncio
import inspect
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from capsule.compiler.build import build
from capsule.feeds import Capsule

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("examples/*/README.md"),
    ]
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = ("scripts/demo", "scripts/test", "scripts/bench", "capsule ")


def fences(page: Path, language: str) -> list[str]:
    return [code for name, code in FENCE.findall(page.read_text()) if name == language]


def pages_with(language: str) -> list[Any]:
    return [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES if fences(page, language)]


def test_only_languages_that_are_executed_here_are_used() -> None:
    used = {name for page in PAGES for name, _ in FENCE.findall(page.read_text())}
    assert used <= {"", "python", "js", "json", "sh"}


@pytest.mark.parametrize("page", pages_with("python"))
def test_python(page: Path, tmp_path: Path) -> None:
    asyncio.run(run_page(fences(page, "python"), tmp_path))


async def run_page(codes: list[str], tmp_path: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "page"}
    if any(re.search(r"\bcap\.", code) for code in codes):
        namespace["cap"] = await Capsule.connect(data_dir=tmp_path)
    try:
        for code in codes:
            compiled = compile(code, "<fence>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            answer = eval(compiled, namespace)
            if inspect.iscoroutine(answer):
                await answer
    finally:
        if "cap" in namespace:
            await namespace["cap"].close()


@pytest.mark.parametrize("page", pages_with("js"))
def test_javascript(page: Path, tmp_path: Path) -> None:
    models = "".join(
        re.split(r"^\w+ = \w+\(", code, maxsplit=1, flags=re.MULTILINE)[0] for code in fences(page, "python")
    )
    (tmp_path / "models.py").write_text(models)
    build(tmp_path / "models.py", tmp_path / "dist")
    (tmp_path / "page.mjs").write_text("\n".join(fences(page, "js")))
    done = subprocess.run(
        ["node", "page.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", pages_with("json"))
def test_json(page: Path) -> None:
    for code in fences(page, "json"):
        for line in code.splitlines() if code.count("\n{") else [code]:
            json.loads(line)


@pytest.mark.parametrize("page", pages_with("sh"))
def test_shell_commands_are_run_by_tests(page: Path) -> None:
    for line in "\n".join(fences(page, "sh")).splitlines():
        assert line.startswith((*COMMANDS, "#")) or not line, line
