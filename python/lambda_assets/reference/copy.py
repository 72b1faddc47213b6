"""Copying a directory as the CDK's ``copyDirectory`` does.

Source of the rules: ``docs/parity.md``, copy. Same walk as the fingerprint; not atomic.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from lambda_assets.errors import AssetNotADirectoryError, ExternalLinkError
from lambda_assets.reference.patterns import Matcher
from lambda_assets.reference.system import absolute, canonical, io_errors
from lambda_assets.reference.text import dirname, join, relative
from lambda_assets.reference.walk import Visit, check_follow, walk

if TYPE_CHECKING:
    from collections.abc import Sequence


def copy_directory(
    src: str | os.PathLike[str],
    dest: str | os.PathLike[str],
    *,
    follow: str = "external",
    exclude: Sequence[str] = (),
    ignore_mode: str = "glob",
    root_dir: str | os.PathLike[str] | None = None,
) -> None:
    """Copy what the patterns leave of a directory.

    Args:
        src: The directory to copy.
        dest: Where to; it is made when the first thing is put into it.
        follow: ``never``, ``always``, ``external`` or ``internal-only``.
        exclude: Patterns of what to leave out.
        ignore_mode: ``glob``, ``git`` or ``docker``.
        root_dir: What patterns and the meaning of "internal" refer to; ``src`` if None.

    Raises:
        AssetIOError: Something cannot be read or written.
        ExternalLinkError: A link leads outside although ``follow`` is ``internal-only``.
        PatternError: A pattern is invalid.
        OptionError: An option has an unknown value.
    """
    check_follow(follow)
    matcher = Matcher(ignore_mode, exclude)
    source = absolute(src)
    target = absolute(dest)
    base = source if root_dir is None else absolute(root_dir)
    with io_errors("stat", source):
        mode = os.stat(source.encode()).st_mode
    if not stat.S_ISDIR(mode):
        raise AssetNotADirectoryError(20, "not a directory", source)
    real_source = canonical(source)
    for visit in walk(source, base, follow=follow, matcher=matcher):
        place = join(target, relative(source, join(base, visit.key)))
        if visit.kind == "directory":
            # One that is ignored but not completely is made when something below it is copied.
            if not matcher.ignores(visit.key):
                _make_directory(place)
        elif visit.kind == "file":
            _make_directory(dirname(place))
            _copy_file(visit.disk, place)
        elif visit.kind == "link":
            _copy_link(visit, place, real_source, target, follow=follow)


def _copy_link(visit: Visit, place: str, real_source: str, target: str, *, follow: str) -> None:
    if follow == "internal-only" and not visit.internal:
        message = f"{visit.target!r} is outside, which follow mode internal-only forbids"
        error = ExternalLinkError(message)
        error.filename = visit.disk
        error.target = visit.target
        raise error
    text = visit.text
    if visit.target == real_source or visit.target.startswith(f"{real_source}/"):
        copied = (
            join(target, relative(real_source, visit.target))
            if visit.target != real_source
            else target
        )
        text = relative(dirname(place), copied) or "."
    _make_directory(dirname(place))
    with io_errors("symlink", place):
        os.symlink(text.encode(), place.encode())


def _make_directory(path: str) -> None:
    with io_errors("mkdir", path):
        os.makedirs(path.encode(), exist_ok=True)


def _copy_file(source: str, place: str) -> None:
    with io_errors("copyfile", source), open(source.encode(), "rb") as reader:
        before = os.fstat(reader.fileno())
        descriptor = os.open(place.encode(), os.O_WRONLY | os.O_CREAT, stat.S_IMODE(before.st_mode))
        with open(descriptor, "wb") as writer:
            after = os.fstat(descriptor)
            if os.path.samestat(before, after):
                return
            os.ftruncate(descriptor, 0)
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
            while block := reader.read(1 << 20):
                writer.write(block)
