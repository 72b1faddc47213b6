"""Patterns that do what the author of a dead pattern most likely meant; none is suggested that was not tried."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.errors import PatternError
from lambda_assets.filesystem.enums import IgnoreMode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def body_of(mode: IgnoreMode, pattern: str) -> str | None:
    """A pattern without the sign of its negation.

    Args:
        mode: The pattern language.
        pattern: The pattern.

    Returns:
        What it matches with; None for comments and empty patterns, which say nothing.
    """
    text = pattern.strip() if mode is IgnoreMode.DOCKER else pattern
    if not text.strip() or pattern.startswith("#"):
        return None
    if mode is IgnoreMode.GLOB:
        return text.lstrip("!") or None  # all of them (spec ignore, GLOB 4)
    return text.removeprefix("!").lstrip() if mode is IgnoreMode.DOCKER else text.removeprefix("!")


def why_never(mode: IgnoreMode, body: str) -> str:
    """Why a pattern matches no path in any tree; empty if it could (spec ignore).

    Args:
        mode: The pattern language.
        body: Without the sign of a negation.
    """
    parts = body.split("/")
    if ".." in parts[:1]:
        return "paths never lead out of the directory"
    if mode is IgnoreMode.DOCKER:
        return "nothing follows the backslash" if re.search(r"(?<!\\)\\$", body) else ""
    if "." in parts[:-1] or (mode is IgnoreMode.GIT and ".." in parts):
        return "'./' and '../' are not resolved"
    if mode is IgnoreMode.GLOB:
        if body.startswith("/"):
            return "a leading slash is no anchor"
        return "paths have no trailing slash" if body.endswith("/") else ""
    if "//" in body.rstrip("/") or body.endswith("//"):
        return "two slashes in a row"
    return "nothing follows the backslash" if re.search(r"(?<!\\)\\$", body) else ""


def suggestion(mode: IgnoreMode, body: str, root: str, works: Callable[[str], bool]) -> str | None:
    """The first variant of a dead pattern that matches something.

    Args:
        mode: The pattern language.
        body: Without the sign of a negation.
        root: The asset, for absolute patterns.
        works: Tries a pattern.
    """
    tried = {body}
    for candidate in _candidates(mode, body, root.rstrip("/")):
        if candidate and candidate not in tried:
            tried.add(candidate)
            if works(candidate):
                return candidate
    return None


def _candidates(mode: IgnoreMode, body: str, root: str) -> Iterator[str]:
    plain = body.strip().strip("\"'")
    yield plain
    if plain.startswith(root + "/"):
        plain = plain[len(root) + 1 :]
        yield plain
    plain = re.sub(r"^(\./|/)+", "", plain)
    yield plain
    yield plain.rstrip("/")
    yield re.sub(r"(/\*\*)+/?$", "", plain).rstrip("/")
    plain = re.sub(r"/(\./)+|//+", "/", plain).rstrip("/")
    yield plain
    yield plain.replace("\\", "/")
    if "/" not in plain and mode is IgnoreMode.DOCKER:
        yield f"**/{plain}"
    if "/" in plain and not plain.startswith("**/"):
        yield f"**/{plain}"
    if mode is IgnoreMode.GLOB:
        yield "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in plain)


def blocked_negation(
    mode: IgnoreMode, patterns: Sequence[str], index: int, path: str
) -> str | None:
    """An exclude list in which a negation brings its file back.

    A directory that is excluded as such is never entered; excluding its content instead leaves the way open.

    Args:
        mode: The pattern language.
        patterns: The list.
        index: The negation.
        path: What it should bring back.
    """
    parents = [path[: m.start()] for m in re.finditer("/", path)]
    opened: list[str] = []
    for parent in parents:
        opened += [f"!{parent}", f"{parent}/*"]
    changed = [*patterns[:index], *opened, *patterns[index:]]
    try:
        matcher = _core.Matcher(mode.wire, changed)
        reached = not any(matcher.completely_ignores(parent)[0] for parent in parents)
        kept = reached and not matcher.ignores(path)[0]
    except PatternError:
        return None
    return ", ".join(repr(p) for p in [*opened, patterns[index]]) if kept else None
