"""Real trees from the package registries, for those who do not trust the generated ones."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NPM = (
    *("next", "aws-sdk", "@aws-sdk/client-s3", "@aws-sdk/client-dynamodb", "@aws-sdk/client-ec2"),
    *("@aws-sdk/client-lambda", "typescript", "webpack", "eslint", "jest", "@types/node"),
    *("@mui/material", "@mui/icons-material"),
)
PYTHON = ("scipy", "numpy", "pandas", "boto3", "scikit-learn")
NAMES = ("real-npm", "real-venv")


def install(name: str, work: Path) -> Path:
    """Install a tree, or take the one of an earlier run; versions are those of today.

    Args:
        name: One of :data:`NAMES`.
        work: Directory that keeps trees.

    Returns:
        The directory to measure on.
    """
    place = work / "trees" / name
    done = place.with_suffix(".done")
    if not done.is_file():
        place.mkdir(parents=True, exist_ok=True)
        for command in _npm(place) if name == "real-npm" else _venv(place):
            subprocess.run(command, check=True)
        done.touch()
    return place / "node_modules" if name == "real-npm" else place


def _npm(place: Path) -> list[list[str]]:
    flags = ["--ignore-scripts", "--no-audit", "--no-fund"]
    return [["npm", "install", "--prefix", str(place), *flags, *NPM]]


def _venv(place: Path) -> list[list[str]]:
    pip = [str(place / "bin/python"), "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
    return [[sys.executable, "-m", "venv", str(place)], [*pip, *PYTHON]]
