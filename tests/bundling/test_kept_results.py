"""Bundles of Python dependencies are kept between processes: neither uv nor pip runs again for the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from support.wheels import require, wheel

if TYPE_CHECKING:
    from pathlib import Path

#: An app of its own in a process of its own, which tells every program that it starts.
APP = """
import json, sys
from lambda_assets import App, Stack
from lambda_assets.aws_lambda import Code
from lambda_assets.bundling import PythonDependencies
from lambda_assets.docker.image import DockerImage

started = []
sys.addaudithook(lambda event, args: started.append(args[1]) if event == "subprocess.Popen" else None)
src, out, options = json.loads(sys.argv[1])
local = PythonDependencies(**options)
bundling = {"image": DockerImage.from_registry("unused"), "local": local}
app = App(outdir=out)
location = Code.from_asset(src, bundling=bundling).bind(Stack(app, "S")).s3_location
app.synth()
installs = [" ".join(words) for words in started if "install" in words]
print(json.dumps([location.object_key, installs, len(started)]))
"""


class Run(NamedTuple):
    """What a process did: the key of the object, how often it installed, what programs it started."""

    key: str
    installs: int
    programs: int


def synth(src: Path, out: Path, options: dict[str, Any], mode: str = "auto") -> Run:
    done = subprocess.run(
        [sys.executable, "-c", APP, json.dumps([str(src), str(out), options])],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LAMBDA_ASSETS_BUNDLING": mode},
    )
    assert done.returncode == 0, done.stderr
    key, installs, programs = json.loads(done.stdout)
    return Run(key, len(installs), programs)


def content(out: Path, run: Run) -> dict[str, tuple[bytes, int]]:
    asset = out / f"asset.{run.key.removesuffix('.zip')}"
    return {
        p.relative_to(asset).as_posix(): (p.read_bytes(), p.stat().st_mode)
        for p in asset.rglob("*")
        if p.is_file()
    }


@pytest.fixture
def greeter(src: Path, links: Path) -> Path:
    """A source with one requirement."""
    wheel(links, "greeter")
    require(src, links, "greeter==1.0")
    return src


def test_another_process_with_another_output_directory_installs_nothing(
    greeter: Path, links: Path, tmp_path: Path, tool: str
) -> None:
    options = {"runtime": "python3.12", "architecture": "arm64", "tool": tool}
    first = synth(greeter, tmp_path / "first", options)
    assert first.installs == 1
    made = content(tmp_path / "first", first)
    assert {"app.py", "greeter.py", "greeter-1.0.dist-info/RECORD"} <= set(made)
    # Whoever ran now would find no wheel.
    shutil.rmtree(links)
    shutil.rmtree(tmp_path / "first")
    second = synth(greeter, tmp_path / "second", options, "never")
    assert (second.key, second.installs) == (first.key, 0)
    # uv is asked for its version, which is part of the key; that of pip stands in its metadata.
    assert second.programs == (1 if tool == "uv" else 0)
    assert content(tmp_path / "second", second) == made
    manifest = json.loads((tmp_path / "second" / "S.assets.json").read_bytes())
    assert next(iter(manifest["files"])) == second.key.removesuffix(".zip")


@pytest.mark.parametrize(
    ("change", "installs"),
    [
        ({}, 0),
        ({"architecture": "arm64"}, 1),
        ({"runtime": "python3.13"}, 1),
        ({"tool": "pip"}, 1),
        ({"scripts": True}, 1),
        ({"layout": "layer"}, 1),
        ({"exclude": ["*.md"]}, 1),
        ({"layers_size": 1}, 1),
    ],
    ids=str,
)
@pytest.mark.usefixtures("uv")
def test_another_option_installs_again(
    greeter: Path, tmp_path: Path, change: dict[str, Any], installs: int
) -> None:
    options = {"runtime": "python3.12", "architecture": "x86_64", "tool": "uv"}
    synth(greeter, tmp_path / "first", options)
    assert synth(greeter, tmp_path / "second", {**options, **change}).installs == installs


def test_another_source_installs_again(greeter: Path, tmp_path: Path, tool: str) -> None:
    options = {"runtime": "python3.12", "tool": tool}
    synth(greeter, tmp_path / "first", options)
    os.utime(greeter / "app.py", (0, 0))
    assert synth(greeter, tmp_path / "second", options).installs == 0
    (greeter / "app.py").write_bytes(b"changed")
    assert synth(greeter, tmp_path / "third", options).installs == 1
    assert synth(greeter, tmp_path / "fourth", options, "always").installs == 1
