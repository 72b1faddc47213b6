"""``explain``: which options and files made two fingerprints differ, and what the hash does not see."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lambda_assets import _core
from lambda_assets.filesystem import git
from lambda_assets.filesystem.explanation import (
    EntryDifference,
    Explanation,
    OptionDifference,
    Unseen,
)
from lambda_assets.filesystem.file_system import report
from lambda_assets.filesystem.options import Selection, path_text
from lambda_assets.filesystem.snapshot import KIND, Snapshot, take
from lambda_assets.filesystem.volatile import volatile
from lambda_assets.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lambda_assets.filesystem.options import Follow, Ignore, Progress, StrPath
    from lambda_assets.filesystem.snapshot import Entry
    from lambda_assets.settings import Notice


def explain(
    a: Snapshot | StrPath,
    b: Snapshot | StrPath,
    *,
    extra_hash: str | None = None,
    exclude: Sequence[str] | None = None,
    follow: Follow | None = None,
    ignore_mode: Ignore | None = None,
) -> Explanation:
    """Say why two fingerprints differ.

    Args:
        a: A snapshot, the file of a saved one, or what to hash.
        b: The same for the other side.
        extra_hash: For sides that are hashed now. Where one side is a snapshot and no option is given, the other side is hashed
            with the options of the snapshot.
        exclude: As ``extra_hash``.
        follow: As ``extra_hash``.
        ignore_mode: As ``extra_hash``.

    Returns:
        Options and entries that differ, each with its cause, and the differences that a hash can't see.

    Raises:
        AssetIOError: The system refuses something; the error names the path.
        SnapshotError: A saved snapshot is damaged, or of an unknown schema.
        PatternError: A pattern is invalid.
        OptionError: An option has a wrong value or type.
    """
    given: dict[str, Any] = {
        "extra_hash": extra_hash,
        "exclude": exclude,
        "follow": follow,
        "ignore_mode": ignore_mode,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    first, second, notices = both_sides(a, b, chosen, Settings.resolve())
    report(notices)
    return compare(first, second)


def both_sides(
    a: Snapshot | StrPath,
    b: Snapshot | StrPath,
    chosen: dict[str, Any],
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[Snapshot, Snapshot, list[Notice]]:
    """Load or take both snapshots; a side that is hashed now gets the options of the one that is not.

    Args:
        a: A snapshot, the file of a saved one, or what to hash.
        b: The same for the other side.
        chosen: The options that the user gave.
        settings: Cache and threads.
        progress: Called about every 50 ms.
    """
    sides = [side if isinstance(side, Snapshot) else _saved(path_text(side)) for side in (a, b)]
    known = next((side for side in sides if side is not None), None)
    inherited = {} if known is None else {k: v for k, v in known.options.items() if k != "raw"}
    selection = Selection(**(chosen or inherited))
    notices: list[Notice] = []
    made = []
    for place, side in zip((a, b), sides, strict=True):
        if side is not None:
            made.append(side)
            continue
        taken, new = take(place, selection, settings, raw=True, progress=progress)  # type: ignore[arg-type]  # no snapshot
        notices += (notice for notice in new if notice not in notices)
        made.append(taken)
    return made[0], made[1], notices


def compare(a: Snapshot, b: Snapshot) -> Explanation:
    """Compare two snapshots.

    Args:
        a: One side.
        b: The other side.
    """
    pairs = list(_pairs(a.entries, b.entries))
    said = {"a": _git(a), "b": _git(b)}
    entries: list[EntryDifference] = []
    unseen: list[Unseen] = []
    for key, left, right in pairs:
        cause = _cause(left, right)
        if cause is None:
            unseen += _unseen(key, left, right)
        else:
            notes = tuple(_notes(key, left, right, said))
            entries.append(EntryDifference(key, cause, _describe(left), _describe(right), notes))
            unseen += _unseen_mode(key, left, right)
    unseen += _empty_directories(a, b)
    return Explanation(
        a=(a.fingerprint, a.root),
        b=(b.fingerprint, b.root),
        options=tuple(_options(a, b)),
        entries=tuple(entries),
        unseen=tuple(unseen),
        notes=tuple(_limits(a, b, entries)),
    )


def _saved(path: str) -> Snapshot | None:
    """The snapshot in a file; None if the path is something to hash."""
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            head = file.read(256)
    except OSError:
        return None  # hashing it gives the error
    return Snapshot.load(path) if KIND.encode() in head else None


def _options(a: Snapshot, b: Snapshot) -> Iterator[OptionDifference]:
    for name in ("extra_hash", "follow", "ignore_mode", "exclude"):
        left, right = a.options[name], b.options[name]
        if left != right:
            yield OptionDifference(name, left, right, hashed=name != "exclude")
    if a.algorithm != b.algorithm:
        yield OptionDifference("algorithm", a.algorithm, b.algorithm, hashed=False)


def _pairs(
    a: tuple[Entry, ...], b: tuple[Entry, ...]
) -> Iterator[tuple[str, Entry | None, Entry | None]]:
    """Entries with the same key side by side, in the order of A and then that of B."""
    # A key can stand twice: ``a\\b`` and ``a/b`` have one key (spec fingerprint (a)).
    waiting: dict[str, list[Entry]] = {}
    for entry in b:
        waiting.setdefault(entry.key, []).append(entry)
    for entry in a:
        others = waiting.get(entry.key)
        yield entry.key, entry, others.pop(0) if others else None
    for key, others in waiting.items():
        for entry in others:
            yield key, None, entry


def _cause(a: Entry | None, b: Entry | None) -> str | None:
    if b is None:
        return "only-a"
    if a is None:
        return "only-b"
    if a.kind != b.kind:
        return "kind"
    if a.value == b.value:
        return None
    if a.kind == "link":
        return "link-text"
    same_lines = a.blake3_lf is not None and a.blake3_lf == b.blake3_lf
    return "line-ends" if same_lines else "content"


def _unseen(key: str, a: Entry | None, b: Entry | None) -> Iterator[Unseen]:
    if a is None or b is None:
        return
    if a.blake3 and b.blake3 and a.blake3 != b.blake3:
        aspect = "line-ends" if a.blake3_lf == b.blake3_lf else "bytes"
        yield Unseen(key, aspect, f"{a.raw_size} bytes", f"{b.raw_size} bytes")
    yield from _unseen_mode(key, a, b)


def _unseen_mode(key: str, a: Entry | None, b: Entry | None) -> Iterator[Unseen]:
    if a and b and a.kind == b.kind == "file" and a.mode != b.mode:
        yield Unseen(key, "mode", f"{a.mode:04o}", f"{b.mode:04o}")


def _describe(entry: Entry | None) -> str | None:
    if entry is None:
        return None
    if entry.kind == "link":
        return f"link to {entry.link!r}"
    return f"{entry.raw_size} bytes"


def _git(side: Snapshot) -> dict[str, str]:
    """What git says about a side whose files are at hand."""
    return git.statements(side.root) if side.live and os.path.isdir(side.root) else {}


def _notes(
    key: str, a: Entry | None, b: Entry | None, said: dict[str, dict[str, str]]
) -> Iterator[str]:
    statements = {s: said[s][key] for s, e in (("a", a), ("b", b)) if e and key in said[s]}
    if len(set(statements.values())) == 1:
        yield next(iter(statements.values()))
    else:
        yield from (f"{text} in {side.upper()}" for side, text in statements.items())
    kind = volatile(key)
    if kind:
        yield kind[1]


def _empty_directories(a: Snapshot, b: Snapshot) -> Iterator[Unseen]:
    """Directories without hashed content that only one side has; only where both sides are at hand."""
    if not (a.live and b.live):
        return
    left, right = _directories(a), _directories(b)
    for key in sorted(left ^ right):
        if key.rpartition("/")[0] in left ^ right:
            continue  # said of the directory above
        inside = key + "/"
        if any(e.key.startswith(inside) for side in (a, b) for e in side.entries):
            continue  # its files are named already
        text = "directory"
        yield Unseen(
            key, "empty-directory", text if key in left else None, text if key in right else None
        )


def _directories(side: Snapshot) -> set[str]:
    rows = _core.list_tree(
        side.root,
        follow=side.options["follow"],
        exclude=side.options["exclude"],
        ignore_mode=side.options["ignore_mode"],
    )
    return {row[0] for row in rows if row[1] == "directory" and not row[5]}


def _limits(a: Snapshot, b: Snapshot, entries: list[EntryDifference]) -> Iterator[str]:
    for name, side in (("A", a), ("B", b)):
        if not side.options["raw"]:
            doubt = any(entry.cause == "content" for entry in entries)
            also = "; a content difference may be one of line ends only" if doubt else ""
            yield (
                f"{name} was taken without raw digests: bytes that the hash does not see were not"
                f" compared{also} (lambda-assets hash --raw --save FILE)"
            )
    if not (a.live and b.live):
        yield "empty directories were not compared: a saved snapshot does not list them"
