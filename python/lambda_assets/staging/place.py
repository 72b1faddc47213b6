"""Staged assets appear by rename, and only when they are complete.

Work goes on in a private directory inside the output directory, on which its owner holds a lock. A directory of that
kind that nobody has locked belonged to a killed run and is removed: no clock and no process ids are needed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
from typing import TYPE_CHECKING

from lambda_assets.errors import asset_io_error

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PREFIX = ".lambda-assets-"
_SUFFIX = ".tmp"


@contextlib.contextmanager
def workplace(outdir: str) -> Iterator[str]:
    """A private directory in the output directory, gone afterwards; leftovers of killed runs go first.

    Args:
        outdir: The output directory, made if absent.

    Yields:
        Its path.

    Raises:
        AssetIOError: The system refuses something.
    """
    try:
        os.makedirs(outdir, exist_ok=True)
        remove_leftovers(outdir)
        path, lock = _locked_directory(outdir)
    except OSError as error:
        raise asset_io_error("mkdir", error) from None
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def remove_leftovers(outdir: str) -> None:
    """Remove the private directories whose owners are gone.

    Args:
        outdir: The output directory.
    """
    if sys.platform == "win32":
        return  # no lock tells there whether the owner lives
    with os.scandir(outdir) as entries:
        found = [e.path for e in entries if e.name.startswith(_PREFIX) and e.name.endswith(_SUFFIX)]
    for path in found:
        lock = _try_lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def install(made: str, target: str, is_good: Callable[[str], bool]) -> bool:
    """Give a finished file or directory its name.

    Args:
        made: What is finished, on the same file system.
        target: Its name. What stands there and is good stays, so that a reader never sees it vanish.
        is_good: Whether what stands there is what it must be.

    Returns:
        Whether it has the name now; False if what stood there stays.

    Raises:
        AssetIOError: The system refuses something.
    """
    try:
        while not _renamed(made, target):
            if is_good(target):
                return False
            # Out of the way first: a directory can't be replaced in one step. Who else does so at the same time
            # brings the same content.
            with contextlib.suppress(FileNotFoundError):
                os.rename(target, tempfile.mktemp(dir=os.path.dirname(made)))  # noqa: S306  private
    except OSError as error:
        raise asset_io_error("rename", error) from None
    return True


def is_directory(path: str) -> bool:
    """Whether a path is a directory itself, not a link to one.

    Args:
        path: The path.
    """
    return _kind(path) == stat.S_IFDIR


def is_file(path: str) -> bool:
    """Whether a path is a regular file itself, not a link to one.

    Args:
        path: The path.
    """
    return _kind(path) == stat.S_IFREG


def is_private(path: str) -> bool:
    """Whether a path is a directory itself that belongs to this user and that nobody else may write to.

    What lies in a cache is taken for what this user has put in. On Windows that is left to the place of the cache.

    Args:
        path: The path.

    Raises:
        OSError: The system refuses something.
    """
    found = os.lstat(path)
    if sys.platform == "win32":
        return stat.S_ISDIR(found.st_mode)
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not others


def _kind(path: str) -> int:
    try:
        return stat.S_IFMT(os.lstat(path).st_mode)
    except OSError:
        return 0


def _renamed(made: str, target: str) -> bool:
    # A rename would replace a file or an empty directory unseen; whether those are good is asked first.
    if os.path.lexists(target):
        return False
    try:
        os.rename(made, target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return False
    except OSError:
        if os.path.lexists(target):
            return False
        raise
    return True


def _locked_directory(outdir: str) -> tuple[str, int | None]:
    while True:
        path = tempfile.mkdtemp(prefix=_PREFIX, suffix=_SUFFIX, dir=outdir)
        if sys.platform == "win32":
            return path, None
        # Between the two steps it looks like a leftover, and another run may have taken it.
        lock = _try_lock(path)
        if lock is not None:
            return path, lock


def _try_lock(path: str) -> int | None:
    if sys.platform == "win32":
        return None
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), os.lstat(path)):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None
