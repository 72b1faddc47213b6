"""A cache of its own for each test, and a small tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMBDA_ASSETS_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("LAMBDA_ASSETS_NO_CACHE", raising=False)
    monkeypatch.delenv("LAMBDA_ASSETS_LOG", raising=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The worked example of the specification of fingerprints."""
    root = tmp_path / "tree"
    (root / "b" / "d").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "a.txt").write_bytes(b"alpha\n")
    (root / "b" / "c.txt").write_bytes(b"charlie\r\n")
    (root / "b" / "d" / "e.bin").write_bytes(b"\x00\x01\x02\r\n")
    return root
