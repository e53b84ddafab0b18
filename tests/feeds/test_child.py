"""A child that ends with its parent."""

import subprocess
import sys

import pytest

from capsule.feeds.child import bound

PARENT = """
import subprocess, sys
from capsule.feeds.child import bound
child = subprocess.Popen(bound(sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"))
child.wait()
"""


def test_what_is_started_is_the_program_itself() -> None:
    done = subprocess.run(
        bound(sys.executable, "-c", "import sys; print(sys.argv[1:])", "a", "b c"),
        capture_output=True,
        text=True,
    )
    assert [done.stdout, done.returncode] == ["['a', 'b c']\n", 0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_it_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        parent.kill()
        # The child holds the other end of the pipe: it is read to its end when the child is gone, too.
        assert parent.stdout.read() == ""
