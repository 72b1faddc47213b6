"""Files appear by rename, a set of them at a time: of two runs into one directory, one waits for the other.

A lock on the directory says who writes; the system drops it with the process. So a temporary file that somebody finds while
holding the lock belonged to a killed run.

Manifests name what is in other files by its hash. Those that change are removed first and written last, so that a killed run
leaves a directory that tools refuse, not one in which an old template goes by the hash of a new one.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from lambda_assets.errors import ValidationError, asset_io_error

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PREFIX = ".lambda-assets-manifest-"
_PLAIN = (0, 0)


def write_files(directory: str, files: Mapping[str, str]) -> None:
    """Write what is not there already, each file complete or not at all; nothing is written if a text can't be.

    Args:
        directory: The outermost directory, which is locked; made if absent.
        files: Texts by path below it.

    Raises:
        ValidationError: A text is not valid Unicode.
        AssetIOError: The system refuses something.
    """
    contents = {name: _encoded(name, text) for name, text in files.items()}
    for place in dict.fromkeys(os.path.dirname(os.path.join(directory, name)) for name in files):
        try:
            os.makedirs(place, exist_ok=True)
        except OSError as error:
            raise asset_io_error("mkdir", error) from None
    with _alone(directory):
        try:
            changed = [name for name in contents if _read(directory, name) != contents[name]]
            changed.sort(key=_rank)
            for name in reversed(changed):
                if _rank(name) > _PLAIN:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(os.path.join(directory, name))
            for name in changed:
                _replace(os.path.join(directory, name), contents[name])
        except OSError as error:
            raise asset_io_error("write", error) from None


def _rank(name: str) -> tuple[int, int]:
    """Where a file stands in order: manifests after what they name, that of the outermost assembly last."""
    kind = 2 if os.path.basename(name) == "manifest.json" else name.endswith(".assets.json")
    return (int(kind), -name.count(os.sep)) if kind else _PLAIN


def _read(directory: str, name: str) -> bytes | None:
    try:
        with open(os.path.join(directory, name), "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _encoded(name: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        around = text[max(error.start - 40, 0) : error.start]
        raise ValidationError(
            f"'{name}' would hold text that is not valid Unicode, after {around!r}"
        ).with_hint("rename the file, or change the option, that it comes from") from None


def _replace(path: str, content: bytes) -> None:
    head, name = os.path.split(path)
    temporary = os.path.join(head, f"{_PREFIX}{name}.tmp")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    try:
        # The mode is that of stock; the system takes off what the user's mask says.
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _alone(directory: str) -> Iterator[None]:
    if sys.platform == "win32":
        yield  # nothing there locks a directory
        return
    try:
        lock = os.open(directory or ".", os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise asset_io_error("open", error) from None
    try:
        # Where a file system has no locks, two runs at once are the user's to avoid.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
