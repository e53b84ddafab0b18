"""`capsule check`: everything that would not be the same in JavaScript, found before anything is built."""

import ast
from collections.abc import Iterable
from pathlib import Path

from capsule.compiler.allow import permitted
from capsule.compiler.catalogue import RULES
from capsule.compiler.finding import Finding, shown
from capsule.compiler.index import Index
from capsule.compiler.lower import lower
from capsule.compiler.sources import Sources, load
from capsule.compiler.trust import Trust


def check(paths: Iterable[Path | str]) -> list[Finding]:
    """The findings in these files (folders are searched for .py files), with what they import of shared code."""
    found: set[Finding] = set()
    for path in paths:
        for file in python_files(path):
            sources = load(file, core=False)
            found.update(check_sources(sources))
            if not sources.broken:
                found.update(permitted(sources, lower_all(sources, Index(sources))[1]))
    return sorted(found)


def python_files(path: Path | str) -> list[Path | str]:
    if Path(path).is_dir():
        return sorted(file for file in Path(path).rglob("*.py"))
    return [path]


def check_sources(sources: Sources) -> list[Finding]:
    """What can be said before lowering: files that are no Python."""
    findings = []
    for path, error in sources.broken:
        rule = RULES["CAP100"]
        line = error.lineno or 1
        text = (error.text or "").rstrip("\n")
        message = rule.message.format(problem=error.msg)
        findings.append(
            Finding(shown(path), line, error.offset or 1, rule.code, message, rule.fix, rule.why, source=text)
        )
    return findings


def lower_all(sources: Sources, index: Index) -> tuple[dict[str, ast.Module], list[Finding]]:
    """Every module's lowered tree, and every finding."""
    trees: dict[str, ast.Module] = {}
    findings: list[Finding] = []
    core = Index(sources.of_core())
    trust = Trust(core)
    for source in sources:
        tree, found = lower(source, core, trust) if source.core else lower(source, index)
        trees[source.name] = tree
        findings.extend(found)
    return trees, sorted(findings)
