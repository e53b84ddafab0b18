"""What can go wrong in a build. Every one of them is a CompilerError."""

from collections.abc import Sequence

from capsule.compiler.finding import Finding, render


class CompilerError(Exception):
    """The root of the compiler's exceptions."""


class Refused(CompilerError):  # noqa: N818
    """The sources hold what would not be the same in JavaScript. `findings` say what, where, why, and the fix."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(render(findings))
        self.findings = list(findings)


class EntryNotFound(CompilerError):  # noqa: N818
    """The file or module to build does not exist."""


class TranscryptMissing(CompilerError):  # noqa: N818
    """Transcrypt is not installed, or is another version than the one this compiler extends."""


class GenerationFailed(CompilerError):  # noqa: N818
    """Transcrypt stopped on a program that `check` let pass: a defect of capsule, worth a report."""
