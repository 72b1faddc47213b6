"""The native contract: everything that opens user files.

Private. Paths are absolute or relative file names as ``str`` (undecodable bytes as surrogate escapes) or any
``os.PathLike``; text that reaches a hash or a pattern must be free of lone surrogates. All functions release the GIL
during file work, call ``progress`` about every 50 ms and raise the classes of :mod:`lambda_assets.errors`.

``follow`` is one of ``never``, ``always``, ``external``, ``internal-only``; ``ignore_mode`` one of ``glob``, ``git``,
``docker``. Without ``extra_hash`` and ``exclude``
there are none. ``jobs`` is a number of threads, 0 = as many as this process may use. A notice is ``(code, message)``:
something that is no error, such as a cache that was not used.
"""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import TypeAlias, final

__all__ = [
    "ALGORITHM",
    "BACKEND",
    "CacheDir",
    "Matcher",
    "Snapshot",
    "cache_clear",
    "cache_info",
    "cache_verify",
    "content_digest",
    "content_value",
    "copy_directory",
    "fingerprint",
    "fingerprint_and_copy",
    "list_tree",
    "snapshot",
    "zip_directory",
]

_Path: TypeAlias = str | PathLike[str]
#: files seen, files done, bytes done, bytes known so far
_Progress: TypeAlias = Callable[[int, int, int, int], None]

#: Name of the rule set that computed a hash; part of cache headers and snapshots.
ALGORITHM: str
#: ``linux`` or ``portable``: the file-system back end that was compiled in.
BACKEND: str

@final
class CacheDir:
    """Where the digest cache may live and who must own it.

    ``uid`` is the effective user id, or None where the platform has none. ``max_bytes`` bounds all cache files.
    """

    def __new__(cls, path: _Path, *, uid: int | None = None, max_bytes: int = ...) -> CacheDir: ...

@final
class Matcher:
    """A compiled pattern list; ``path`` is relative to the root with ``/``, the root itself is the empty string."""

    def __new__(cls, ignore_mode: str, patterns: Sequence[str]) -> Matcher: ...
    def ignores(self, path: str) -> tuple[bool, int | None]:
        """Verdict and the index of the pattern that decided, None if none did."""

    def completely_ignores(self, path: str) -> tuple[bool, int | None]: ...

@final
class Snapshot:
    """A fingerprint with everything that went into it."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def root(self) -> str:
        """Canonical root."""

    @property
    def counts(self) -> dict[str, int]:
        """``files``, ``links``, ``directories``, ``bytes`` (raw), ``read`` (files whose bytes were read), ``cached``."""

    @property
    def timings(self) -> dict[str, float]:
        """Seconds of wall time by phase: ``walk_and_hash``, ``frame``, ``cache_load``, ``cache_save``, ``total``."""

    @property
    def slowest(self) -> list[tuple[str, float, int]]:
        """Up to ten of the files that took longest to read and hash: key, seconds, bytes."""

    @property
    def notices(self) -> list[tuple[str, str]]: ...
    def entries(
        self,
    ) -> list[tuple[str, str, int, int, str, str | None, int, str | None, str | None]]:
        """Entries in hash order.

        Each is (key, kind, normalised size, raw size, SHA-256 hex of the content value, link text, permission bits,
        BLAKE3 hex of the raw bytes, BLAKE3 hex with all line ends as LF). ``kind`` is ``file`` or ``link``; a link has
        sizes 0, an empty digest and mode 0; the last two are None unless ``raw`` was asked for.
        """

def fingerprint(
    path: _Path,
    *,
    extra_hash: str = ...,
    follow: str = "external",
    exclude: Sequence[str] = ...,
    ignore_mode: str = "glob",
    cache: CacheDir | None = None,
    jobs: int = 0,
    progress: _Progress | None = None,
) -> tuple[str, list[tuple[str, str]]]:
    """Hex digest and notices."""

def snapshot(
    path: _Path,
    *,
    extra_hash: str = ...,
    follow: str = "external",
    exclude: Sequence[str] = ...,
    ignore_mode: str = "glob",
    raw: bool = False,
    cache: CacheDir | None = None,
    jobs: int = 0,
    progress: _Progress | None = None,
) -> Snapshot: ...
def list_tree(
    path: _Path,
    *,
    follow: str = "external",
    exclude: Sequence[str] = ...,
    ignore_mode: str = "glob",
    jobs: int = 0,
    progress: _Progress | None = None,
) -> list[tuple[str, str, int, int, str | None, bool, int | None]]:
    """Every entry the walk meets, in hash order; no file content is read.

    Each is (key, kind, raw size, permission bits, link text, ignored, index of the deciding pattern). ``kind`` is
    ``file``, ``link`` (not followed), ``directory``, ``cycle`` (a followed link that leads back to an open directory)
    or ``special`` (FIFO, socket, device: never part of an asset). A completely ignored directory is listed, what is below it
    is not. The root itself is not listed, unless it is a file: then its key is empty.
    """

def copy_directory(
    src: _Path,
    dest: _Path,
    *,
    follow: str = "external",
    exclude: Sequence[str] = ...,
    ignore_mode: str = "glob",
    root_dir: _Path | None = None,
    jobs: int = 0,
    progress: _Progress | None = None,
) -> dict[str, int]:
    """Copy by the rules of the CDK's ``copyDirectory``; counts of ``files``, ``links``, ``directories``, ``bytes``."""

