"""Undecodable names beside something with their decoded name: the native walk against the plain one.

Upstream opens the decoded name, whatever it is that lies there, and lists equal decoded names in the order of their bytes.
Random trees meet such pairs too seldom to rely on.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from lambda_assets import _core, errors, reference

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("file", "folder", "link to a file", "link to a folder", "dangling link")


def make(path: bytes, kind: str) -> None:
    if kind == "file":
        with open(path, "wb") as handle:
            handle.write(path[-1:] + b" content")
    elif kind == "folder":
        os.mkdir(path)
        with open(path + b"/inside", "wb") as handle:
            handle.write(path[-1:])
    else:
        os.symlink({"link to a file": "f", "link to a folder": "d"}.get(kind, "nothing"), path)


def outcome(function: object, path: Path, follow: str) -> str:
    try:
        result = function(str(path), follow=follow)
    except errors.AssetError:
        return "error"
    return result if isinstance(result, str) else result[0]


@pytest.mark.parametrize("follow", ["never", "external", "always", "internal-only"])
@pytest.mark.parametrize("twin", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_twins(tmp_path: Path, kind: str, twin: str, follow: str) -> None:
    (tmp_path / "f").write_bytes(b"f")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x").write_bytes(b"x")
    top = os.fsencode(tmp_path)
    try:
        make(top + b"/b\xff", kind)
    except OSError:
        pytest.skip("this file system refuses such names")
    make(top + "/b\ufffd".encode(), twin)
    found = outcome(_core.fingerprint, tmp_path, follow)
    assert found == outcome(reference.fingerprint, tmp_path, follow)
    # Not all of them fail: otherwise nothing would be compared.
    if kind == "file" and twin in {"file", "link to a file"}:
        assert found != "error"
