"""What the exit codes of the command mean; a test compares them with the documentation."""

from __future__ import annotations

DONE = 0
"""Done."""

FAILED = 1
"""Failed: a message on stderr says why."""

USAGE = 2
"""The command line, or a variable of the environment, is wrong."""

DIFFERENT = 3
"""Done, and the answer is "different" or "there are findings"."""

INTERRUPTED = 130
"""Interrupted with Ctrl-C."""

PIPE_CLOSED = 141
"""Whoever read the output stopped reading."""
