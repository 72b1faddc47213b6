"""A run that is killed at any point, and runs at once, leave nothing that a later run trusts wrongly."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.assembly.scope import App, Stack
from lambda_assets.docker.image import DockerImage
from lambda_assets.staging import AssetStaging

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 2000
KILLS = {"copy": 80, "link": 30, "zip": 60, "bundle": 30}


class Bundler:
    """Copies every file of the source, one by one."""

    def cache_key(self) -> str:
        return "copy 1"

    def try_bundle(self, output_dir: str, *, source_path: str) -> bool:
        shutil.copytree(source_path, output_dir, dirs_exist_ok=True)
        return True


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where hundreds of trees are made and removed: in memory where there is such a place."""
    memory = Path("/dev/shm")  # the point of a kill is random on every file system
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as path:
        yield Path(path)


@pytest.fixture
def room(place: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=place) as path:
        yield Path(path)


@pytest.fixture(scope="module")
def source(place: Path) -> Path:
    root = place / "source"
    for number in range(FILES):
        path = root / f"d{number % 37}" / f"f{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number) * 50)
        if number % 10 == 0:
            path.chmod(0o444)  # may be a hard link
    return root


def options(way: str) -> dict[str, Any]:
    if way != "bundle":
        return {"staging": way}
    return {"bundling": {"image": DockerImage("i"), "local": Bundler()}}


def stage(source: Path, out: Path, way: str) -> str:
    AssetStaging.clear_asset_hash_cache()
    stack = Stack(App(outdir=out), "S")
    return AssetStaging(stack, "A", source_path=source, **options(way)).absolute_staged_path


def in_child(source: Path, out: Path, way: str) -> int:
    child = os.fork()
    if child == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            stage(source, out, way)
            os._exit(0)
        except BaseException:  # noqa: BLE001  a child must not run the test's clean-up
            os._exit(1)
    return child


def content(path: str | Path) -> dict[str, bytes]:
    if Path(path).is_file():
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    found = {}
    for above, _, names in os.walk(path):
        for name in names:
            file = os.path.join(above, name)
            with open(file, "rb") as opened:
                found[os.path.relpath(file, path)] = opened.read()
    return found


def finished(out: Path) -> list[Path]:
    return [path for path in out.glob("asset.*")] if out.exists() else []  # noqa: C416


@pytest.mark.parametrize("way", KILLS)
def test_a_killed_run_leaves_nothing_that_is_trusted(
    way: str, source: Path, room: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {seed}")
    points, wanted = random.Random(f"{seed} {way}"), content(source)
    lasts, killed = [1.0, 1.0], 0
    for number in itertools.count():
        # The caches are part of what a kill may leave half-done: a new one, then one that the last run filled.
        is_warm = number % 2
        if not is_warm:
            monkeypatch.setenv("LAMBDA_ASSETS_CACHE_DIR", str(room / f"cache{number}"))
        out = room / f"out{number}"
        child = in_child(source, out, way)
        time.sleep(points.uniform(0, lasts[is_warm]))
        os.kill(child, signal.SIGKILL)
        is_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        # So about one run of three ends before its kill, on every machine: the last steps have their kills too.
        lasts[is_warm] *= 1.05 if is_killed else 0.9
        for path in finished(out):
            assert content(path) == wanted, f"seed {seed}, run {number}"
        assert content(stage(source, out, way)) == wanted, f"seed {seed}, run {number}"
        assert len(os.listdir(out)) == 1, f"seed {seed}, run {number}"
        shutil.rmtree(out)
        killed += is_killed
        if killed == KILLS[way]:
            break


@pytest.mark.parametrize("way", KILLS)
@pytest.mark.parametrize("runs", [2, 4])
def test_runs_at_once_agree(runs: int, way: str, source: Path, room: Path) -> None:
    for number in range(3):
        out = room / f"out{number}"
        children = [in_child(source, out, way) for _ in range(runs)]
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * runs
        [name] = os.listdir(out)
        assert content(out / name) == content(source)
