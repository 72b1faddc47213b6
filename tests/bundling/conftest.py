"""Sources, wheels and tools for the bundler of Python dependencies."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lambda_assets import PythonToolError, _core
from lambda_assets.bundling.python import tools
from support.bundles import HELLO
from support.wheels import require, wheel, with_glibc

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["uv", "pip"])
def tool(request: pytest.FixtureRequest) -> str:
    """Each tool."""
    return require_tool(request.param)


@pytest.fixture
def uv() -> str:
    """The command of uv."""
    require_tool("uv")
    return tools.find("uv").command[0]


def require_tool(name: str) -> str:
    try:
        tools.find(name)
    except PythonToolError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    return name


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The package index that pip is set up for."""
    place = str(tmp_path_factory.mktemp("registry"))
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", place]
    done = subprocess.run([*command, "six==1.17.0"], capture_output=True, text=True, check=False)
    if done.returncode:
        if os.environ.get("CI") == "true":
            pytest.fail(done.stderr)
        pytest.skip("no package index: " + done.stderr)


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """A source with a handler."""
    place = tmp_path / "src"
    place.mkdir()
    (place / "app.py").write_bytes(b"def handler(event, context):\n    return 'hello'\n")
    return place


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A directory of wheels."""
    place = tmp_path / "links"
    place.mkdir()
    return place


@pytest.fixture
def greeter(src: Path, links: Path) -> Path:
    """A source that needs a package with a module, bytecode, a script, and a program of another kind."""
    content = {
        "greeter/__init__.py": b"",
        "greeter/__pycache__/__init__.cpython-312.pyc": b"\0",
        "greeter-1.0.data/scripts/greet": HELLO,
        "greeter-1.0.data/scripts/other": b"#!/bin/sh\necho other\n",
    }
    wheel(links, "greeter", files=content)
    require(src, links, "greeter==1.0")
    return src


@pytest.fixture(scope="session")
def library() -> bytes:
    """A library for this machine, with a name of glibc's versions that every runtime has."""
    if sys.platform != "linux":
        pytest.skip("the libraries of this system are of another kind")
    with open(_core.__file__, "rb") as file:
        return with_glibc(file.read(), 17)
