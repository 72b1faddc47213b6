"""Python dependencies of an asset that a TOML file declares."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from lambda_assets.declaration import read_declaration
from lambda_assets.errors import DeclarationError
from support.commands import document, run
from support.wheels import require, wheel

if TYPE_CHECKING:
    from pathlib import Path


def declare(place: Path, *lines: str, asset: str = "") -> Path:
    file = place / "assets.toml"
    text = "\n".join(["[asset.a]", "path = 'src'", asset, "[asset.a.python]", *lines, ""])
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def greeter(src: Path, links: Path) -> Path:
    """A source with one requirement, and what tests leave behind."""
    wheel(links, "greeter")
    require(src, links, "greeter==1.0")
    (src / "notes.md").write_bytes(b"")
    return src


def test_an_asset_with_its_packages(greeter: Path, tmp_path: Path, tool: str) -> None:
    file = declare(tmp_path, "runtime = 'python3.12'", f"tool = '{tool}'", "exclude = ['*.md']")
    (row,) = document("stage", "--file", file, "-o", tmp_path / "out")["assets"]
    assert {"app.py", "greeter.py"} <= set(os.listdir(row["path"]))
    assert "notes.md" not in os.listdir(row["path"])
    # What gets into no bundle counts for no hash.
    (greeter / "notes.md").write_bytes(b"changed")
    (greeter / "__pycache__").mkdir()
    (greeter / "__pycache__" / "app.pyc").write_bytes(b"\0")
    (again,) = document("stage", "--file", file, "-o", tmp_path / "out")["assets"]
    assert again["hash"] == row["hash"]
    (greeter / "app.py").write_bytes(b"changed")
    (other,) = document("stage", "--file", file, "-o", tmp_path / "out")["assets"]
    assert other["hash"] != row["hash"]


def test_options_are_part_of_the_hash(greeter: Path, tmp_path: Path) -> None:
    (greeter.parent / "own.txt").write_text((greeter / "requirements.txt").read_text())
    rows = ["", "architecture = 'arm64'", "layout = 'layer'", "requirements = 'own.txt'"]
    hashes = set()
    for row in rows:
        file = declare(tmp_path, "runtime = 'python3.12'", row)
        (asset,) = document("stage", "--file", file, "-o", tmp_path / "out")["assets"]
        hashes.add(asset["hash"])
    assert len(hashes) == len(rows)


@pytest.mark.parametrize(
    ("lines", "asset", "message"),
    [
        ([], "", "'python' in [asset.a] needs 'runtime'"),
        (["runtime = 3.12"], "", "must be a text, not a number"),
        (["runtime = 'python2.7'"], "", "assets.toml:4: 'python' in [asset.a]: unknown runtime"),
        (["runtime = 'python3.12'", "layers_size = true"], "", "must be a whole number, not"),
        (["runtime = 'python3.12'", "requirements = 'gone.txt'"], "", "gone.txt"),
        (["runtime = 'python3.12'", "runtim = ''"], "", "did you mean 'runtime'?"),
        (["runtime = 'python3.12'"], "bundling.command = ['x']", "exclude each other"),
    ],
)
def test_what_is_wrong_is_told(src: Path, lines: list[str], asset: str, message: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        read_declaration(declare(src.parent, *lines, asset=asset))
    assert message in str(caught.value)


@pytest.mark.usefixtures("src")
def test_what_cannot_be_bundled_fails_the_asset(tmp_path: Path) -> None:
    declare(tmp_path, "runtime = 'python3.12'")
    status, _, err = run("stage", "--file", "assets.toml", "-o", "out", cwd=tmp_path)
    assert status == 1
    assert "has none of uv.lock" in err
    assert not (tmp_path / "out").exists()
