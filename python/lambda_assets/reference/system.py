"""System calls with the errors of this package, on paths as JavaScript sees them.

Paths are ``str`` of proper Unicode here: Node decodes file names with replacement characters and then uses the decoded
name, so an undecodable name leads nowhere or to a file that really has replacement characters in its name.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lambda_assets.errors import OptionError, io_error
from lambda_assets.reference.text import resolve, utf16_order

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Rounds after which :func:`canonical` gives up; Node would never return.
MAX_LINKS = 1000


@contextmanager
def io_errors(op: str, path: str) -> Iterator[None]:
    """Turn an ``OSError`` into the class of this package.

    Args:
        op: Name of the operation.
        path: What it was applied to.

    Yields:
        Nothing.

    Raises:
        AssetIOError: Instead of the ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise io_error(op, error.errno or 0, error.strerror, path) from error


def absolute(path: str | os.PathLike[str]) -> str:
    """Make a user's path absolute by text alone.

    Args:
        path: Absolute or relative; the empty string is the working directory.

    Returns:
        The absolute path without trailing slash.

    Raises:
        OptionError: The path contains a NUL character.
    """
    text = os.fsencode(path).decode("utf-8", errors="replace")
    if "\0" in text:
        message = f"path contains a NUL character: {text!r}"
        raise OptionError(message)
    return resolve(os.getcwd(), text)


def canonical(path: str) -> str:
    """Resolve all links the way Node's ``fs.realpathSync`` does.

    It differs from the kernel in one point: ``..`` inside the text of a link is removed by text, before the links in
    front of it are looked at.

    Args:
        path: A normalised absolute path.

    Returns:
        The canonical path.

    Raises:
        AssetIOError: A part of the path does not exist, may not be searched or is a link that leads nowhere.
    """
    for _ in range(MAX_LINKS):
        parent = ""
        names = path.split("/")[1:] if path != "/" else []
        for index, name in enumerate(names):
            here = f"{parent}/{name}"
            with io_errors("lstat", here):
                is_link = stat.S_ISLNK(os.lstat(here.encode()).st_mode)
            if is_link:
                with io_errors("stat", here):
                    os.stat(here.encode())
                target = resolve(parent or "/", read_link(here))
                path = resolve(target, "/".join(names[index + 1 :]))
                break
            parent = here
        else:
            return parent or "/"
    raise io_error("realpath", errno.ELOOP, os.strerror(errno.ELOOP), path)


def read_link(path: str) -> str:
    """Read the text of a link.

    Args:
        path: The link.

    Returns:
        Its text; undecodable bytes become replacement characters.

    Raises:
        AssetIOError: It is not there or is no link.
    """
    with io_errors("readlink", path):
        return os.readlink(path.encode()).decode("utf-8", errors="replace")


def list_directory(path: str) -> list[tuple[str, str]]:
    """List a directory by the types in its entries.

    Args:
        path: The directory.

    Returns:
        Decoded name and kind of each entry (``link``, ``directory``, ``file`` or ``special``), sorted as JavaScript
        sorts. Names that are equal once they are decoded keep the order in which Node lists them, that of their bytes.

    Raises:
        AssetIOError: It is not there, is no directory or may not be read.
    """
    entries: list[tuple[str, bytes, str]] = []
    with io_errors("scandir", path), os.scandir(path.encode()) as listing:
        for entry in listing:
            if entry.is_symlink():
                kind = "link"
            elif entry.is_dir(follow_symlinks=False):
                kind = "directory"
            else:
                kind = "file" if entry.is_file(follow_symlinks=False) else "special"
            entries.append((entry.name.decode("utf-8", errors="replace"), entry.name, kind))
    entries.sort(key=lambda entry: (utf16_order(entry[0]), entry[1]))
    return [(name, kind) for name, _, kind in entries]
