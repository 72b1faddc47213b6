"""Deterministic archives: the same tree gives the same bytes on every machine (spec publish 3.4).

What is in an archive is what stock tools publish for the same asset: files alone, and each link as what it leads to within
the asset. Names are in byte order, every time is 1980-01-01, and files are 0644 or, if executable, 0755. The encoder is
pinned, so the bytes of an archive change only with a release of this package that says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from lambda_assets import _core
from lambda_assets.errors import OptionError, OptionTypeError
from lambda_assets.filesystem.options import Selection, path_text
from lambda_assets.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_assets.filesystem.options import Follow, Ignore, Progress, StrPath

_LEVELS = 12


@dataclass(frozen=True, slots=True)
class ZipReport:
    """An archive that was written.

    Attributes:
        path: Where it is, absolute.
        size: Its bytes.
        sha256: Its SHA-256 as 64 lower-case hexadecimal digits.
        files: Number of files in it.
        links: Number of links in it, only with follow mode NEVER.
        skipped: Links that are not in it: they lead nowhere, to a FIFO, socket or device, or back to a directory above.
        content_size: Bytes of all files before compression.
    """

    path: str
    size: int
    sha256: str
    files: int
    links: int = 0
    skipped: int = 0
    content_size: int = 0


def zip_directory(  # noqa: PLR0913  each is an option of its own
    directory: StrPath,
    target: StrPath,
    *,
    exclude: Sequence[str] | None = None,
    follow: Follow | None = None,
    ignore_mode: Ignore | None = None,
    level: int = 6,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> ZipReport:
    """Archive a directory deterministically, compressed on all cores.

    The archive appears by rename when it is complete, in place of a file that may be there. It is never part of itself: a
    target inside the directory is left out.

    Args:
        directory: What to archive.
        target: The archive to write; its directory must exist.
        exclude: Patterns of what is left out; later ones overrule earlier ones.
        follow: What to do with links, EXTERNAL if None. As with stock tools every link ends as what it leads to, in
            ALWAYS and EXTERNAL; BLOCK_EXTERNAL refuses those that leave the directory; NEVER keeps links as links.
        ignore_mode: The language of the patterns, GLOB if None.
        level: 0 stores, 1 is fast, 6 is the balance that most tools have, 12 the smallest. It changes the bytes. What
            does not shrink, and files over 256 MiB, are stored.
        jobs: Number of threads, those of the settings if None, 0 for as many as this process may use. It never changes
            the bytes.
        progress: Called about every 50 ms with files seen, files done, bytes done, bytes known.

    Returns:
        What was written.

    Raises:
        AssetNotFoundError: The directory, or that of the target, does not exist.
        AssetNotADirectoryError: ``directory`` is a file.
        AssetChangedError: A file kept changing while it was read.
        AssetIOError: Anything else that the system refuses; each names the path.
        ArchiveError: A name that an archive can't hold.
        ExternalLinkError: A link leaves the directory and the follow mode is BLOCK_EXTERNAL.
        PatternError: A pattern is invalid.
        OptionError: An option has a wrong value or type.
    """
    selection = Selection(exclude=exclude, follow=follow, ignore_mode=ignore_mode)
    path = path_text(target, "target")
    if not path:
        raise OptionError("target must not be empty").with_hint("name the archive to write")
    # The working directory may be another one by the time that somebody reads the report.
    path = os.path.abspath(path)
    report = _core.zip_directory(
        path_text(directory, "directory"),
        path,
        follow=selection.follow.wire,
        exclude=selection.exclude,
        ignore_mode=selection.ignore_mode.wire,
        level=_number(level, "level", _LEVELS),
        jobs=Settings.resolve().jobs if jobs is None else _number(jobs, "jobs", None),
        progress=progress,
    )
    return ZipReport(
        path=path,
        size=int(report["size"]),
        sha256=str(report["sha256"]),
        files=int(report["files"]),
        links=int(report["links"]),
        skipped=int(report["skipped"]),
        content_size=int(report["bytes"]),
    )


def _number(value: int, what: str, highest: int | None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise OptionTypeError(f"{what} must be int, not {type(value).__name__}")
    if value < 0 or (highest is not None and value > highest):
        limits = "0 or more" if highest is None else f"0 to {highest}"
        raise OptionError(f"{what} must be {limits}, not {value}")
    return value
