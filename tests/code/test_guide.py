"""The page about code does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "code-api.md"


def test_the_examples_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "handler.py").write_text("def main(e, c): ...\n", encoding="utf-8")
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    blocks = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert blocks
    names: dict[str, object] = {"__name__": "page"}
    for number, block in enumerate(blocks):
        exec(compile(block, f"example {number}", "exec"), names)
    assert (tmp_path / "cdk.out" / "manifest.json").exists()


def test_importing_the_package_takes_a_moment_only() -> None:
    program = (
        "import time; t = time.perf_counter(); import lambda_assets; print(time.perf_counter() - t)"
    )
    command = [sys.executable, "-c", program]
    # The quickest of some: a busy machine says nothing about the package.
    seconds = min(float(subprocess.check_output(command, text=True)) for _ in range(5))
    assert seconds < 0.1