def fingerprint_and_copy(
    src: _Path,
    dest: _Path,
    *,
    extra_hash: str = ...,
    follow: str = "external",
    exclude: Sequence[str] = ...,
    ignore_mode: str = "glob",
    cache: CacheDir | None = None,
    jobs: int = 0,
    progress: _Progress | None = None,
) -> tuple[str, dict[str, int], list[tuple[str, str]]]:
    """``fingerprint`` and ``copy_directory`` of a directory in one pass: hex digest, counts of the copy, notices."""

def zip_directory(
    src: _Path,
    target: _Path,
    *,
    follow: str = "external",
    exclude: Sequence[str] = ...,
    ignore_mode: str = "glob",
    level: int = 6,
    jobs: int = 0,
    progress: _Progress | None = None,
) -> dict[str, int | str]:
    """Archive a directory, the same bytes on every machine; ``target`` appears when it is complete.

    The result has the counts ``files``, ``links``, ``skipped`` (links that are not in the archive, because nothing that can
    be archived is behind them), ``bytes`` (of all files), ``size`` (of the archive), and the archive's ``sha256`` as hex.
    ``level`` is 0 (store) to 12.
    """

def content_digest(
    path: _Path,
    *,
    follow: str = "external",
    exclude: Sequence[str] = ...,
    ignore_mode: str = "glob",
    exact: bool = False,
    of_copy: bool = False,
    cache: CacheDir | None = None,
    jobs: int = 0,
) -> str:
    """What a file or directory holds, as 64 hexadecimal digits: paths, permissions, link texts, contents.

    With ``of_copy`` links count as a copy would have them: equal to the digest of the complete copy. With ``exact`` every
    byte is read and counts; otherwise the content rule and sizes decide, and the cache may answer.
    """

def content_value(path: _Path) -> str:
    """``"<size>:<sha256>"`` of one file by the content rule."""

def cache_info(cache: CacheDir) -> list[tuple[str, str, int, int, float, str | None]]:
    """One row for each cache file: file name, root, entries, bytes, time of last use, problem or None."""

def cache_clear(cache: CacheDir) -> tuple[int, int]:
    """Remove all cache files; number of files and bytes removed."""

def cache_verify(cache: CacheDir, path: _Path | None = None) -> list[tuple[str, str]]:
    """(file, problem) of each damaged cache file; with ``path``, read that tree anew and compare each cached digest."""
