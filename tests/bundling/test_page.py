"""The page about Python dependencies does what it says."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lambda_assets.bundling.python import inputs, target
from support.wheels import require, wheel

PAGE = (Path(__file__).parents[2] / "docs" / "python-dependencies.md").read_text(encoding="utf-8")
STOCK, OWN = "aws_cdk", "lambda_assets"


@pytest.fixture
def place(src: Path, links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory as the page wants it."""
    digest = hashlib.sha256(wheel(links, "greeter").read_bytes()).hexdigest()
    require(src, links, f"greeter==1.0 --hash=sha256:{digest}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def examples(package: str) -> list[str]:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [one for one in blocks if ("import aws_cdk" in one) == (package == STOCK)]


def assets(out: Path) -> set[str]:
    """Names in all staged assets of an assembly."""
    return {name for one in out.glob("asset.*") for name in os.listdir(one)}


@pytest.mark.usefixtures("uv")
def test_the_examples_run_one_after_the_other(place: Path) -> None:
    names: dict[str, object] = {"__name__": "page"}
    for number, block in enumerate(examples(OWN)):
        exec(compile(block, f"example {number}", "exec"), names)
    assert {"app.py", "greeter.py"} <= assets(place / "cdk.out")
    assert {"app.py", "python"} == assets(place / "split.out")
    assert sorted(os.listdir(place / "build")) == ["cart", "code", "layer"]


@pytest.mark.aws_cdk
def test_the_example_for_aws_cdk_runs(place: Path) -> None:
    pytest.importorskip("aws_cdk")
    # Node keeps the directory in which the first app of a process began.
    setup = "from lambda_assets.bundling import PythonDependencies\n"
    program = setup + "\n".join(examples(STOCK))
    subprocess.run([sys.executable, "-c", program], cwd=place, check=True)
    assert {"app.py", "greeter.py"} <= assets(place / "stock.out")


def test_the_tables_name_every_input_and_runtime() -> None:
    section = PAGE.split("## What is installed")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE) == list(inputs.NAMES)
    rows = re.findall(
        r"^\| `python3\.(\d+)` to `python3\.(\d+)` .* 2\.(\d+) \|", section, re.MULTILINE
    )
    told = {
        f"python3.{minor}": int(glibc)
        for first, last, glibc in rows
        for minor in range(int(first), int(last) + 1)
    }
    assert told == {name: target.target(name, "arm64").glibc for name in target.RUNTIMES}
