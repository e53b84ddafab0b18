"""Every code fence in the README and in docs/ is executed.

Python fences of one page share a namespace, in order; `await` may stand at the top, and `cap` is a connection to an
embedded server. A `python bad` fence is refused by `capsule check` with the code that its page's title names, a
`python good` one is accepted; a line `# name.py` in them begins the file that the lines before it import. JavaScript
runs in Node beside the models compiled from the page's Python above it. JSON must parse. Shell commands must be ones
that other tests run. Fences without a language are pictures.
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
from capsule.compiler.finding import Finding
from capsule.compiler.survey import survey
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
FENCE = re.compile(r"^```(\w*(?: \w+)?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r"# (CAP\d{3}): ")
COMMANDS = ("scripts/demo", "scripts/test", "scripts/bench", "capsule ")


def fences(page: Path, language: str) -> list[str]:
    return [code for name, code in FENCE.findall(page.read_text()) if name == language]


def pages_with(language: str) -> list[Any]:
    return [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES if fences(page, language)]


def test_only_languages_that_are_executed_here_are_used() -> None:
    used = {name for page in PAGES for name, _ in FENCE.findall(page.read_text())}
    assert used <= {"", "python", "python bad", "python good", "js", "json", "sh"}


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


@pytest.mark.parametrize("page", pages_with("python bad"))
def test_what_is_called_bad_is_refused_with_the_code_of_the_page(page: Path, tmp_path: Path) -> None:
    title = TITLE.match(page.read_text())
    assert title is not None
    for code in fences(page, "python bad"):
        assert {finding.code for finding in check(code, tmp_path)} == {title[1]}


@pytest.mark.parametrize("page", pages_with("python good"))
def test_what_is_called_good_is_accepted(page: Path, tmp_path: Path) -> None:
    for code in fences(page, "python good"):
        assert check(code, tmp_path) == []


def check(code: str, folder: Path) -> list[Finding]:
    entry, *rest = re.split(r"^# (\w+\.py)\n", code, flags=re.MULTILINE)
    for name, text in zip(["example.py", *rest[::2]], [entry, *rest[1::2]], strict=True):
        (folder / name).write_text(text)
    return survey([folder / "example.py"]).findings


@pytest.mark.parametrize("page", pages_with("js"))
def test_javascript(page: Path, tmp_path: Path) -> None:
    above = page.read_text().split("```js\n")[0]
    models = "".join(
        re.split(r"^\w+ = \w+\(", code, maxsplit=1, flags=re.MULTILINE)[0]
        for name, code in FENCE.findall(above)
        if name == "python"
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
