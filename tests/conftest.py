"""What all layers share: the seed and scale of random tests, and the real library."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from support.oracle import Oracle, OracleUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = "LAMBDA_ASSETS_TEST_SEED"
SCALE = "LAMBDA_ASSETS_TEST_SCALE"


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
    """The real aws-cdk-lib. Its absence fails in CI and skips elsewhere."""
    try:
        library = Oracle()
    except OracleUnavailableError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    yield library
    library.close()
