"""What is wrong with the input ends in an exception that names it, within bounds of time, memory and stack."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING

import pytest

from lambda_assets import _core, errors

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = 65534


def raises(
    path: object, kind: type[Exception], builtin: type[Exception], **options: object
) -> Exception:
    with pytest.raises(kind) as caught:
        _core.fingerprint(path, **options)
    assert isinstance(caught.value, builtin)
    assert isinstance(caught.value, errors.AssetError)
    return caught.value


def test_missing_path_is_a_file_not_found_error(tmp_path: Path) -> None:
    error = raises(tmp_path / "no" / "pe", errors.AssetNotFoundError, FileNotFoundError)
    assert error.filename == str(tmp_path / "no" / "pe")
    assert error.strerror == os.strerror(error.errno)


def test_dangling_and_looping_roots(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("nope")
    (tmp_path / "loop").symlink_to("loop")
    raises(tmp_path / "dangling", errors.AssetNotFoundError, FileNotFoundError)
    raises(tmp_path / "loop", errors.AssetIOError, OSError)


def test_path_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    raises(tmp_path / "f" / "x", errors.AssetNotADirectoryError, NotADirectoryError)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_special_roots_and_special_files_behind_links(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    listener.close()
    for name in ("fifo", "socket"):
        error = raises(tmp_path / name, errors.SpecialFileError, OSError)
        assert error.filename == str(tmp_path / name)
    # Inside a tree they are skipped, but not at the end of a link that is followed.
    tree = tmp_path / "tree"
    tree.mkdir()
    empty = _core.fingerprint(tree)[0]
    os.mkfifo(tree / "fifo")
    assert _core.fingerprint(tree)[0] == empty
    (tree / "link").symlink_to("fifo")
    error = raises(tree, errors.SpecialFileError, OSError, follow="always")
    assert error.filename == str(tree / "link")
    _core.fingerprint(tree, follow="always", exclude=["link"])


def test_dev_null_is_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert _core.fingerprint("/dev/null")[0] == _core.fingerprint(tmp_path / "empty")[0]


@pytest.mark.parametrize("what", ["file", "directory"])
def test_unreadable_entries(tmp_path: Path, what: str) -> None:
    target = tmp_path / "secret"
    if what == "file":
        target.write_bytes(b"x")
    else:
        target.mkdir()
    target.chmod(0)
    tmp_path.chmod(0o755)
    script = f"""
        import os
        from lambda_assets import _core
        if os.geteuid() == 0:
            os.setuid({NOBODY})
        try:
            _core.fingerprint({str(tmp_path)!r})
        except PermissionError as error:
            print(type(error).__name__, error.filename == {str(target)!r})
        _core.fingerprint({str(tmp_path)!r}, exclude=["secret"])
        print("excluded")
    """
    open_to_others(tmp_path)
    done = run(script)
    target.chmod(0o700)
    assert done.stdout.split() == ["AssetPermissionError", "True", "excluded"], done.stderr


def open_to_others(path: Path) -> None:
    # pytest makes its directories private; another user must be able to get here.
    for parent in path.parents:
        if parent.stat().st_uid == os.geteuid() and parent.is_relative_to("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o755)


@pytest.mark.skipif(_core.BACKEND != "linux", reason="only Linux can leave access times alone")
def test_access_times_are_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    # Older than the last change, which makes an ordinary read set it.
    os.utime(file, (1, file.stat().st_mtime))
    _core.fingerprint(str(tmp_path))
    assert file.stat().st_atime == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs two users")
def test_files_of_several_owners_are_read_by_one_who_owns_some(tmp_path: Path) -> None:
    for number in range(9):
        file = tmp_path / f"{number}.txt"
        file.write_bytes(b"%d" % number)
        os.chown(file, NOBODY if number % 3 else 0, -1)
    tmp_path.chmod(0o755)
    open_to_others(tmp_path)
    script = f"""
        import os
        from lambda_assets import _core
        os.setuid({NOBODY})
        print(_core.fingerprint({str(tmp_path)!r})[0])
    """
    done = run(script)
    assert done.stdout.strip() == str(_core.fingerprint(str(tmp_path))[0]), done.stderr


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/b\xff"
    try:
        with open(name, "wb"):
            pass
    except OSError:
        pytest.skip("this file system refuses such names")
    error = raises(tmp_path, errors.AssetNotFoundError, FileNotFoundError)
    assert error.filename == f"{tmp_path}/b\ufffd"
    assert "UTF-8" in str(error)
    _core.fingerprint(tmp_path, exclude=["b*"])


@pytest.mark.parametrize(
    ("mode", "pattern"), [("glob", "x" * 65_537), ("docker", "a["), ("docker", "(x")]
)
def test_invalid_patterns(tmp_path: Path, mode: str, pattern: str) -> None:
    (tmp_path / "a").write_bytes(b"")
    error = raises(tmp_path, errors.PatternError, ValueError, ignore_mode=mode, exclude=[pattern])
    assert error.index == 0


@pytest.mark.parametrize(
    ("mode", "pattern"),
    [
        ("docker", "(a+)+b"),
        ("docker", "(a|a)*b"),
        ("docker", "(a*)*b"),
        ("glob", "*a*a*a*a*a*a*a*a*b"),
    ],
)
def test_patterns_that_backtrack_without_end(tmp_path: Path, mode: str, pattern: str) -> None:
    (tmp_path / ("a" * 200)).write_bytes(b"")
    started = time.monotonic()
    try:
        _core.fingerprint(tmp_path, ignore_mode=mode, exclude=[pattern])
    except errors.PatternError as error:
        assert error.pattern == pattern  # noqa: PT017  an answer is right, too
    # Not a speed test: without a bound this takes longer than the universe has lasted.
    assert time.monotonic() - started < 30


def test_unknown_modes(tmp_path: Path) -> None:
    for options in ({"follow": "sometimes"}, {"ignore_mode": "hg"}):
        error = raises(tmp_path, errors.OptionError, ValueError, **options)
        assert "allowed" in str(error)


def test_nesting_beyond_what_can_be_opened(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(5000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    error = raises(tmp_path, errors.TooDeepError, OSError)
    assert len(str(error)) < 8192
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_many_levels_below_the_limit(tmp_path: Path) -> None:
    levels = (4000 - len(str(tmp_path))) // 2
    path = f"{tmp_path}{'/d' * levels}"
    subprocess.run(["mkdir", "-p", path], check=True)
    with open(f"{path}/f", "wb") as handle:
        handle.write(b"deep")
    one, _ = _core.fingerprint(tmp_path, jobs=1)
    assert one == _core.fingerprint(tmp_path, jobs=4)[0] != _core.fingerprint(tmp_path / "d")[0]
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_wide_and_deep_trees_do_not_run_out_of_handles(tmp_path: Path) -> None:
    path = tmp_path
    for level in range(600):
        for sibling in ("a", "b"):
            (path / sibling).mkdir()
        (path / "f").write_bytes(str(level).encode())
        # The sibling is still to come when the walk is at the bottom, so each level wants its handle kept.
        path = path / "a"
    script = f"""
        import resource
        from lambda_assets import _core
        resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400))
        # A second worker would take the waiting siblings first.
        print(_core.fingerprint({str(tmp_path)!r}, jobs=1)[0])
    """
    done = run(script)
    assert done.stdout.strip() == _core.fingerprint(tmp_path)[0], done.stderr


BUSY_WRITER = """
import os, sys
descriptor = os.open(sys.argv[1], os.O_WRONLY)
size = os.fstat(descriptor).st_size
print("writing", flush=True)
number = 0
while True:
    number += 1
    for offset in (0, size - 1):
        os.pwrite(descriptor, bytes([1 + number % 100]), offset)
