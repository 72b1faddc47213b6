"""``lambda-assets zip`` as people and programs meet it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: object, cwd: Path) -> tuple[int, str, str]:
    """Run the command; exit code, stdout, stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "lambda_assets", "zip", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_prints_the_digest_as_sha256sum_does(tree: Path) -> None:
    code, out, err = run("tree", "-o", "out.zip", cwd=tree.parent)
    assert (code, err) == (0, "")
    assert out == f"{digest(tree.parent / 'out.zip')}  out.zip\n"
    with zipfile.ZipFile(tree.parent / "out.zip") as archive:
        assert archive.namelist() == ["a.txt", "b/c.txt", "b/d/e.bin"]


def test_json_has_what_terraform_asks_for(tree: Path) -> None:
    code, out, err = run(
        "--json", "--level", 1, "--exclude", "b", "tree", "-o", "out.zip", cwd=tree.parent
    )
    assert (code, err) == (0, "")
    archive = tree.parent / "out.zip"
    assert json.loads(out) == {
        "kind": "lambda-assets/archive",
        "schema": 1,
        "path": "tree",
        "options": {"follow": "external", "exclude": ["b"], "ignore_mode": "glob", "level": 1},
        "archive": str(archive),
        "size": archive.stat().st_size,
        "sha256": digest(archive),
        "sha256_base64": base64.b64encode(hashlib.sha256(archive.read_bytes()).digest()).decode(),
        "files": 1,
        "links": 0,
        "skipped": 0,
        "content_size": 6,
    }


def test_threads_and_runs_give_the_same_bytes(tree: Path) -> None:
    for jobs in (1, 2, 4):
        run("tree", "-o", f"{jobs}.zip", "--jobs", jobs, cwd=tree.parent)
    assert len({digest(tree.parent / f"{jobs}.zip") for jobs in (1, 2, 4)}) == 1


def test_what_is_odd_is_said_on_stderr(tree: Path) -> None:
    (tree / "nowhere").symlink_to("missing")
    code, _, err = run(
        "tree", "-o", "out.zip", "--exclude", "b", "--exclude", "a.txt", cwd=tree.parent
    )
    assert code == 0
    assert "notice: the archive is empty: nothing in 'tree' is left to archive" in err
    assert "notice: 1 links are not in the archive" in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nope", "-o", "out.zip"), 1, "error: no such file or directory: "),
        (("tree", "-o", "nope/out.zip"), 1, "error: no such file or directory: "),
        (("tree/a.txt", "-o", "out.zip"), 1, "error: not a directory: "),
        (("tree", "-o", "tree"), 1, "error: is a directory: "),
        (("tree", "-o", ""), 2, "error: target must not be empty"),
        (("tree",), 2, "required: -o/--output"),
        (("tree", "-o", "out.zip", "--level", "13"), 2, "'13' is no level from 0 to 12"),
        (("tree", "-o", "out.zip", "--extra-hash", "x"), 2, "unrecognized arguments"),
    ],
)
def test_what_goes_wrong(tree: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    got, out, err = run(*arguments, cwd=tree.parent)
    assert (got, out) == (code, "")
    assert message in err
    assert os.listdir(tree.parent) == ["tree"]
