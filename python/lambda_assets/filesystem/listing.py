"""What is in an asset and why: the walk of a fingerprint without reading any content."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lambda_assets import _core
from lambda_assets.filesystem.options import path_text

if TYPE_CHECKING:
    from lambda_assets.filesystem.options import Progress, Selection, StrPath


class Listed(NamedTuple):
    """One path that the walk met, in hash order.

    Attributes:
        key: Relative path; empty if the root is a file.
        kind: ``file``, ``link``, ``directory``, ``cycle`` or ``special``.
        size: Bytes on disk.
        mode: Permission bits.
        link: Text of a link.
        ignored: Whether a pattern left it out; below an ignored directory nothing is listed.
        pattern: Position in ``exclude`` of the pattern that decided, None if none did.
    """

    key: str
    kind: str
    size: int
    mode: int
    link: str | None
    ignored: bool
    pattern: int | None

    @property
    def included(self) -> bool:
        """Whether it is part of the hash."""
        return not self.ignored and self.kind in {"file", "link"}


def list_tree(
    path: StrPath, selection: Selection, jobs: int = 0, progress: Progress | None = None
) -> list[Listed]:
    """List what the walk of a fingerprint meets.

    Args:
        path: A file or directory.
        selection: Validated options.
        jobs: Number of threads, 0 = as many as this process may use.
        progress: Called about every 50 ms.
    """
    rows = _core.list_tree(
        path_text(path),
        follow=selection.follow.wire,
        exclude=selection.exclude,
        ignore_mode=selection.ignore_mode.wire,
        jobs=jobs,
        progress=progress,
    )
    return [Listed(*row) for row in rows]


def usage(rows: list[Listed]) -> list[tuple[str, str, int]]:
    """Bytes of each included file, and of each directory with all below it, the biggest first.

    Args:
        rows: What :func:`list_tree` gave.

    Returns:
        (key, ``file`` or ``directory``, bytes); the root itself is the directory with an empty key.
    """
    files: list[tuple[str, str, int]] = []
    directories: dict[str, int] = {}
    for row in rows:
        if not row.included or row.kind != "file":
            continue
        files.append((row.key, "file", row.size))
        parent = row.key
        while parent:
            parent = parent.rpartition("/")[0]
            directories[parent] = directories.get(parent, 0) + row.size
    both = [*files, *((key, "directory", size) for key, size in directories.items())]
    return sorted(both, key=lambda item: (-item[2], item[0]))
