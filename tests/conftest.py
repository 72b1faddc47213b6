"""What all layers share: a cache of their own, a small tree, the seed and scale of random tests, the real library."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.oracle import Oracle, OracleUnavailableError
from support.staging_cases import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEED = "LAMBDA_ASSETS_TEST_SEED"
SCALE = "LAMBDA_ASSETS_TEST_SCALE"
COMPLETE = "LAMBDA_ASSETS_TEST_COMPLETE"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Where all is promised to be there, what skips for want of it fails."""
    return _refuse_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """The same for modules that skip as a whole."""
    return _refuse_skips((yield))


def _refuse_skips(report: Any) -> Any:
    if os.environ.get(COMPLETE) and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"skipped although {COMPLETE} is set: {report.longrepr}"
    return report


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


@pytest.fixture(scope="session")
def trees(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sources of the recorded staging cases."""
    place = tmp_path_factory.mktemp("staging") / "cases"
    command = [sys.executable, str(VECTORS / "make_staging_cases.py"), str(place)]
    subprocess.run(command, check=True, capture_output=True)
    return f"{place}/t"


@pytest.fixture(scope="session")
def seed() -> int:
    """A fresh seed in each run; set LAMBDA_ASSETS_TEST_SEED to repeat one."""
    given = os.environ.get(SEED)
    return int(given) if given else random.SystemRandom().randrange(1 << 32)


@pytest.fixture(scope="session")
def scale() -> float:
    """Multiplies the number of random cases."""
    return float(os.environ.get(SCALE) or 1)


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """The real aws-cdk-lib."""
    try:
        library = Oracle()
    except OracleUnavailableError as error:
        pytest.skip(str(error))
    yield library
    library.close()
