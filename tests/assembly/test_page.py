"""The example of ``docs/assembly.md`` runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "assembly.md"


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    for name, file in (("src", "index.py"), ("web", "Dockerfile")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text("FROM scratch\n")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "page", "exec"), {"__name__": "page"})
    assert (tmp_path / "cdk.out/Site.assets.json").is_file()
