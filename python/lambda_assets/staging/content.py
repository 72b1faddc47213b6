"""What a staged asset holds, as one digest: a copy is compared with its source by content, not by sizes.

Contents come from the digest cache, so that what did not change costs one ``stat``. Line ends are told apart by the sizes
that the content rule leaves out; permissions, links and empty directories count (spec copy).
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from lambda_assets import _core
from lambda_assets.settings import Settings
from lambda_assets.staging.place import is_directory, is_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambda_assets.staging.request import Request

_NOTHING_LEFT_OUT = {"follow": "never", "exclude": (), "ignore_mode": "glob"}


def of_copy(request: Request) -> str:
    """What a copy of the source would hold.

    Args:
        request: The inputs.

    Returns:
        64 hexadecimal digits, equal to :func:`of_staged` of a complete copy.

    Raises:
        AssetIOError: The system refuses something.
    """
    return _digest(request.source, request.wire, Settings.resolve().cache(), of_copy=True)


def of_staged(path: str) -> str | None:
    """What lies at a name, None if it is neither a directory nor a regular file.

    Args:
        path: The name; links are not followed.

    Raises:
        AssetIOError: The system refuses something.
    """
    if not (is_directory(path) or is_file(path)):
        return None
    return _digest(path, _NOTHING_LEFT_OUT, Settings.resolve().cache())


def of_bytes(path: str, wire: Mapping[str, Any] | None = None) -> str:
    """What is in a directory or file to the byte: every file is read, no cache is asked.

    Args:
        path: The directory or file.
        wire: Options of the walk; nothing is left out or followed if None.

    Raises:
        AssetIOError: The system refuses something.
    """
    return _digest(path, wire or _NOTHING_LEFT_OUT, None, exact=True)


def of_temporary(path: str) -> str:
    """:func:`of_staged` of what has no name yet: the digest cache would never be asked for it again.

    Args:
        path: A directory or file.

    Raises:
        AssetIOError: The system refuses something.
    """
    return _digest(path, _NOTHING_LEFT_OUT, None)


def of_archive(path: str) -> str | None:
    """The SHA-256 of a file, None if there is none.

    Args:
        path: The file.
    """
    if not is_file(path):
        return None
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(
    path: str,
    wire: Mapping[str, Any],
    cache: _core.CacheDir | None,
    *,
    exact: bool = False,
    of_copy: bool = False,
) -> str:
    jobs = Settings.resolve().jobs
    return _core.content_digest(path, exact=exact, of_copy=of_copy, cache=cache, jobs=jobs, **wire)


def resolved_link(path: str, key: str, text: str) -> str:
    """Where a link leads: its parent is canonical, the last component may be a link itself (spec fingerprint (c) 3).

    Args:
        path: The tree.
        key: The link, relative to it.
        text: What the link says.
    """
    above = os.path.realpath(os.path.join(path, os.path.dirname(key)))
    target = os.path.normpath(os.path.join(above, text))
    return os.path.join(os.path.realpath(os.path.dirname(target)), os.path.basename(target))


def is_inside(path: str, directory: str) -> bool:
    """Whether a path is a directory or below it, by text.

    Args:
        path: The path, absolute.
        directory: The directory, absolute.
    """
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def text_in_copy(root: str, path: str, key: str, text: str) -> str:
    """The text of a kept link in a copy: one into the tree leads to the same place of the copy (spec copy, link text).

    Args:
        root: Canonical path of the tree.
        path: The tree.
        key: The link, relative to it.
        text: What the link says.
    """
    resolved = resolved_link(path, key, text)
    if not is_inside(resolved, root):
        return text
    return os.path.relpath(resolved, os.path.join(root, os.path.dirname(key)))
