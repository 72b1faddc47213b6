"""Big files: streamed in pairs, or read by a second thread; the value is that of the plain reference."""

from __future__ import annotations

import os
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest

from lambda_assets import _core, reference

if TYPE_CHECKING:
    from pathlib import Path

CHUNK = 8192
#: Around the size from which files are streamed, around blocks, and where a reader thread begins to pay.
SIZES = [16 * CHUNK + 1, 32 * CHUNK - 1, 32 * CHUNK, 32 * CHUNK + 1, (1 << 20) + 5, 3 << 20]

MAKERS = {
    "binary": lambda rng, size: b"\0" + rng.randbytes(size - 1),
    "ascii": lambda _, size: (b"some words\n" * size)[:size],
    "utf-8": lambda _, size: ("a€漢\U0001f600é" * size).encode()[:size],
    "crlf": lambda _, size: (b"some words\r\n" * size)[:size],
    "ends in CR": lambda _, size: b"x" * (size - 1) + b"\r",
    "only CR": lambda _, size: b"\r" * size,
    "NUL late": lambda _, size: b"x\r\n" * (size // 3) + b"\0\r\n",
}


@pytest.fixture
def files(tmp_path: Path, seed: int) -> Path:
    rng = random.Random(seed)
    for name, make in MAKERS.items():
        for size in SIZES:
            # Several directories, so that workers meet each other's files in the queue.
            place = tmp_path / "root" / str(size)
            place.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(make(rng, size))
            (place / f"small {name}").write_bytes(make(rng, 100))
    return tmp_path / "root"


@pytest.mark.parametrize("jobs", [1, 2, 3, 8])
def test_a_tree_of_big_files(files: Path, jobs: int, tmp_path: Path) -> None:
    expected = reference.fingerprint(files)
    assert _core.fingerprint(files, jobs=jobs)[0] == expected
    digest, counts, _ = _core.fingerprint_and_copy(files, tmp_path / "copy", jobs=jobs)
    assert digest == expected
    assert counts["files"] == 2 * len(MAKERS) * len(SIZES)
    assert reference.fingerprint(tmp_path / "copy") == expected


@pytest.mark.parametrize("name", list(MAKERS))
def test_one_big_file_alone_and_as_the_root(files: Path, name: str, tmp_path: Path) -> None:
    for size in SIZES:
        file = files / str(size) / name
        # A root that is a file, and a lone file beside a worker that has nothing to do.
        assert _core.content_value(file) == reference.content_value(file)
        for jobs in (1, 2):
            assert _core.fingerprint(file, jobs=jobs)[0] == reference.fingerprint(file)
        alone = tmp_path / f"{size}"
        alone.mkdir()
        os.link(file, alone / "f")
        assert _core.fingerprint(alone, jobs=2)[0] == reference.fingerprint(alone)


@pytest.mark.parametrize("copy", [False, True])
def test_a_big_file_that_grows_is_read_again(tmp_path: Path, copy: bool) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for name in ("a", "b"):
        (root / name).write_bytes(b"x" * (40 << 20))
    started = threading.Event()

    def grow() -> None:
        with (root / "a").open("ab", buffering=0) as file:
            for _ in range(10):
                file.write(b"more")
                started.set()
                time.sleep(0.003)

    thread = threading.Thread(target=grow)
    thread.start()
    started.wait()
    if copy:
        digest, _, _ = _core.fingerprint_and_copy(root, tmp_path / "copy")
        assert reference.fingerprint(tmp_path / "copy") == digest
    else:
        digest, _ = _core.fingerprint(root)
    thread.join()
    assert digest == reference.fingerprint(root)
