"""`# capsule: allow[CAP152] reason`: an exception to a rule, on the finding's line or alone on the line above.

It silences those codes for that one line. The reason is not optional, and an exception that is no longer needed is a
finding itself, so that none outlives its cause.
"""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from capsule.compiler.catalogue import RULES
from capsule.compiler.finding import Finding
from capsule.compiler.sources import Source

# What is compiled all the same: it does what the line says, or stops with an error if JavaScript ever comes there.
# For what the other rules refuse there is no JavaScript; to allow it would drop it in silence.
ALLOWABLE = frozenset({"CAP140", "CAP141", "CAP152", "CAP160", "CAP164"})

NO_REASON, UNUSED, NOT_ALLOWABLE, NOT_UNDERSTOOD = "CAP190", "CAP191", "CAP192", "CAP193"

COMMENT = re.compile(r"#\s*capsule:\s*allow\b(?P<rest>.*)")
REST = re.compile(r"\[\s*(?P<codes>CAP\d{3}(?:\s*,\s*CAP\d{3})*)\s*\]\s*(?P<reason>.*)")
NOT_CODE = frozenset(
    {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.NEWLINE}
)


@dataclass(frozen=True)
class Exemption:
    """One comment. `line` and `column` (from 1) are its own place, `target` the line that it is about."""

    line: int
    column: int
    target: int
    text: str
    codes: tuple[str, ...]
    reason: str


def exemptions(text: str) -> list[Exemption]:
    """The comments of a file that tokenizes. One with no codes is not understood."""
    if "capsule:" not in text:
        return []
    found: list[Exemption] = []
    alone: list[tokenize.TokenInfo] = []
    coded = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NOT_CODE:
            found.extend(_exemption(comment, token.start[0]) for comment in alone)
            alone.clear()
            coded = token.end[0]
        elif token.type == tokenize.COMMENT and COMMENT.match(token.string):
            if coded == token.start[0]:
                found.append(_exemption(token, coded))
            else:
                alone.append(token)
    return found


def _exemption(token: tokenize.TokenInfo, target: int) -> Exemption:
    line, column = token.start
    comment = COMMENT.match(token.string)
    assert comment is not None
    rest = REST.fullmatch(comment["rest"].strip())
    codes = tuple(code.strip() for code in rest["codes"].split(",")) if rest else ()
    return Exemption(line, column + 1, target, token.string, codes, rest["reason"] if rest else "")


def permitted(sources: Iterable[Source], findings: Sequence[Finding]) -> list[Finding]:
    """The findings without those that are allowed, and with what is wrong about the exceptions, in order of place.

    `findings` must be all that was found in these sources: an exception to none of them is unused.
    """
    result = set(findings)
    for source in sources:
        here = [finding for finding in findings if finding.path == source.shown]
        for exemption in exemptions(source.text):
            silenced = {f for f in here if f.line == exemption.target and f.code in _allowed(exemption)}
            result -= silenced
            result.update(_problems(source, exemption, {finding.code for finding in silenced}))
    return sorted(result)


def _allowed(exemption: Exemption) -> frozenset[str]:
    return ALLOWABLE.intersection(exemption.codes)


def _problems(source: Source, exemption: Exemption, used: set[str]) -> Iterator[Finding]:
    if not exemption.codes:
        yield _finding(NOT_UNDERSTOOD, source, exemption)
        return
    if not exemption.reason:
        yield _finding(NO_REASON, source, exemption)
    for code in exemption.codes:
        if code not in ALLOWABLE:
            yield _finding(NOT_ALLOWABLE, source, exemption, name=code, codes=", ".join(sorted(ALLOWABLE)))
        elif code not in used:
            yield _finding(UNUSED, source, exemption, name=code)


def _finding(code: str, source: Source, exemption: Exemption, **words: str) -> Finding:
    rule = RULES[code]
    return Finding(
        path=source.shown,
        line=exemption.line,
        column=exemption.column,
        code=code,
        message=rule.message.format(**words),
        fix=rule.fix.format(**words),
        why=rule.why,
        end=exemption.column + len(exemption.text),
        source=source.lines[exemption.line - 1],
    )
