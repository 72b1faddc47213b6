"""Whether a build will find its Dockerfile: decided before anything is copied (spec image, sections 3 and 8)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.filesystem.enums import SymlinkFollowMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_assets.filesystem.options import Selection

_KEEPS_LINKS = (SymlinkFollowMode.NEVER, SymlinkFollowMode.EXTERNAL)


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
    if _is_left_out(matcher, inner.split("/")):
        return False
    if selection.follow not in _KEEPS_LINKS:
        return True
    # A link that stays one is of no use without what it leads to.
    root = os.path.realpath(directory)
    target = os.path.relpath(os.path.realpath(os.path.join(directory, inner)), root).split(os.sep)
    return target[0] == ".." or not _is_left_out(matcher, target)


def _is_left_out(matcher: _core.Matcher, parts: Sequence[str]) -> bool:
    above = ("/".join(parts[:n]) for n in range(1, len(parts)))
    return any(matcher.completely_ignores(path)[0] for path in above) or bool(
        matcher.ignores("/".join(parts))[0]
    )
