"""Kept results of bundling: what names them, what is believed of them, how much they take, who builds them."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.assembly.scope import App, Stack
from lambda_assets.bundling.cache import BundleCache, Record
from lambda_assets.docker.image import DockerImage
from lambda_assets.errors import BundleNotCachedError
from lambda_assets.staging import AssetStaging, content, facts

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "a" * 64
OTHER = "b" * 64
NOBODY = 65534

posix = pytest.mark.skipif(sys.platform == "win32", reason="no locks and users there")


class Bundler:
    """Writes one file, and a line of a log for each run."""

    def __init__(self, log: Path, key: str = "v1", lasts: float = 0) -> None:
        self.log = log
        self.key = key
        self.lasts = lasts

    def cache_key(self) -> str:
        return self.key

    def try_bundle(self, output_dir: str, _options: object) -> bool:
        with self.log.open("a") as file:
            file.write("run\n")
        time.sleep(self.lasts)
        Path(output_dir, "o.txt").write_text(self.key)
        return True


class OtherBundler(Bundler):
    """Has the same key and is another."""


def runs(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


def staged(out: Path, source: Path, local: Bundler, **options: Any) -> Path:
    """Stage as a new process does."""
    AssetStaging.clear_asset_hash_cache()
    kept = {k: options.pop(k) for k in ("asset_hash_type", "staging", "exclude") if k in options}
    bundling = {"image": DockerImage("i"), "local": local, **options}
    stack = Stack(App(outdir=out), "S")
    made = AssetStaging(stack, "A", source_path=source, bundling=bundling, **kept)
    return Path(made.absolute_staged_path)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the cache."""
    monkeypatch.setenv("LAMBDA_ASSETS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bundles-v1"


@pytest.mark.parametrize(
    "options",
    [
        {"image": DockerImage("j")},
        {"command": ["c"]},
        {"entrypoint": ["e"]},
        {"environment": {"A": "1"}},
        {"network": "none"},
        {"output_type": "NOT_ARCHIVED"},
        {"output_type": "SINGLE_FILE"},
        {"platform": "linux/arm64"},
        {"security_opt": "no-new-privileges"},
        {"user": "1000"},
        {"volumes": [{"host_path": "/h", "container_path": "/c"}]},
        {"working_directory": "/w"},
        {"bundling_file_access": "VOLUME_COPY"},
        {"asset_hash_type": "OUTPUT"},
    ],
    ids=lambda options: "-".join(map(str, options)),
)
def test_every_option_names_another_result(
    options: dict[str, Any], tree: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    for number, given in enumerate([{}, options, {}, options]):
        staged(tmp_path / f"o{number}", tree, Bundler(log), **given)
    assert runs(log) == 2


def test_key_and_class_of_the_bundler_name_the_result(tree: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    bundlers = [Bundler(log), Bundler(log, "v2"), OtherBundler(log)]
    for number, bundler in enumerate([*bundlers, *bundlers]):
        staged(tmp_path / f"o{number}", tree, bundler)
    assert runs(log) == len(bundlers)


def test_what_changes_nothing_names_nothing(tree: Path, tmp_path: Path) -> None:
    log, moved = tmp_path / "log", tmp_path / "moved"
    staged(tmp_path / "o", tree, Bundler(log), exclude=["*.log"])
    shutil.copytree(tree, moved)
    (moved / "x.log").write_text("left out")
    staged(tmp_path / "p", moved, Bundler(log), exclude=["*.log"], staging="zip")
    assert runs(log) == 1


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    def damage(entry: Path) -> None:
        before = (entry / name).read_bytes()
        after = change(before)
        assert after != before
        (entry / name).write_bytes(after)

    return damage


def swap_records(entry: Path) -> None:
    other = next(path for path in entry.parent.iterdir() if path != entry)
    shutil.copy(other / "record.json", entry / "record.json")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "byte": rewrite("output/o.txt", lambda _: b"v2"),
    "cut": rewrite("output/o.txt", lambda text: text[:-1]),
    "mode": lambda entry: (entry / "output/o.txt").chmod(0o600),
    "lost": lambda entry: (entry / "output/o.txt").unlink(),
    "more": lambda entry: (entry / "output/more").mkdir(),
    "all lost": lambda entry: shutil.rmtree(entry / "output"),
    "no record": lambda entry: (entry / "record.json").unlink(),
    "empty record": rewrite("record.json", lambda _: b""),
    "record cut": rewrite("record.json", lambda text: text[:-1]),
    "other hash": rewrite(
        "record.json", lambda text: text.replace(b'"staged": "', b'"staged": "0')
    ),
    "other size": rewrite("record.json", lambda text: text.replace(b'"size": 2', b'"size": "2"')),
    "other name": rewrite("record.json", lambda t: t.replace(b'"product": "', b'"product": "../x')),
    "record of another": swap_records,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", ["SOURCE", "OUTPUT"])
def test_a_damaged_entry_is_replaced(
    damage: str, kind: str, place: Path, tree: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    staged(tmp_path / "other", tree, Bundler(log, "v2"))
    [second] = place.iterdir()
    staged(tmp_path / "o", tree, Bundler(log), asset_hash_type=kind)
    [entry] = set(place.iterdir()) - {second}
    DAMAGES[damage](entry)
    for number in range(2):  # the second time it is kept again
        out = tmp_path / f"o{number}"
        made = staged(out, tree, Bundler(log), asset_hash_type=kind)
        assert content_of(made) == {"o.txt": b"v1"}
        assert os.listdir(out) == [made.name]
    assert runs(log) == 3


def content_of(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.iterdir()}


def stored(cache: BundleCache, key: str, root: Path, size: int, used: float) -> None:
    output = root / key[:1]
    output.mkdir()
    (output / "f").write_bytes(b"x" * size)
    digest = content.of_bytes(str(output))
    cache.store(key, str(output), Record("", True, "", digest, digest, size))  # noqa: FBT003
    if cache.record(key) is not None:
        os.utime(root / "cache" / key / "record.json", (used, used))


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    place.mkdir()
    cache = BundleCache(str(place), max_bytes=100)
    stored(cache, KEY, tmp_path, 40, used=1)
    stored(cache, OTHER, tmp_path, 40, used=2)
    record = cache.record(KEY)
    assert record is not None
    assert asdict(record)["size"] == 40
    assert cache.fetch(KEY, record, str(tmp_path / "got"))
    assert (tmp_path / "got" / "f").read_bytes() == b"x" * 40
    stored(cache, "c" * 64, tmp_path, 40, used=3)
    assert sorted(os.listdir(place)) == [KEY, "c" * 64]
    stored(cache, "d" * 64, tmp_path, 101, used=4)  # more than all may take
    assert sorted(os.listdir(place)) == [KEY, "c" * 64]


@posix
def test_leftovers_and_damaged_entries_take_no_room(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    cache = BundleCache(str(place))
    for name in (OTHER, ".lambda-assets-gone.tmp"):
        (place / name / "output").mkdir(parents=True)
    (place / f"{OTHER}.lock").touch()
    with cache.alone(KEY):
        stored(cache, KEY, tmp_path, 1, used=1)
        assert sorted(os.listdir(place)) == [KEY, f"{KEY}.lock"]
    assert os.listdir(place) == [KEY]


@posix
@pytest.mark.parametrize("kind", ["SOURCE", "OUTPUT"])
def test_processes_bundle_equal_assets_once(kind: str, tree: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    bundler = Bundler(log, lasts=0.3)
    finished = in_processes(
        *(
            lambda number=number: staged(
                tmp_path / f"o{number % 2}", tree, bundler, asset_hash_type=kind
            )
            for number in range(4)
        )
    )
    assert finished == [0] * 4
    assert runs(log) == 1
    for number in range(2):
        [name] = os.listdir(tmp_path / f"o{number}")
        assert content_of(tmp_path / f"o{number}" / name) == {"o.txt": b"v1"}


@posix
def test_processes_bundle_different_assets_at_once(tree: Path, tmp_path: Path) -> None:
    meeting = multiprocessing.get_context("fork").Barrier(2, timeout=30)

    class Meets(Bundler):
        def try_bundle(self, output_dir: str, options: object) -> bool:
            meeting.wait()  # breaks unless both run at the same time
            return super().try_bundle(output_dir, options)

    bundlers = [Meets(tmp_path / "log", key) for key in ("v1", "v2")]
    jobs = (lambda b=bundler: staged(tmp_path / b.key, tree, b) for bundler in bundlers)
    assert in_processes(*jobs) == [0, 0]


def in_processes(*jobs: Callable[[], object]) -> list[int | None]:
    # Forked: the jobs close over the test.
    processes = [multiprocessing.get_context("fork").Process(target=job) for job in jobs]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


def linked(place: Path) -> None:
    moved = place.rename(place.with_suffix(".moved"))
    place.symlink_to(moved)


UNTRUSTED: dict[str, Callable[[Path], object]] = {
    "group may write": lambda place: place.chmod(0o770),
    "others may write": lambda place: place.chmod(0o702),
    "link": linked,
    "foreign": lambda place: os.chown(place, NOBODY, -1),
}


@posix
@pytest.mark.parametrize("how", UNTRUSTED)
def test_a_cache_that_others_may_write_to_is_not_used(
    how: str, place: Path, tree: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if how == "foreign" and os.geteuid() != 0:
        pytest.skip("needs root")
    log = tmp_path / "log"
    staged(tmp_path / "o", tree, Bundler(log))
    for untrusted in (place, place.with_name("archives-v1")):
        untrusted.mkdir(exist_ok=True)
        UNTRUSTED[how](untrusted)
    facts.note_archive(KEY, OTHER)
    assert facts.archive_of(KEY) is None
    staged(tmp_path / "p", tree, Bundler(log))
    assert runs(log) == 2
    assert "others may write to" in caplog.text


@posix
def test_a_cache_that_can_only_be_read_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as path:  # the directories of pytest are closed to others
        root = Path(path)
        root.chmod(0o755)
        monkeypatch.setenv("LAMBDA_ASSETS_CACHE_DIR", str(root / "cache"))
        source, log, place = root / "source", root / "log", root / "cache" / "bundles-v1"
        source.mkdir()
        (source / "a.txt").write_text("a")
        staged(root / "o", source, Bundler(log))
        before = sorted(place.rglob("*"))
        (root / "out").mkdir()
        (root / "out").chmod(0o777)
        place.chmod(0o555)

        def read_only() -> None:
            monkeypatch.setenv("LAMBDA_ASSETS_BUNDLING", "never")
            if os.geteuid() == 0:  # to whom permissions are nothing
                os.setuid(NOBODY)
            assert content_of(staged(root / "out", source, Bundler(log))) == {"o.txt": b"v1"}
            with pytest.raises(BundleNotCachedError):
                staged(root / "out", source, Bundler(log, "v2"))

        if os.geteuid() == 0:
            for entry in (place, *before, root / "cache"):
                os.chown(entry, NOBODY, -1)
        assert in_processes(read_only) == [0]
        assert (runs(log), sorted(place.rglob("*"))) == (1, before)
        place.chmod(0o755)
