"""Whether a build will find its Dockerfile: decided before anything is copied (spec image, sections 3 and 8)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.filesystem.enums import SymlinkFollowMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_assets.filesystem.options import Selection


def complaint(
    directory: str, file: str, selection: Selection, outdir: str, *, copied: bool
) -> tuple[str, str] | None:
    """Why a build is bound to fail for want of its Dockerfile, None if it is not.

    Docker runs in the context that is published and gets ``file`` as it was given: an absolute path is one of the machine
    there, and a path out of the context starts at the copy, not at the source.

    Args:
        directory: The context, absolute; the Dockerfile was found in it.
        file: The Dockerfile, as given.
        selection: Patterns and follow mode of the copy.
        outdir: Where the copy will lie.
        copied: Whether there is a copy; the source itself is published otherwise.

    Returns:
        What is wrong, and what to do.

    Raises:
        PatternError: A pattern is invalid.
    """
    found = os.path.normpath(directory + "/" + file)
    if os.path.isdir(found):
        return f"the Dockerfile '{found}' is a directory", "name a file"
    inner = os.path.relpath(found, directory).replace(os.sep, "/")
    if os.path.isabs(file):
        return _unreadable(found, file, f"use file={inner!r}")
    if not copied:
        return None
    if inner.split("/")[0] == "..":
        # The name of the copy does not matter, only how deep it lies.
        read = os.path.abspath(os.path.join(outdir, "asset", file))
        return _unreadable(found, read, "put it into the context")
    if _is_staged(directory, inner, selection):
        return None
    return f"the Dockerfile '{found}' is not in the staged context", f"use exclude=['!{inner}']"


def _unreadable(found: str, read: str, hint: str) -> tuple[str, str] | None:
    if os.path.exists(read):
        return None
    return f"for the Dockerfile '{found}' the build reads '{read}', which does not exist", hint


def _is_staged(directory: str, inner: str, selection: Selection) -> bool:
    matcher = _core.Matcher(selection.ignore_mode.wire, selection.exclude)
    parts = inner.split("/")
    link = _first_link(directory, parts)
    if link and _is_kept(directory, link, selection.follow):
        # What stands below a link that stays one is tested under its own path.
        target = _resolved(directory, parts)
        outside = target[0] == ".."
        return not _is_left_out(matcher, link) and (outside or not _is_left_out(matcher, target))
    return not _is_left_out(matcher, parts)


def _first_link(directory: str, parts: list[str]) -> list[str]:
    above = (parts[:n] for n in range(1, len(parts) + 1))
    return next((path for path in above if os.path.islink(os.path.join(directory, *path))), [])


def _is_kept(directory: str, link: list[str], follow: SymlinkFollowMode) -> bool:
    inside = _resolved(directory, link)[0] != ".."
    return follow is SymlinkFollowMode.NEVER or (follow is SymlinkFollowMode.EXTERNAL and inside)


def _resolved(directory: str, parts: list[str]) -> list[str]:
    target = os.path.realpath(os.path.join(directory, *parts))
    return os.path.relpath(target, os.path.realpath(directory)).split(os.sep)


def _is_left_out(matcher: _core.Matcher, parts: Sequence[str]) -> bool:
    above = ("/".join(parts[:n]) for n in range(1, len(parts)))
    return any(matcher.completely_ignores(path)[0] for path in above) or bool(
        matcher.ignores("/".join(parts))[0]
    )
