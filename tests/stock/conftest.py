"""The stock programs and the server; their absence fails in CI and skips elsewhere."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from support.stock import Aws, Programs

if TYPE_CHECKING:
    from collections.abc import Iterator


def _absent(what: str) -> None:
    pytest.skip(f"{what} is not installed: nox -s stock")


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    for module in ("boto3", "moto"):
        if importlib.util.find_spec(module) is None:
            _absent(module)
    server = Aws()
    try:
        server.bootstrap()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def stock(aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Programs:
    for name in ("cdk", "cdk-assets"):
        if not (Programs.directory() / name).exists():
            _absent(name)
    return Programs(tmp_path_factory.mktemp("home"), aws.environ)