"""


def test_file_that_never_holds_still(tmp_path: Path) -> None:
    """Reading takes far longer than the pause between two writes: any hash would be of mixed content."""
    file = tmp_path / "log"
    file.write_bytes(b"x" * (32 << 20))
    command = [sys.executable, "-c", BUSY_WRITER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "writing\n"
        try:
            for _ in range(3):
                error = raises(tmp_path, errors.AssetChangedError, OSError)
                assert error.filename == str(file)
        finally:
            writer.kill()
    assert len(_core.fingerprint(tmp_path)[0]) == 64


def test_hash_of_a_rewritten_file_is_never_mixed(tmp_path: Path) -> None:
    """Two contents alternate by in-place writes; every hash must be that of one of them."""
    file = tmp_path / "f"
    size = 60_000
    allowed = set()
    for letter in b"AB":
        file.write_bytes(bytes([letter]) * size)
        allowed.add(_core.fingerprint(tmp_path)[0])
    # From writing all the time, where there can be no hash, to pauses in which there must be one.
    pauses = random.Random(1)
    done = threading.Event()

    def alternate() -> None:
        with file.open("r+b", buffering=0) as handle:
            for letter in itertools.cycle([b"A", b"B"]):
                os.pwrite(handle.fileno(), letter * size, 0)
                time.sleep(pauses.choice([0.0007, 0.0007, 0.003, 0.008, 0.02]))
                if done.is_set():
                    return

    writer = threading.Thread(target=alternate)
    writer.start()
    hashes, deadline = 0, time.monotonic() + 60
    try:
        # On a loaded machine most tries end without a hash.
        while hashes < 100 and (not hashes or time.monotonic() < deadline):
            with contextlib.suppress(errors.AssetChangedError):
                assert _core.fingerprint(tmp_path)[0] in allowed
                hashes += 1
    finally:
        done.set()
        writer.join()


RESTLESS_WRITER = """
import mmap, os, struct, sys, time
descriptor = os.open(sys.argv[1], os.O_WRONLY)
size = os.fstat(descriptor).st_size
contents = [[bytes([letter]) * (size // 1000)] * 1000 for letter in b"AB"]
log = mmap.mmap(os.open(sys.argv[2], os.O_RDWR), 0)
print("writing", flush=True)
number = 0
while True:
    number += 1
    place = 16 * (number % (len(log) // 16))
    struct.pack_into("=qq", log, place, time.monotonic_ns(), 0)
    os.pwritev(descriptor, contents[number % 2], 0)
    struct.pack_into("=q", log, place + 8, time.monotonic_ns())
"""

#: Less than a stamp must be old before it is taken for that of a finished call.
SHORT_NS = 1_500_000


def had_a_long_call(log: bytes, since: int, until: int) -> bool:
    """Whether a call that was under way in that time lasted long, as one does that was stopped half-way."""
    for start, end in struct.iter_unpack("=qq", log):
        finished = end or until
        if start and start < until and finished > since and finished - start > SHORT_NS:
            return True
    return False


@pytest.mark.skipif(not hasattr(os, "pwritev"), reason="no call that writes in pieces")
def test_what_a_write_call_is_writing_is_not_hashed(tmp_path: Path) -> None:
    """Each call takes longer than a read and stamps when it begins: equal stamps around a read prove nothing then.

    A call that is stopped half-way for longer than the stamp must be old can't be told from a finished one (docs/cache.md), and
    a loaded machine stops calls: the writer keeps a log of them, and a try beside a stopped one does not count. A refusal is
    right, too. Reading without waiting for the stamp to age gave half of all hashes from mixed content.
    """
    root = tmp_path / "root"
    root.mkdir()
    file, log = root / "f", tmp_path / "log"
    log.write_bytes(bytes(16 * 4096))
    allowed = set()
    for letter in b"AB":
        file.write_bytes(bytes([letter]) * 120_000)
        allowed.add(_core.fingerprint(root)[0])
    command = [sys.executable, "-c", RESTLESS_WRITER, str(file), str(log)]
    judged = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "writing\n"
        try:
            for _ in range(20):
                since = time.monotonic_ns()
                try:
                    digest, _ = _core.fingerprint(root)
                except errors.AssetChangedError:
                    judged += 1
                    continue
                if not had_a_long_call(log.read_bytes(), since, time.monotonic_ns()):
                    assert digest in allowed
                    judged += 1
        finally:
            writer.kill()
    if not judged:
        pytest.skip("the machine stopped a write call in every try")


def test_one_pass_copies_what_it_hashes_while_a_file_changes(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    file = root / "f"
    file.write_bytes(b"x")
    stop = threading.Event()

    def rewrite() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            file.write_bytes(b"%d" % number * (number % 500))
            time.sleep(0.02)

    cache = _core.CacheDir(tmp_path / "cache", uid=os.geteuid())
    writer = threading.Thread(target=rewrite)
    writer.start()
    copied = 0
    try:
        for number in range(60):
            with contextlib.suppress(errors.AssetChangedError):
                to = tmp_path / str(number)
                digest, _, _ = _core.fingerprint_and_copy(root, to, cache=cache)
                assert _core.fingerprint(to)[0] == digest
                copied += 1
    finally:
        stop.set()
        writer.join()
    assert copied


def test_files_that_vanish_give_an_error_or_a_hash(tmp_path: Path) -> None:
    stop = threading.Event()

    def churn() -> None:
        number = 0
        while not stop.is_set():
            path = tmp_path / f"f{number % 50}"
            path.write_bytes(b"x" * (number % 7))
            path.unlink()
            number += 1

    writer = threading.Thread(target=churn)
    writer.start()
    try:
        for _ in range(200):
            try:
                digest, _ = _core.fingerprint(tmp_path)
                assert len(digest) == 64
            except errors.AssetIOError as error:
                assert str(tmp_path) in error.filename  # noqa: PT017  both are right
    finally:
        stop.set()
        writer.join()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
def test_interrupt_stops_a_walk_of_everything(tmp_path: Path) -> None:
    (tmp_path / "all").symlink_to("/usr")
    script = f"""
        import sys, time
        from lambda_assets import _core
        print("ready", flush=True)
        try:
            while True:
                _core.fingerprint({str(tmp_path)!r}, follow="always")
        except KeyboardInterrupt:
            print("interrupted")
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert out == "interrupted\n", err
    # The promise is one second; the rest is room for a busy machine.
    assert time.monotonic() - sent < 10


def test_other_threads_run_meanwhile(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as handle:
        handle.truncate(300 << 20)
    ticks = 0
    done = threading.Event()

    def work() -> None:
        _core.fingerprint(tmp_path)
        done.set()

    worker = threading.Thread(target=work)
    worker.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    worker.join()
    assert ticks > 5


def test_memory_is_bounded_for_a_big_file(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as handle:
        handle.truncate(1 << 30)
    script = f"""
        import resource
        from lambda_assets import _core
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _core.fingerprint({str(tmp_path)!r})
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    done = run(script)
    assert int(done.stdout) < 64 * 1024, "more than 64 MiB for a file of 1 GiB"


def run(script: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(script)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("follow", ["never", "external", "always"])
def test_a_copy_never_writes_through_a_link(tmp_path: Path, follow: str) -> None:
    """An undecodable name is opened by its decoded name, and that can be a link to somewhere else."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    source = tmp_path / "source"
    source.mkdir()
    (source / "b\ufffd").symlink_to(precious)
    try:
        with open(os.fsencode(source) + b"/b\xff", "wb") as handle:
            handle.write(b"other")
    except OSError:
        pytest.skip("this file system refuses such names")
    _core.copy_directory(source, tmp_path / "copy", follow=follow)
    assert precious.read_bytes() == b"precious"
    copied = tmp_path / "copy" / "b\ufffd"
    assert copied.read_bytes() == b"precious"
    assert copied.is_symlink() == (follow == "never")
