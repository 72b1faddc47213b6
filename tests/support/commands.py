"""The command: in this process for tables of options, in one of its own where that matters."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from lambda_assets.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: object, cwd: Path | None = None) -> tuple[int, str, str]:
    """Run the command in this process; exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd or "."),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # of argparse
            code = int(error.code or 0)
    return code, out.getvalue(), err.getvalue()


def document(*arguments: object, code: int = 0, cwd: Path | None = None) -> dict[str, Any]:
    """Run the command with --json; the one document on stdout."""
    got, out, err = run(*arguments, "--json", cwd=cwd)
    assert got == code, err
    parsed: dict[str, Any] = json.loads(out)
    assert parsed["schema"] == 1
    return parsed


def process(
    *arguments: object, cwd: Path | None = None, **environment: str
) -> tuple[int, str, str]:
    """Run the command as a process; exit code, stdout, stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "lambda_assets", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout, done.stderr
