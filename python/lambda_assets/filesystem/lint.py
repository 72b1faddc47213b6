"""What looks wrong with an asset and its exclude patterns. Every suggestion was tried with the matcher."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets import _core
from lambda_assets.errors import PatternError
from lambda_assets.filesystem.enums import IgnoreMode
from lambda_assets.filesystem.listing import list_tree
from lambda_assets.filesystem.options import Selection
from lambda_assets.filesystem.suggest import blocked_negation, body_of, suggestion, why_never
from lambda_assets.filesystem.volatile import volatile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.filesystem.listing import Listed

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that looks wrong.

    Attributes:
        code: ``pattern-never``, ``pattern-unused``, ``pattern-blocked``, ``dialect-git``, ``dialect-docker``, ``volatile``,
            ``link-absolute``, ``link-outside`` or ``link-dangling``.
        message: What it is.
        hint: What to do, empty if there is nothing to say.
        pattern: Number of the pattern from 1, None if it is about no pattern.
        paths: The paths that it is about.
    """

    code: str
    message: str
    hint: str = ""
    pattern: int | None = None
    paths: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The finding as a JSON-ready dict."""
        return asdict(self)


def lint(root: str, selection: Selection, rows: list[Listed], jobs: int = 0) -> list[Finding]:
    """Look for dead patterns, dialects that disagree, volatile content and links that will not work in Lambda.

    Args:
        root: The asset.
        selection: Its options.
        rows: What :func:`list_tree` gave for them.
        jobs: Number of threads.
    """
    everything = Selection(follow=selection.follow)
    # Patterns are judged by all that is there, also below what they cut off.
    universe = list_tree(root, everything, jobs) if selection.exclude else rows
    patterns = list(_patterns(root, selection, rows, universe))
    dead = {finding.pattern for finding in patterns}
    return [
        *patterns,
        # Of a dead pattern enough was said.
        *(f for f in _dialect(selection, rows, universe) if f.pattern not in dead - {None}),
        *_volatile(rows),
        *_links(os.path.realpath(root), rows),
    ]


def _patterns(
    root: str, selection: Selection, rows: list[Listed], universe: list[Listed]
) -> Iterator[Finding]:
    deciding = {row.pattern for row in rows}
    mode = selection.ignore_mode
    for index, pattern in enumerate(selection.exclude):
        body = body_of(mode, pattern)
        if index in deciding or body is None:
            continue
        name = f"pattern {index + 1} {pattern!r}"
        hits = matched(mode, body, universe)
        if hits:
            if body != pattern and not set(hits) & {row.key for row in rows}:
                yield _blocked(selection, index, hits)
            continue
        never = why_never(mode, body)
        better = suggestion(mode, body, root, lambda text: bool(matched(mode, text, universe)))
        sign = pattern[: len(pattern) - len(body)] if body != pattern else ""
        hint = f"{sign + better!r} matches here" if better else ""
        if never:
            message = f"{name} can never match in {mode.value} mode: {never}"
            yield Finding("pattern-never", message, hint, index + 1)
        else:
            yield Finding("pattern-unused", f"{name} matches nothing", hint, index + 1)


def matched(mode: IgnoreMode, pattern: str, universe: list[Listed]) -> list[str]:
    """The paths that a pattern hits when it stands alone.

    Args:
        mode: The pattern language.
        pattern: Without the sign of a negation.
        universe: All paths.
    """
    try:
        matcher = _core.Matcher(mode.wire, [pattern])
        return [
            row.key
            for row in universe
            if (
                matcher.completely_ignores(row.key)
                if row.kind == "directory"
                else matcher.ignores(row.key)
            )[0]
        ]
    except PatternError:
        return []


def _blocked(selection: Selection, index: int, hits: list[str]) -> Finding:
    pattern = selection.exclude[index]
    better = blocked_negation(selection.ignore_mode, selection.exclude, index, hits[0])
    return Finding(
        "pattern-blocked",
        f"pattern {index + 1} {pattern!r} can't bring anything back: a directory above is excluded",
        f"exclude in this order: {better}" if better else "exclude the content, not the directory",
        index + 1,
        tuple(hits),
    )


def _dialect(selection: Selection, rows: list[Listed], universe: list[Listed]) -> Iterator[Finding]:
    if not selection.exclude:
        return
    from lambda_assets.filesystem import dialects  # noqa: PLC0415  docker costs 120 ms

    paths = [(row.key, row.kind == "directory") for row in universe]
    docker = selection.ignore_mode is IgnoreMode.DOCKER
    tool = "Docker" if docker else "git"
    decide = dialects.docker_verdicts if docker else dialects.git_verdicts
    try:
        theirs = decide(selection.exclude, paths)
    except dialects.UncompilablePatternError:
        return
    ours = {row.key: row for row in rows}
    groups: dict[tuple[bool, int | None], list[str]] = {}
    for row in universe:
        if row.kind not in {"file", "link"} or row.key not in theirs:
            continue
        mine = ours.get(row.key)
        included = mine is not None and mine.included
        ignored, number = theirs[row.key]
        if included is not ignored:
            continue
        decided = number if number is not None else (mine.pattern if mine else None)
        groups.setdefault((ignored, decided), []).append(row.key)
    for (ignored, number), keys in groups.items():
        yield _disagreement(selection, tool, keys, number, ignored=ignored)


def _disagreement(
    selection: Selection, tool: str, keys: list[str], number: int | None, *, ignored: bool
) -> Finding:
    mode = selection.ignore_mode.value
    by = "" if number is None else f" by pattern {number + 1} {selection.exclude[number]!r}"
    them = "them" if len(keys) > 1 else "it"
    does, would = ("keeps", f"leave {them} out") if ignored else ("leaves out", f"keep {them}")
    shown = ", ".join(repr(key) for key in keys[:_EXAMPLES])
    more = f" and {len(keys) - _EXAMPLES} more" if len(keys) > _EXAMPLES else ""
    return Finding(
        f"dialect-{tool.lower()}",
        f"{mode} mode {does} {shown}{more}; {tool} would {would}{by}",
        f"see what decides with: lambda-assets ls --why --ignore-mode {mode.lower()}",
        None if number is None else number + 1,
        tuple(keys),
    )


def _volatile(rows: list[Listed]) -> Iterator[Finding]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        kind = volatile(row.key) if row.included else None
        if kind:
            found.setdefault(kind, []).append(row.key)
    for (part, what), keys in found.items():
        count = f", {len(keys)} files" if len(keys) > 1 else ""
        hint = f"exclude {part.rpartition('/')[2]!r}"
        yield Finding(
            "volatile", f"{part!r} is in the asset: {what}{count}", hint, None, tuple(keys)
        )


def _links(root: str, rows: list[Listed]) -> Iterator[Finding]:
    for row in rows:
        if row.kind != "link" or row.ignored or row.link is None:
            continue
        place = os.path.join(root, row.key)
        target = os.path.normpath(os.path.join(os.path.dirname(place), row.link))
        name = f"link {row.key!r} to {row.link!r}"
        if not os.path.exists(place):
            yield Finding("link-dangling", f"{name} leads nowhere", "remove it", None, (row.key,))
        elif os.path.isabs(row.link):
            hint = "make it relative, or follow it: --follow always"
            yield Finding("link-absolute", f"{name} is absolute", hint, None, (row.key,))
        elif target != root and not target.startswith(root + os.sep):
            hint = "follow it: --follow external, or --follow always"
            yield Finding("link-outside", f"{name} leaves the asset", hint, None, (row.key,))
