"""Stage without moving bytes where that can't make a staged file change later.

A clone shares its blocks with the source until one of the two is written to, so it is as good as a copy. A hard link is the
source itself: only a file that nobody may write to, and that belongs to this user, gets one. All others are copied.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.errors import asset_io_error
from lambda_assets.staging.content import text_in_copy

if sys.platform == "linux":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.staging.request import Request

_FICLONE = 0x40049409
_CANNOT_CLONE = {
    errno.EOPNOTSUPP,
    errno.EXDEV,
    errno.EINVAL,
    errno.ENOTTY,
    errno.ENOSYS,
    errno.EPERM,
}


def link_tree(request: Request, made: str) -> None:
    """Make the copy of a directory by clones and hard links.

    Args:
        request: The inputs.
        made: The directory to make.

    Raises:
        AssetIOError: The system refuses something.
    """
    source = request.source
    root, sharer = os.path.realpath(source), Sharer()
    try:
        os.mkdir(made)
        for key, kind, text in _listed(request):
            to = os.path.join(made, key)
            if kind in {"directory", "cycle"}:
                os.makedirs(to, exist_ok=True)
                continue
            os.makedirs(os.path.dirname(to), exist_ok=True)
            if kind == "link":
                os.symlink(text_in_copy(root, source, key, text or ""), to)
            else:
                sharer.share(os.path.join(source, key), to)
    except OSError as error:
        raise asset_io_error("link", error) from None


def has_linkable(request: Request) -> bool:
    """Whether any file of a directory may have a second name; the native copy clones, and is faster, where none may.

    Args:
        request: The inputs.

    Raises:
        AssetIOError: The system refuses something.
    """
    sharer, others = Sharer(), {"directory", "cycle", "link"}
    files = (
        os.path.join(request.source, key) for key, kind, _ in _listed(request) if kind not in others
    )
    try:
        return any(map(sharer.may_link, files))
    except OSError as error:
        raise asset_io_error("stat", error) from None


def _listed(request: Request) -> Iterator[tuple[str, str, str | None]]:
    for key, kind, _, _, text, ignored, _ in _core.list_tree(request.source, **request.wire):
        if not ignored and kind != "special":
            yield key, kind, text


class Sharer:
    """Clones, links or copies files, and remembers what the file system can't do."""

    __slots__ = ("_can_clone", "_user")

    def __init__(self) -> None:
        self._can_clone = sys.platform == "linux"
        self._user = os.geteuid() if sys.platform != "win32" else None

    def share(self, source: str, to: str) -> None:
        """Make a new file with the content and permissions of another.

        Args:
            source: The file; links are followed.
            to: The new file.

        Raises:
            OSError: The system refuses something.
        """
        if self._hard_linked(source, to):
            return
        if not (self._can_clone and self._cloned(source, to)):
            shutil.copyfile(source, to)
        shutil.copymode(source, to)

    def may_link(self, source: str) -> bool:
        """Whether a file may have a second name: nobody may write to it, and it is this user's.

        Args:
            source: The file; links are followed.

        Raises:
            OSError: The system refuses something.
        """
        found = os.stat(source)
        writable = found.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
        special = found.st_mode & (stat.S_ISUID | stat.S_ISGID)
        mine = found.st_uid == self._user and stat.S_ISREG(found.st_mode)
        return mine and not writable and not special

    def _hard_linked(self, source: str, to: str) -> bool:
        if not self.may_link(source):
            return False
        try:
            os.link(os.path.realpath(source), to)
        except OSError:
            return False  # another file system, or too many links
        return True

    def _cloned(self, source: str, to: str) -> bool:
        if sys.platform != "linux":
            return False
        with open(source, "rb") as from_file, open(to, "wb") as to_file:
            try:
                fcntl.ioctl(to_file.fileno(), _FICLONE, from_file.fileno())
            except OSError as error:
                if error.errno not in _CANNOT_CLONE:
                    raise
                self._can_clone = False
                return False
        return True
