"""Processes that end with the one that started them, also when it is killed."""

import os
import sys

# Run in the child before it becomes what it is to be: ask Linux for a SIGTERM when the parent goes, and go at once if
# it went in between. Not a preexec_fn, which may deadlock in a process that has threads.
_BIND = (
    "import ctypes, os, sys\n"
    "if sys.platform == 'linux': ctypes.CDLL(None).prctl(1, 15)\n"
    "if os.getppid() != int(sys.argv[1]): sys.exit(1)\n"
    "os.execv(sys.argv[2], sys.argv[2:])\n"
)


def bound(*command: str) -> list[str]:
    """The arguments for Popen that start a program (by its path) and bind it to the *thread* that starts it: let that
    be the main one. On macOS it is not bound.
    """
    return [sys.executable, "-I", "-S", "-c", _BIND, str(os.getpid()), *command]
