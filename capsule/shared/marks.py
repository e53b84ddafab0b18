"""Values that mean something by being themselves. A part of the seam's CPython half."""

from typing import Any

# The largest integer that JavaScript holds exactly.
MOST_INTEGER = 9007199254740991

# What `raw` answers for a key that is not there, as opposed to one whose value is None.
MISSING: Any = object()

# What `write` answers when nothing changed.
SAME: Any = object()
