"""What a rule says about a node of a source."""

import ast
from typing import Any

from capsule.compiler.catalogue import RULES
from capsule.compiler.finding import Finding
from capsule.compiler.sources import Source


def finding(source: Source, code: str, node: ast.AST, **words: Any) -> Finding:
    """`words` fill the braces of the rule's message and fix."""
    rule = RULES[code]
    line = getattr(node, "lineno", 1)
    column = getattr(node, "col_offset", 0)
    text = source.lines[line - 1] if line <= len(source.lines) else ""
    # ast counts UTF-8 bytes.
    start = len(text.encode()[:column].decode(errors="ignore"))
    end = getattr(node, "end_col_offset", None)
    same = getattr(node, "end_lineno", line) == line
    stop = len(text.encode()[:end].decode(errors="ignore")) if end is not None and same else len(text)
    return Finding(
        path=source.shown,
        line=line,
        column=start + 1,
        code=code,
        message=rule.message.format(**words),
        fix=rule.fix.format(**words),
        why=rule.why,
        end=stop + 1,
        source=text,
    )


class Refusals:
    """What the rules about one module found so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []

    def refuse(self, code: str, node: ast.AST, **words: str) -> None:
        self.findings.append(finding(self.source, code, node, **words))
