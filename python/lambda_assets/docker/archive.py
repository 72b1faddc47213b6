"""Directories as streams of tar, as the engine takes and gives them.

Going in, everything has the name of the container's directory in front and is unpacked at the root: that way a link
that leads far up is kept as it is, where the engine refuses it in an archive for the directory itself.
"""

from __future__ import annotations

import io
import os
import tarfile
from typing import TYPE_CHECKING

from lambda_assets.errors import AssetChangedError, ValidationError, asset_io_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Buffer

_CHUNK = 1 << 20
_OPEN_TO_ALL = 0o777


def pack(directory: str, name: str, owner: tuple[int, int] | None) -> Iterator[bytes]:
    """A directory as an archive, piece by piece.

    Args:
        directory: The directory.
        name: What it is called in the archive; it can be written by everybody there.
        owner: Whose everything is there, as on this machine if None.

    Raises:
        AssetIOError: The system refuses something.
        AssetChangedError: A file has not as many bytes as it had a moment ago.
    """
    # Never written to: it only tells what kind a file is, and which are hard links of another.
    describing = tarfile.TarFile(fileobj=io.BytesIO(), mode="w", format=tarfile.PAX_FORMAT)
    for path, arcname in _walk(directory, name):
        try:
            info: tarfile.TarInfo | None = describing.gettarinfo(path, arcname)
            if info is None:  # as the library says, whatever its stub says
                continue  # a socket
            if path == directory:
                info.mode |= _OPEN_TO_ALL
            if owner is not None:
                info.uid, info.gid = owner
            info.uname = info.gname = ""
            yield info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
            if info.isreg():
                yield from _content(path, info.size)
        except OSError as error:
            raise asset_io_error("read", error) from None
    yield bytes(2 * tarfile.BLOCKSIZE)


def empty(name: str, owner: tuple[int, int] | None) -> bytes:
    """An archive of one empty directory that everybody may write to.

    Args:
        name: The directory.
        owner: Whose it is, of root if None.
    """
    info = tarfile.TarInfo(name)
    info.type, info.mode = tarfile.DIRTYPE, _OPEN_TO_ALL
    if owner is not None:
        info.uid, info.gid = owner
    return info.tobuf() + bytes(2 * tarfile.BLOCKSIZE)


def unpack(stream: Iterable[bytes], directory: str) -> None:
    """Unpack what lies in the only directory of an archive into one that exists; everything is ours then.

    Args:
        stream: The archive.
        directory: Where to.

    Raises:
        ValidationError: Something in it would come to lie outside.
        AssetIOError: The system refuses something.
    """
    try:
        file = io.BufferedReader(_Reader(stream), _CHUNK)
        with tarfile.open(fileobj=file, mode="r|") as archive:
            archive.extractall(directory, filter=_placed)  # noqa: S202  the filter keeps it inside
    except tarfile.TarError as error:
        raise ValidationError(f"the output of the container cannot be unpacked: {error}") from error
    except OSError as error:
        raise asset_io_error("write", error) from None


def _placed(member: tarfile.TarInfo, directory: str) -> tarfile.TarInfo | None:
    _, _, name = member.name.partition("/")
    if not name:
        return None
    moved: dict[str, object] = {"name": name}
    if member.islnk():
        moved["linkname"] = member.linkname.partition("/")[2]
    inside = tarfile.tar_filter(member.replace(**moved, deep=False), directory)  # type: ignore[arg-type]
    # It takes write permission from others, which the CDK's copy keeps.
    return inside.replace(mode=member.mode, uid=None, gid=None, uname=None, gname=None, deep=False)  # type: ignore[arg-type]


def _walk(directory: str, name: str) -> Iterator[tuple[str, str]]:
    yield directory, name
    waiting = [(directory, name)]
    while waiting:
        parent, above = waiting.pop()
        try:
            with os.scandir(parent) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            raise asset_io_error("scandir", error) from None
        for entry in found:
            pair = (entry.path, f"{above}/{entry.name}")
            yield pair
            if entry.is_dir(follow_symlinks=False):
                waiting.append(pair)


def _content(path: str, size: int) -> Iterator[bytes]:
    left = size
    with open(path, "rb") as file:
        while left:
            data = file.read(min(_CHUNK, left))
            if not data:
                raise AssetChangedError(0, "changed while it was read", path)
            left -= len(data)
            yield data
    yield bytes(-size % tarfile.BLOCKSIZE)


class _Reader(io.RawIOBase):
    """Chunks, as a file that is read once from start to end."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        # A view: the engine's chunks are big, and are read in pieces of 512 bytes.
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        if not self._rest:
            self._rest = memoryview(next(filter(None, self._chunks), b""))
        target = memoryview(buffer)
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
