"""What `pytest --capsule-parity` runs for one file of models."""

from typing import Any

import pytest

from capsule.compiler.errors import CompilerError
from capsule.compiler.parity.comparison import Difference, check_parity
from capsule.compiler.parity.subject import SubjectError


class ParityItem(pytest.Item):
    def __init__(self, *, models: str, **given: Any) -> None:
        super().__init__(**given)
        self.models = models

    def runtest(self) -> None:
        check_parity(self.models, examples=self.config.getoption("--capsule-parity-examples"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The counter-example or the findings speak for themselves; where our own code raised them does not matter."""
        if isinstance(excinfo.value, Difference | CompilerError | SubjectError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        return self.models, None, self.name
