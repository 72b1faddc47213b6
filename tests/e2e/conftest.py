"""One engine for all tests here, and what they look at it with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.staging import AssetStaging
from support import engine as machine

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "lambda-assets-test:base"
"""Busybox alone; with ``-arm64`` behind it the same for that platform, by name only: nothing is emulated here."""
DOCKERFILE = """FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin; mkdir /tmp /etc; chmod 1777 /tmp"]
ENV PATH=/bin
CMD ["sh"]
"""


class Docker:
    """The command ``docker`` on the engine of the tests."""

    def __call__(self, *words: str) -> str:
        done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def inspect(self, name: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self("inspect", name))
        return found[0]

    def everything(self) -> list[str]:
        """All containers and volumes."""
        containers = self("ps", "-a", "--format", "{{.Names}}").splitlines()
        return sorted(containers + self("volume", "ls", "-q").splitlines())

    def build(self, tag: str, dockerfile: str, *options: str) -> None:
        with tempfile.TemporaryDirectory() as context:
            Path(context, "Dockerfile").write_text(dockerfile)
            self("build", "-q", "-t", tag, *options, context)


@pytest.fixture(scope="session")
def docker() -> Iterator[Docker]:
    """An engine of this run."""
    place = Path(tempfile.mkdtemp(prefix="la", dir="/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        try:
            machine.install()
            host = machine.start(place / "engine")
        except machine.EngineUnavailableError as error:
            shutil.rmtree(place, ignore_errors=True)
            pytest.skip(str(error))
        patch.setenv("DOCKER_HOST", host)
        patch.setenv("DOCKER_CONFIG", str(place / "config"))
        # Debian's command has BuildKit within; others need a plug-in for it.
        patch.setenv("PATH", f"{machine.PATH}:{os.environ['PATH']}")
        patch.setenv("DOCKER_BUILDKIT", "1")
        patch.delenv("CDK_DOCKER", raising=False)
        patch.delenv("DOCKER_CONTEXT", raising=False)
        try:
            _build_base(place / "base", BASE)
            _build_base(place / "arm64", f"{BASE}-arm64", "--platform", "linux/arm64")
            yield Docker()
        finally:
            machine.stop(place / "engine")
            shutil.rmtree(place, ignore_errors=True)


def _build_base(place: Path, tag: str, *options: str) -> None:
    place.mkdir()
    program = shutil.which("busybox", path=machine.PATH)
    assert program
    shutil.copy(program, place / "busybox")
    (place / "Dockerfile").write_text(DOCKERFILE)
    command = ["docker", "build", "-q", "-t", tag, *options, str(place)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _nothing_stays(docker: Docker) -> Iterator[None]:
    """Every test leaves the engine without a container and without a volume."""
    AssetStaging.clear_asset_hash_cache()
    before = docker.everything()
    yield
    assert docker.everything() == before


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A directory with what is hard to carry: bits, links, a link that leads far up, an odd name."""
    root = tmp_path / "source"
    (root / "sub" / "empty").mkdir(parents=True)
    (root / "index.py").write_text("x = 1\n")
    (root / "sub" / "run.sh").write_text("#!/bin/sh\n")
    (root / "sub" / "run.sh").chmod(0o755)
    (root / "sub" / "é ü.txt").write_bytes(b"\0\1\2" * 700)
    (root / "to-file").symlink_to("sub/run.sh")
    (root / "far-up").symlink_to("../../../../../../../../etc/nothing")
    (root / ("long" * 40)).write_text("")
    return root
