"""The walk over a directory and the fingerprint made of it.

Source of the rules: ``docs/parity.md``, fingerprint. The walk is shared with :mod:`lambda_assets.reference.copy`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambda_assets.errors import AssetIOError, OptionError, SpecialFileError
from lambda_assets.reference.content import content_value
from lambda_assets.reference.patterns import Matcher
from lambda_assets.reference.system import absolute, canonical, io_errors, list_directory, read_link
from lambda_assets.reference.text import dirname, join, relative, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOLLOW_MODES = ("never", "always", "external", "internal-only")


def fingerprint(
    path: str | os.PathLike[str],
    *,
    extra_hash: str = "",
    follow: str = "external",
    exclude: Sequence[str] = (),
    ignore_mode: str = "glob",
) -> str:
    """Compute the fingerprint of a file or directory.

    Args:
        path: The file or directory; links are resolved first.
        extra_hash: Text to be hashed as well.
        follow: ``never``, ``always``, ``external`` or ``internal-only``.
        exclude: Patterns of what to leave out.
        ignore_mode: ``glob``, ``git`` or ``docker``.

    Returns:
        64 lower-case hexadecimal digits.

    Raises:
        AssetIOError: Something cannot be read.
        SpecialFileError: The path, or a followed link, leads to a FIFO, socket or device.
        PatternError: A pattern is invalid.
        OptionError: An option has an unknown value.
    """
    check_follow(follow)
    matcher = Matcher(ignore_mode, exclude)
    root = canonical(absolute(path))
    digest = hashlib.sha256()

    def hash_field(header: str, value: str) -> None:
        framed = f"\x01{header}\x02{value}\x03"
        digest.update(framed.encode("utf-8", errors="replace"))

    hash_field("options.extra", extra_hash)
    hash_field("options.follow", follow)
    if ignore_mode != "glob":
        hash_field("options.ignoreMode", ignore_mode)
    with io_errors("stat", root):
        mode = os.stat(root.encode()).st_mode
    if not stat.S_ISDIR(mode):
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            raise special_file(root)
        hash_field("file:", _value(root))
        return digest.hexdigest()
    for visit in walk(root, root, follow=follow, matcher=matcher):
        if visit.kind == "link":
            hash_field(f"link:{normal_key(visit.key)}", _link_value(visit, root))
        elif visit.kind == "file":
            hash_field(f"file:{normal_key(visit.key)}", _value(visit.disk))
        elif visit.kind == "special":
            raise special_file(join(root, visit.key))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Visit:
    """One entry met by the walk.

    Attributes:
        key: Path relative to the base, as seen through followed links.
        kind: ``directory``, ``file``, ``link`` (not followed) or ``special`` (a followed link to a FIFO, socket or
            device).
        disk: Where it lies.
        text: Text of a link.
        target: What the link names, its parent canonical.
        internal: Whether that is inside the base.
    """

    key: str
    kind: str
    disk: str
    text: str = ""
    target: str = ""
    internal: bool = False


def walk(top: str, base: str, *, follow: str, matcher: Matcher) -> Iterator[Visit]:
    """Meet all entries below a directory that the patterns leave, in the order in which they are hashed.

    Args:
        top: The directory.
        base: What patterns are relative to, and what separates internal from external links.
        follow: The follow mode.
        matcher: The patterns.

    Yields:
        The entries; a directory comes before what is in it. One that is open already comes as if it were empty.

    Raises:
        AssetIOError: Something cannot be read.
        PatternError: A pattern is invalid.
    """
    real = canonical(top)
    yield from _Walk(base, canonical(base), follow, matcher).below(top, top, real, {real})


def check_follow(follow: str) -> None:
    """Refuse an unknown follow mode.

    Args:
        follow: The follow mode.

    Raises:
        OptionError: There is no such mode.
    """
    if follow not in FOLLOW_MODES:
        message = f"unknown follow mode {follow!r}"
        raise OptionError(message)


def special_file(path: str) -> SpecialFileError:
    """Make the exception for a FIFO, socket or device.

    Args:
        path: Where it was met.

    Returns:
        An exception that is not raised yet.
    """
    return SpecialFileError(0, "neither a file nor a directory", path)


def normal_key(key: str) -> str:
    """Write a key as it is hashed.

    Args:
        key: A relative path.

    Returns:
        The path with each backslash as a slash, on every platform.
    """
    return key.replace("\\", "/")


@dataclass(frozen=True, slots=True)
class _Walk:
    base: str
    real_base: str
    follow: str
    matcher: Matcher

    def below(self, disk: str, symbolic: str, real: str, opened: set[str]) -> Iterator[Visit]:
        """Meet what is in one directory.

        Args:
            disk: Where it lies.
            symbolic: Its path as seen through followed links.
            real: Its canonical path.
            opened: Canonical paths of the directories that are open now, itself included.
        """
        for name, kind in list_directory(disk):
            key = relative(self.base, join(symbolic, name))
            place = join(disk, name)
            if kind == "link":
                yield from self._link(place, join(symbolic, name), key, opened)
            elif kind == "directory":
                if not self.matcher.completely_ignores(key):
                    yield from self._directory(
                        place, join(symbolic, name), join(real, name), opened
                    )
            elif kind == "file" and not self.matcher.ignores(key):
                yield Visit(key, "file", place)

    def _directory(self, disk: str, symbolic: str, real: str, opened: set[str]) -> Iterator[Visit]:
        yield Visit(relative(self.base, symbolic), "directory", disk)
        if real not in opened:
            yield from self.below(disk, symbolic, real, opened | {real})

    def _link(self, place: str, symbolic: str, key: str, opened: set[str]) -> Iterator[Visit]:
        text = read_link(place)
        named = resolve(dirname(place), text)
        target = join(_canonical_or_same(dirname(named)), named.rpartition("/")[2])
        internal = target == self.real_base or target.startswith(self.real_base + "/")
        follow = self.follow in {"always", "internal-only" if internal else "external"}
        mode = _mode(target) if follow else None
        if mode is None:
            if not self.matcher.ignores(key):
                yield Visit(key, "link", place, text, target, internal)
        elif stat.S_ISDIR(mode):
            if not self.matcher.completely_ignores(key):
                yield from self._directory(target, symbolic, _canonical_or_same(target), opened)
        elif not self.matcher.ignores(key):
            yield Visit(key, "file" if stat.S_ISREG(mode) else "special", target)


def _canonical_or_same(path: str) -> str:
    try:
        return canonical(path)
    except AssetIOError:
        return path


def _mode(path: str) -> int | None:
    """Return the mode of what a path leads to, None if it leads nowhere: such links are not followed."""
    try:
        return os.stat(path.encode()).st_mode
    except OSError:
        return None


def _link_value(visit: Visit, root: str) -> str:
    # An absolute link into the tree is hashed relative to the root, so that the hash is the same at every place.
    if visit.internal and visit.text.startswith("/"):
        return normal_key(relative(root, visit.target))
    return visit.text


def _value(path: str) -> str:
    with io_errors("open", path):
        return content_value(path.encode())
