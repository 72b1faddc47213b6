"""How help is laid out."""

from __future__ import annotations

import argparse
import os
import sys

_WIDTH = 98


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the examples, and knows its width.

    argparse makes formatters also when no help is asked for, and loads shutil to find the width.
    """

    def __init__(self, prog: str, **options: int) -> None:
        super().__init__(prog, **{"width": _width(), **options})


def _width() -> int:
    try:
        return min(_WIDTH, os.get_terminal_size(sys.stdout.fileno()).columns - 2)
    except (OSError, ValueError, AttributeError):
        return _WIDTH
