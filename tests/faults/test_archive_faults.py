"""Archives of trees that change meanwhile, and archives that are broken off."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from lambda_assets import AssetChangedError
from lambda_assets.archive import zip_directory

if TYPE_CHECKING:
    from pathlib import Path

BUSY_WRITER = """
import os, sys
descriptor = os.open(sys.argv[1], os.O_WRONLY)
print("writing", flush=True)
while True:
    os.pwrite(descriptor, b"y" * 65536, 0)
"""


@pytest.mark.parametrize("size", [32 << 20, (256 << 20) + 1], ids=["packed", "streamed"])
def test_a_file_that_never_holds_still_is_an_error_and_leaves_nothing(
    tmp_path: Path, size: int
) -> None:
    (tmp_path / "tree").mkdir()
    file = tmp_path / "tree" / "log"
    with file.open("wb") as handle:
        handle.truncate(size)
    command = [sys.executable, "-c", BUSY_WRITER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        try:
            with pytest.raises(AssetChangedError) as error:
                zip_directory(tmp_path / "tree", tmp_path / "out.zip", level=1)
            assert error.value.filename == str(file)
        finally:
            writer.kill()
    assert os.listdir(tmp_path) == ["tree"]


def test_a_rewritten_file_is_never_archived_mixed(tmp_path: Path) -> None:
    """Two contents alternate by in-place writes; every archive must hold one of them."""
    file = tmp_path / "tree" / "f"
    file.parent.mkdir()
    size = 60_000
    file.write_bytes(b"B" * size)
    allowed = {bytes([letter]) * size for letter in b"AB"}
    pauses = random.Random(1)
    done = threading.Event()

    def alternate() -> None:
        with file.open("r+b", buffering=0) as handle:
            for letter in itertools.cycle([b"A", b"B"]):
                os.pwrite(handle.fileno(), letter * size, 0)
                time.sleep(pauses.choice([0.0007, 0.003, 0.008, 0.02]))
                if done.is_set():
                    return

    writer = threading.Thread(target=alternate)
    writer.start()
    archives, deadline = 0, time.monotonic() + 60
    try:
        # On a loaded machine most tries end without an archive.
        while archives < 30 and (not archives or time.monotonic() < deadline):
            with contextlib.suppress(AssetChangedError):
                zip_directory(file.parent, tmp_path / "out.zip")
                with zipfile.ZipFile(tmp_path / "out.zip") as archive:
                    assert archive.read("f") in allowed
                archives += 1
    finally:
        done.set()
        writer.join()


def test_interrupt_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    noise = random.Random(1).randbytes(1 << 20)
    for number in range(60):
        (tmp_path / "tree" / str(number)).write_bytes(noise * 2)
    script = f"""
        from lambda_assets.archive import zip_directory
        print("ready", flush=True)
        try:
            while True:
                zip_directory({str(tmp_path / "tree")!r}, {str(tmp_path / "out.zip")!r}, level=12)
        except KeyboardInterrupt:
            print("interrupted")
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert out == "interrupted\n", err
    assert time.monotonic() - sent < 10
    assert set(os.listdir(tmp_path)) <= {"tree", "out.zip"}
