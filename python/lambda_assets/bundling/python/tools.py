"""uv, pip and poetry: finding them and running them. The only place of the bundler that starts processes."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import lru_cache

from lambda_assets.errors import OptionError, PythonBundlingError, PythonToolError
from lambda_assets.settings import environment_for_installers

TOOLS = ("auto", "uv", "pip")
"""What may be asked for."""

_SECRET = re.compile(r"(://)[^/\s@]+@")
_SHOWN_LINES = 15


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that installs packages.

    Attributes:
        name: ``uv`` or ``pip``.
        command: The words that start it.
        version: Its version.
    """

    name: str
    command: tuple[str, ...]
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def find(choice: str) -> Tool:
    """The tool to use: for ``auto`` uv if there is one, else pip.

    Args:
        choice: One of :data:`TOOLS`.

    Raises:
        OptionError: Another text.
        PythonToolError: It is not installed.
    """
    if choice not in TOOLS:
        raise OptionError(f"unknown tool {choice!r}").with_hint("use " + ", ".join(TOOLS))
    found = (uv() if choice in {"auto", "uv"} else None) or (
        pip() if choice in {"auto", "pip"} else None
    )
    if found is None:
        missing = (
            "neither uv nor pip is installed" if choice == "auto" else f"{choice} is not installed"
        )
        name = "uv" if choice == "auto" else choice
        raise PythonToolError(f"{missing} here, and Python dependencies need it").with_hint(
            f"install it beside lambda-assets, such as with `python -m {'ensurepip' if name == 'pip' else 'pip install uv'}`"
        )
    return found


def uv() -> Tool | None:
    """The uv on the path or beside this Python, None if there is none."""
    place = shutil.which("uv") or shutil.which("uv", path=sysconfig.get_path("scripts"))
    return _uv(place) if place else None


def pip() -> Tool | None:
    """The pip of this Python, or the one on the path, None if there is none."""
    if importlib.util.find_spec("pip") is not None:
        return Tool("pip", (sys.executable, "-m", "pip"), importlib.metadata.version("pip"))
    place = shutil.which("pip") or shutil.which("pip3")
    return _pip(place) if place else None


def run(command: tuple[str, ...], directory: str, doing: str) -> str:
    """Run a program to its end.

    Args:
        command: Its words.
        directory: Where it runs: projects configure their package indexes in files beside them.
        doing: What it does, for messages.

    Returns:
        What it wrote to stdout.

    Raises:
        PythonBundlingError: It failed; the message ends with what it said, without passwords of addresses.
    """
    try:
        done = subprocess.run(  # noqa: S603  a tool that was looked up, without a shell
            command,
            cwd=directory,
            env=environment_for_installers(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise PythonBundlingError(
            f"{doing}: can't start {command[0]!r}: {error.strerror}"
        ) from None
    if done.returncode:
        said = _SECRET.sub(r"\1***@", done.stderr.strip() or done.stdout.strip()).splitlines()
        shown = "\n".join(said[-_SHOWN_LINES:])
        program = (
            os.path.basename(command[0]) if len(command) > 1 and command[1] != "-m" else command[2]
        )
        raise PythonBundlingError(f"{doing}: {program} ended with {done.returncode}\n{shown}")
    return done.stdout


@lru_cache
def _uv(place: str) -> Tool:
    words = run((place, "--version"), os.curdir, "asking uv for its version").split()
    return Tool("uv", (place,), words[1])


@lru_cache
def _pip(place: str) -> Tool:
    words = run((place, "--version"), os.curdir, "asking pip for its version").split()
    return Tool("pip", (place,), words[1])
