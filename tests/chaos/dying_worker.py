"""A worker that is killed at the worst moment: python -m tests.chaos.dying_worker before-commit|after-commit."""

import os
import signal
import sys
from typing import Any

from capsule.cli.main import main
from capsule.feeds.scope import Scope

moment = sys.argv[1]
commit = Scope.commit


async def deadly(self: Scope, *args: Any, **options: Any) -> Any:
    if moment == "after-commit":
        await commit(self, *args, **options)
    os.kill(os.getpid(), signal.SIGKILL)


Scope.commit = deadly  # type: ignore[method-assign]
sys.exit(main(["worker", "examples.bang.models"]))
