"""``gitignored``: what git ignores in a directory, as exclude patterns that the CDK takes.

The CDK's GIT mode knows one list of patterns and is not quite git's language. So git's own decision is made here, file by file
as git does (``gitrules`` holds the rules of one file), and handed over as plain names: every ignored path as an anchored, escaped
literal. The list is checked against our matcher over the whole tree before it is returned.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.errors import (
    AssetNotADirectoryError,
    NotExpressibleError,
    PatternError,
    asset_io_error,
)
from lambda_assets.filesystem.enums import IgnoreMode
from lambda_assets.filesystem.gitrules import GitRules
from lambda_assets.filesystem.options import path_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.filesystem.options import StrPath

_FILE = b".gitignore"

# What the CDK's GIT mode would take for syntax. A question mark and a trailing star cannot be escaped there
# (spec ignore, GIT 5 and 14): the wildcard ``?`` stands in, and the check over the tree finds what else it hits.
_ESCAPES = str.maketrans({"\\": "\\\\", "*": "\\*", "[": "\\["})


@dataclass(frozen=True, slots=True)
class GitIgnored:
    """Exclude patterns for what git ignores; pass both fields on, here or to ``aws_cdk``.

    Attributes:
        exclude: One pattern for each ignored file, link or directory, in the order of the walk.
        ignore_mode: GIT, the mode in which they mean what they say.
    """

    exclude: tuple[str, ...]
    ignore_mode: IgnoreMode = IgnoreMode.GIT


@dataclass(frozen=True, slots=True)
class _Found:
    """One path of the walk."""

    path: bytes
    directory: bool
    link: bool
    ignored: bool

    @property
    def text(self) -> str:
        """The path as the CDK's matcher sees it."""
        return self.path.decode("utf-8", "replace")


def gitignored(path: StrPath) -> GitIgnored:
    """Find what git ignores below a directory, with the semantics of git itself.

    Read are the files named ``.gitignore`` inside the directory, at every level; nothing above it, no user-wide file and no
    ``info/exclude``, so that the answer is the same on every machine. Also excluded is what git never looks at: entries named
    ``.git``. Whether git tracks a file in spite of a pattern is not asked. Upper and lower case differ, as in git on Linux.

    Args:
        path: The directory.

    Returns:
        The patterns and their mode, for ``exclude`` and ``ignore_mode``.

    Raises:
        AssetIOError: The directory, or a file in it, can't be read.
        NotExpressibleError: The CDK's GIT mode cannot say it; the error names the path. The usual reason is two names that differ
            in upper and lower case only.
    """
    root = os.fsencode(path_text(path))
    if os.path.exists(root) and not os.path.isdir(root):
        raise AssetNotADirectoryError(20, "Not a directory", os.fsdecode(root))
    found = list(_walk(root))
    patterns = tuple(literal(item.text) for item in found if item.ignored)
    _check(found, patterns, os.fsdecode(root))
    return GitIgnored(patterns)


def literal(path: str) -> str:
    """A pattern for the CDK's GIT mode that means one path.

    Args:
        path: Relative, with ``/``.
    """
    text = path.translate(_ESCAPES)
    if path.endswith("*"):
        text = text[:-2] + "?"
    elif path[-1:].isspace() or path.endswith("\ufeff"):
        text = f"{text[:-1]}[{text[-1]}]"
    return "/" + text


def _walk(root: bytes) -> Iterator[_Found]:
    """Every path that git looks at; below an ignored directory it looks at nothing."""
    # Each directory with the rules that apply in it, nearest file first: (length of that file's directory, rules).
    pending: list[tuple[bytes, tuple[tuple[int, GitRules], ...]]] = [(b"", ())]
    while pending:
        directory, rules = pending.pop()
        entries = _scan(os.path.join(root, directory) if directory else root)
        if any(entry.name == _FILE and entry.is_file(follow_symlinks=False) for entry in entries):
            content = _read(os.path.join(root, directory, _FILE))
            rules = ((len(directory) + 1 if directory else 0, GitRules(content)), *rules)
        below = []
        for entry in entries:
            path = directory + b"/" + entry.name if directory else entry.name
            is_directory = entry.is_dir(follow_symlinks=False)
            ignored = entry.name == b".git" or _ignored(path, rules, directory=is_directory)
            yield _Found(path, is_directory, entry.is_symlink(), ignored)
            if is_directory and not ignored:
                below.append((path, rules))
        pending.extend(reversed(below))


def _ignored(path: bytes, rules: tuple[tuple[int, GitRules], ...], *, directory: bool) -> bool:
    for start, file in rules:
        rule = file.decide(path[start:], directory=directory)
        if rule is not None:
            return rule.include
    return False


def _scan(path: bytes) -> list[os.DirEntry[bytes]]:
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise _named(asset_io_error("scandir", error), path) from None


def _read(path: bytes) -> bytes:
    try:
        with os.fdopen(_open_file(path), "rb") as file:
            return file.read()
    except OSError as error:
        raise _named(asset_io_error("open", error), path) from None


def _open_file(path: bytes) -> int:
    # Not through a link, as git; and never waiting for a writer, should a FIFO have taken the file's place.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(22, "Not a regular file", path)
    return descriptor


def _named(error: OSError, path: bytes) -> OSError:
    error.filename = os.fsdecode(path)
    return error


def _check(found: list[_Found], patterns: tuple[str, ...], root: str) -> None:
    matcher = _core.Matcher(IgnoreMode.GIT.wire, patterns)
    for item in found:
        text = item.text
        try:
            verdicts = set()
            if item.directory or item.link:  # a link may be followed to a directory
                verdicts.add(matcher.completely_ignores(text)[0])
            if not item.directory:
                verdicts.add(matcher.ignores(text)[0])
        except PatternError as error:
            raise _not_expressible(root, text, str(error)) from None
        if verdicts != {item.ignored}:
            other = "git keeps it, the pattern of another name would drop it"
            reason = "git ignores it, no pattern can" if item.ignored else other
            raise _not_expressible(root, text, reason)


def _not_expressible(root: str, path: str, reason: str) -> NotExpressibleError:
    error = NotExpressibleError(
        f"{path!r} in {root!r} can't be expressed in the CDK's GIT mode: {reason}"
    )
    error.filename = path
    return error.with_hint("rename the file, or list your own patterns with exclude")
