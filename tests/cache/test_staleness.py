"""Each way in which a digest cache can lie (docs/cache.md), against a hash that reads everything."""

from __future__ import annotations

import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from lambda_assets import _core

if TYPE_CHECKING:
    from pathlib import Path

# Longer than the margin of the racy rule, so that what is written before may be recorded.
SETTLE = 0.15
OLD = 1_600_000_000


@pytest.fixture
def cache_dir(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    return root


def place(cache_dir: Path) -> _core.CacheDir:
    return _core.CacheDir(cache_dir, uid=os.geteuid())


def cached(tree: Path, cache_dir: Path) -> str:
    return _core.fingerprint(tree, cache=place(cache_dir))[0]


def fresh(tree: Path) -> str:
    return _core.fingerprint(tree)[0]


def counts(tree: Path, cache_dir: Path) -> dict[str, int]:
    return _core.snapshot(tree, cache=place(cache_dir)).counts


def settle_and_fill(tree: Path, cache_dir: Path) -> str:
    """Hash once so that every file is recorded, which is checked: otherwise the test would prove nothing."""
    time.sleep(SETTLE)
    digest = cached(tree, cache_dir)
    found = counts(tree, cache_dir)
    assert found["cached"] == found["files"] > 0
    return digest


def test_unchanged_files_come_from_the_cache(tree: Path, cache_dir: Path) -> None:
    (tree / "a").write_bytes(b"alpha")
    (tree / "b").write_bytes(b"x" * 300_000)
    assert settle_and_fill(tree, cache_dir) == fresh(tree) == cached(tree, cache_dir)


def test_same_size_and_restored_mtime(tree: Path, cache_dir: Path) -> None:
    file = tree / "f"
    file.write_bytes(b"AAAA")
    before = settle_and_fill(tree, cache_dir)
    stat = file.stat()
    file.write_bytes(b"BBBB")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_mtime_ns == stat.st_mtime_ns
    assert cached(tree, cache_dir) == fresh(tree) != before


def test_rename_over(tree: Path, cache_dir: Path) -> None:
    for name, content in (("f", b"AAAA"), ("g", b"BBBB")):
        (tree / name).write_bytes(content)
        os.utime(tree / name, (OLD, OLD))
    settle_and_fill(tree, cache_dir)
    (tree / "g").rename(tree / "f")
    assert cached(tree, cache_dir) == fresh(tree)


def test_inode_reuse(tree: Path, cache_dir: Path) -> None:
    file = tree / "f"
    file.write_bytes(b"AAAA")
    os.utime(file, (OLD, OLD))
    settle_and_fill(tree, cache_dir)
    inode = file.stat().st_ino
    for _ in range(2000):
        file.unlink()
        file.write_bytes(b"BBBB")
        os.utime(file, (OLD, OLD))
        if file.stat().st_ino == inode:
            break
    assert cached(tree, cache_dir) == fresh(tree)


def test_writes_within_one_tick(tree: Path, cache_dir: Path) -> None:
    file = tree / "f"
    file.write_bytes(b"%040d" % -1)
    for number in range(2000):
        content = b"%040d" % number
        with file.open("r+b") as handle:
            handle.write(content)
        assert cached(tree, cache_dir) == fresh(tree), f"stale in round {number}"


def test_future_mtime_is_never_recorded(tree: Path, cache_dir: Path) -> None:
    file = tree / "f"
    file.write_bytes(b"AAAA")
    future = time.time() + 3600
    os.utime(file, (future, future))
    time.sleep(SETTLE)
    cached(tree, cache_dir)
    assert counts(tree, cache_dir)["cached"] == 0
    file.write_bytes(b"BBBB")
    os.utime(file, (future, future))
    assert cached(tree, cache_dir) == fresh(tree)


def test_write_through_a_mapping(tree: Path, cache_dir: Path) -> None:
    file = tree / "f"
    file.write_bytes(b"A" * 4096)
    before = settle_and_fill(tree, cache_dir)
    with file.open("r+b") as handle, mmap.mmap(handle.fileno(), 4096) as mapping:
        mapping[0:1] = b"B"
        mapping.flush()
        assert cached(tree, cache_dir) == fresh(tree) != before


def test_copied_tree(tree: Path, cache_dir: Path, tmp_path: Path) -> None:
    (tree / "f").write_bytes(b"AAAA")
    (tree / "g").write_bytes(b"CCCC")
    settle_and_fill(tree, cache_dir)
    copy = tmp_path / "copy"
    shutil.copytree(tree, copy, copy_function=shutil.copy2)
    assert cached(copy, cache_dir) == cached(tree, cache_dir)
    for root, content in ((tree, b"BBBB"), (copy, b"DDDD")):
        stat = (root / "f").stat()
        (root / "f").write_bytes(content)
        os.utime(root / "f", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert cached(tree, cache_dir) == fresh(tree)
    assert cached(copy, cache_dir) == fresh(copy) != cached(tree, cache_dir)


def test_same_path_other_content(tmp_path: Path, cache_dir: Path) -> None:
    for name, content in (("one", b"AAAA"), ("two", b"BBBB")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_bytes(content)
        os.utime(tmp_path / name / "f", (OLD, OLD))
    link = tmp_path / "link"
    link.symlink_to("one")
    first = settle_and_fill(link, cache_dir)
    # The very same canonical path, too.
    (tmp_path / "one").rename(tmp_path / "old")
    (tmp_path / "two").rename(tmp_path / "one")
    assert cached(link, cache_dir) == fresh(link) != first


WRITER = """
import os, sys
from lambda_assets import _core
tree, cache = sys.argv[1:]
place = _core.CacheDir(cache, uid=os.geteuid())
for round in range(40):
    with open(os.path.join(tree, "by-%d" % (os.getpid() % 16)), "w") as handle:
        handle.write(str(round))
    os.utime(os.path.join(tree, "by-%d" % (os.getpid() % 16)), (1_600_000_000, 1_600_000_000))
    _core.fingerprint(tree, cache=place)
"""


def test_many_writers_some_killed(tree: Path, cache_dir: Path) -> None:
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    for number in range(200):
        (tree / f"f{number}").write_bytes(b"x" * number)
    time.sleep(SETTLE)
    command = [sys.executable, "-c", WRITER, str(tree), str(cache_dir)]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(16)]
    for writer in rng.sample(writers, 8):
        time.sleep(rng.random() / 10)
        writer.send_signal(signal.SIGKILL)
    for writer in writers:
        _, stderr = writer.communicate(timeout=120)
        # A file may vanish under a reader in this test only by being rewritten, which is no error.
        assert writer.returncode in {0, -signal.SIGKILL}, (seed, stderr)
    assert [problem for *_, problem in _core.cache_info(place(cache_dir)) if problem] == []
    # Something new to record, so that the next run writes and cleans up.
    (tree / "new").write_bytes(b"new")
    time.sleep(SETTLE)
    assert cached(tree, cache_dir) == fresh(tree), seed
    assert sorted(path.suffix for path in cache_dir.iterdir()) == [".digests"], seed


def test_only_temporaries_of_dead_writers_are_removed(tree: Path, cache_dir: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    (tree / "f").write_bytes(b"AAAA")
    time.sleep(SETTLE)
    cache_dir.mkdir(mode=0o700)
    orphan, alive = cache_dir / "1-00000000-0.tmp", cache_dir / "2-00000000-0.tmp"
    orphan.write_bytes(b"half of a cache")
    with alive.open("wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        cached(tree, cache_dir)
        assert (orphan.exists(), alive.exists()) == (False, True)
    assert len(list(cache_dir.glob("*.digests"))) == 1


def cache_file(cache_dir: Path) -> Path:
    [file] = cache_dir.glob("*.digests")
    return file


def notices_of(tree: Path, cache_dir: Path) -> list[str]:
    digest, notices = _core.fingerprint(tree, cache=place(cache_dir))
    assert digest == fresh(tree)
    return [code for code, _ in notices]


def test_every_prefix_is_ignored(tree: Path, cache_dir: Path) -> None:
    (tree / "f").write_bytes(b"AAAA")
    settle_and_fill(tree, cache_dir)
    file = cache_file(cache_dir)
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert notices_of(tree, cache_dir) == ["cache-damaged"], length
        assert counts(tree, cache_dir)["cached"] == 1, "it was not rebuilt"


def test_bit_flips_are_ignored(tree: Path, cache_dir: Path) -> None:
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    (tree / "f").write_bytes(b"AAAA")
    settle_and_fill(tree, cache_dir)
    file = cache_file(cache_dir)
    whole = file.read_bytes()
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        file.write_bytes(damaged)
        assert notices_of(tree, cache_dir) == ["cache-damaged"], seed


@pytest.mark.parametrize("what", ["directory", "file"])
@pytest.mark.parametrize("how", ["writable", "link", "foreign"])
def test_untrusted_places(tree: Path, cache_dir: Path, what: str, how: str) -> None:
    if how == "foreign" and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    (tree / "f").write_bytes(b"AAAA")
    settle_and_fill(tree, cache_dir)
    target = cache_dir if what == "directory" else cache_file(cache_dir)
    if how == "writable":
        target.chmod(0o777)
    elif how == "foreign":
        os.chown(target, 65534, 65534)
    else:
        moved = target.with_name("moved")
        target.rename(moved)
        target.symlink_to(moved)
    digest, notices = _core.fingerprint(tree, cache=place(cache_dir))
    assert digest == fresh(tree)
    assert [code for code, _ in notices] == ["cache-untrusted"]


def test_unusable_places_cost_only_time(tree: Path, tmp_path: Path) -> None:
    (tree / "f").write_bytes(b"AAAA")
    time.sleep(SETTLE)
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    assert len(notices_of(tree, in_the_way / "below")) == 1
    too_small = _core.CacheDir(tmp_path / "small", uid=os.geteuid(), max_bytes=10)
    digest, notices = _core.fingerprint(tree, cache=too_small)
    assert (digest, [code for code, _ in notices]) == (fresh(tree), ["cache-write"])


def test_all_files_together_stay_within_the_cap(tmp_path: Path, cache_dir: Path) -> None:
    bounded = _core.CacheDir(cache_dir, uid=os.geteuid(), max_bytes=2000)
    for number in range(20):
        root = tmp_path / f"tree{number}"
        root.mkdir()
        (root / "f").write_bytes(b"AAAA")
    time.sleep(SETTLE)
    for number in range(20):
        _core.fingerprint(tmp_path / f"tree{number}", cache=bounded)
    sizes = [size for _, _, _, size, _, _ in _core.cache_info(bounded)]
    assert 0 < sum(sizes) <= 2000


def test_nothing_is_written_when_nothing_changed(tree: Path, cache_dir: Path) -> None:
    (tree / "f").write_bytes(b"AAAA")
    settle_and_fill(tree, cache_dir)
    before = cache_file(cache_dir).stat(), cache_dir.stat().st_mtime_ns
    cached(tree, cache_dir)
    assert (cache_file(cache_dir).stat().st_ino, cache_dir.stat().st_mtime_ns) == (
        before[0].st_ino,
        before[1],
    )


def test_verify_names_a_damaged_file(tree: Path, cache_dir: Path) -> None:
    (tree / "f").write_bytes(b"AAAA")
    settle_and_fill(tree, cache_dir)
    assert _core.cache_verify(place(cache_dir), tree) == []
    cache_file(cache_dir).write_bytes(b"nonsense")
    [(name, problem)] = _core.cache_verify(place(cache_dir))
    assert name == str(cache_file(cache_dir))
    assert "damaged" in problem
    assert _core.cache_clear(place(cache_dir)) == (1, 8)
