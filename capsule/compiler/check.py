"""What check and build begin with: the modules of one program, lowered, with everything that is refused in them."""

import ast

from capsule.compiler.catalogue import RULES
from capsule.compiler.finding import Finding, shown
from capsule.compiler.index import Index
from capsule.compiler.lower import ModuleLowering, lower
from capsule.compiler.lower_plain import PLAIN, PlainLowering
from capsule.compiler.sources import Sources
from capsule.compiler.trust import Trust


def check_sources(sources: Sources) -> list[Finding]:
    """What can be said before lowering: files that are no Python."""
    findings = []
    for path, error in sources.broken:
        rule = RULES["CAP100"]
        line = error.lineno or 1
        text = (error.text or "").rstrip("\n")
        message = rule.message.format(problem=error.msg)
        column = error.offset or 1
        # Where the error ends on another line, it is shown by its first character.
        end = max(error.end_offset or 0, column + 1) if error.end_lineno in (line, None) else column + 1
        findings.append(
            Finding(shown(path), line, column, rule.code, message, rule.fix, rule.why, end, source=text)
        )
    return findings


def lower_all(sources: Sources, index: Index) -> tuple[dict[str, ast.Module], list[Finding]]:
    """Every module's lowered tree, and every finding."""
    trees: dict[str, ast.Module] = {}
    findings: list[Finding] = []
    core = Index(sources.of_core())
    trust = Trust(core)
    for source in sources:
        if source.core:
            how = PlainLowering if source.name in PLAIN else ModuleLowering
            tree, found = lower(source, core, trust, how)
        else:
            tree, found = lower(source, index)
        trees[source.name] = tree
        findings.extend(found)
    return trees, sorted(findings)
