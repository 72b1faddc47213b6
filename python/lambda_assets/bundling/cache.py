"""Results of bundling, kept between runs (used by ``AssetStaging``).

An entry is a directory that appears by rename, under the digest of everything that the result depends on. What is taken out
is compared by content with what was put in, so a damaged entry is a missing one. Several processes may use one cache; who
holds the lock of a key is the only one that builds it. A cache that can only be read is used, and left as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.errors import AssetError
from lambda_assets.filesystem.file_system import report
from lambda_assets.settings import Settings
from lambda_assets.staging import content
from lambda_assets.staging.place import is_private, workplace

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.bundling.options import BundlingOptions

MAX_BYTES = 2 << 30
"""What all entries may take; the ones that were not used for longest go first."""

_RECORD = "record.json"
_OUTPUT = "output"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Record:
    """What is known about an entry.

    Attributes:
        product: Name of the one file in the output directory that is the asset; empty for the directory.
        is_archive: Whether the object will be an archive.
        asset_hash: The hash of the asset, if it is made of the output.
        staged: Digest of the product as it is staged, ``content.of_temporary``.
        output: Digest of the output to the byte, ``content.of_bytes``.
        size: Bytes of the output.
    """

    product: str
    is_archive: bool
    asset_hash: str
    staged: str
    output: str
    size: int


def entry_key(**inputs: object) -> str:
    """The name of an entry.

    Args:
        inputs: Everything that the result depends on, as JSON.

    Returns:
        64 hexadecimal digits.
    """
    text = json.dumps({"format": 1, **inputs}, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def image_digest(options: BundlingOptions) -> str | None:
    """What tells the image of a container from a later one of the same name, None if nothing does.

    The image says it by a method ``digest(platform)``; results of an image without one are not kept, nor are those of
    containers that see other directories than the source, whose content nobody looks at.

    Args:
        options: The options.
    """
    if options.volumes or options.volumes_from:
        return None
    digest = getattr(options.image, "digest", None)
    found = digest(options.platform) if callable(digest) else None
    return found if isinstance(found, str) and found else None


class BundleCache:
    """The cache.

    Args:
        directory: Where it is.
        max_bytes: What all entries may take.
    """

    __slots__ = ("_directory", "_max_bytes")

    def __init__(self, directory: str, max_bytes: int = MAX_BYTES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes

    @classmethod
    def open(cls) -> BundleCache | None:
        """The cache of the settings, None if there is none, or if it is not this user's alone."""
        directory = Settings.resolve().bundles()
        if directory is None:
            return None
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            if is_private(directory):
                return cls(directory)
        except OSError as error:
            report([("bundles-unusable", f"no cache of bundling results: {error}")])
            return None
        report([("bundles-foreign", f"others may write to {directory!r}: it is not used")])
        return None

    @contextlib.contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Wait until no other thread or process works on a key, and keep it so.

        Args:
            key: The key.
        """
        if sys.platform == "win32":
            yield  # the work may be done twice there, never wrongly
            return
        path = os.path.join(self._directory, key + _LOCK)
        try:
            lock = _locked(path)
        except OSError as error:
            report([("bundles-unlocked", f"results of bundling are not kept: {error}")])
            yield
            return
        try:
            yield
        finally:
            _unlocked(path, lock)

    def record(self, key: str) -> Record | None:
        """What is known about an entry, None if there is none.

        Args:
            key: The key.
        """
        try:
            with open(os.path.join(self._directory, key, _RECORD), encoding="ascii") as file:
                seal, text = file.read().split("\n", 1)
            return Record(**json.loads(text)) if seal == _seal(key, text) else None
        except (OSError, ValueError, TypeError):
            return None

    def fetch(self, key: str, record: Record, output: str) -> bool:
        """Put the output of an entry into a new directory.

        Args:
            key: The key.
            record: What is known about it.
            output: The directory to make.

        Returns:
            Whether it is there, to the byte; otherwise the entry is gone, and so is the directory.
        """
        entry = os.path.join(self._directory, key)
        try:
            _copy(os.path.join(entry, _OUTPUT), output)
            if content.of_bytes(output) == record.output:
                with contextlib.suppress(OSError):
                    os.utime(os.path.join(entry, _RECORD))
                return True
        except (AssetError, OSError):
            pass
        shutil.rmtree(output, ignore_errors=True)
        report([("bundle-damaged", f"the cached bundling result {entry!r} is damaged: not used")])
        self._remove(key)
        return False

    def store(self, key: str, output: str, record: Record) -> None:
        """Keep a result; failing costs time later, nothing else.

        Args:
            key: The key.
            output: The output directory.
            record: What is known about it.
        """
        if record.size > self._max_bytes:
            return
        try:
            with workplace(self._directory) as work:
                made = os.path.join(work, "entry")
                os.mkdir(made)
                _copy(output, os.path.join(made, _OUTPUT))
                if not _is_same(output, os.path.join(made, _OUTPUT), record):
                    return
                with open(os.path.join(made, _RECORD), "w", encoding="ascii") as file:
                    text = json.dumps(asdict(record))
                    file.write(f"{_seal(key, text)}\n{text}")
                final = os.path.join(self._directory, key)
                if os.path.lexists(final):
                    os.rename(final, os.path.join(work, "old"))
                os.rename(made, final)
            self._bound(keep=key)
        except (AssetError, OSError) as error:
            report([("bundle-not-kept", f"a bundling result could not be kept: {error}")])

    def _bound(self, keep: str) -> None:
        found: list[tuple[float, int, str]] = []
        with os.scandir(self._directory) as entries:
            names = [entry.name for entry in entries if not entry.name.startswith(".")]
        for name in names:
            if name.endswith(_LOCK):
                _remove_if_free(os.path.join(self._directory, name))
                continue
            record = self.record(name)
            if record is None:
                self._remove(name)
                continue
            with contextlib.suppress(FileNotFoundError):  # another process has removed it
                used = os.stat(os.path.join(self._directory, name, _RECORD)).st_mtime
                found.append((used, record.size, name))
        total = sum(size for _, size, _ in found)
        for _, size, name in sorted(found):
            if total > self._max_bytes and name != keep:
                self._remove(name)
                total -= size

    def _remove(self, key: str) -> None:
        with contextlib.suppress(AssetError, OSError), workplace(self._directory) as work:
            os.rename(os.path.join(self._directory, key), os.path.join(work, "old"))


def size_of(directory: str) -> int:
    """Bytes of all files below a directory.

    Args:
        directory: The directory.
    """
    return sum(
        size for _, kind, size, *_ in _core.list_tree(directory, follow="never") if kind == "file"
    )


def _copy(directory: str, to: str) -> None:
    _core.copy_directory(directory, to, follow="never", jobs=Settings.resolve().jobs)
    os.chmod(to, 0o777)  # noqa: S103  as the bundler had it; the directory around is private


def _is_same(output: str, copy: str, record: Record) -> bool:
    # A copy writes links in the shortest form: a result with others is not worth a second kind of copy.
    links = [
        {row[0]: row[4] for row in _core.list_tree(tree, follow="never") if row[1] == "link"}
        for tree in (output, copy)
    ]
    return links[0] == links[1] and content.of_bytes(copy) == record.output


def _seal(key: str, text: str) -> str:
    # What is recorded decides what is trusted, so damage to it must show too.
    return hashlib.sha256(f"{key} {text}".encode()).hexdigest()


def _locked(path: str) -> int:
    while True:
        lock = _try_lock(path, wait=True)
        if lock is not None:
            return lock


def _unlocked(path: str, lock: int) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
    os.close(lock)


def _remove_if_free(path: str) -> None:
    """Remove the lock of a killed run."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        lock = _try_lock(path, wait=False)
        if lock is not None:
            _unlocked(path, lock)


def _try_lock(path: str, *, wait: bool) -> int | None:
    assert sys.platform != "win32"  # noqa: S101  tells the type checker what the callers know
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Who had it before removed the file: a lock on that would keep nobody out.
        if os.path.samestat(os.fstat(lock), os.stat(path)):
            return lock
    except (FileNotFoundError, BlockingIOError):
        pass
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None
