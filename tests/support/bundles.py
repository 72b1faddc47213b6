"""Bundles of Python dependencies, as tests make and look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambda_assets.bundling import PythonDependencies

if TYPE_CHECKING:
    from pathlib import Path

HELLO = b"#!python\nprint('hello')\n"
"""A script, as a wheel has it."""


def bundler(**options: Any) -> PythonDependencies:
    """A bundler for Python 3.12, or what the options say."""
    return PythonDependencies(**{"runtime": "python3.12", **options})


def files(place: Path) -> list[str]:
    """The files below a directory, sorted."""
    return sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())
