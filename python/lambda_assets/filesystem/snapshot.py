"""A fingerprint together with everything that went into it, and its JSON document.

A saved snapshot answers later, and on another machine, why a hash changed. :meth:`Snapshot.recompute` hashes the entries
again in plain Python (spec fingerprint (a)), so that a document that was edited, or damaged on its way, is found out when
it is loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from lambda_assets import _core
from lambda_assets.errors import OptionError, SnapshotError, asset_io_error
from lambda_assets.filesystem.file_system import report
from lambda_assets.filesystem.options import Selection, path_text
from lambda_assets.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.filesystem.options import Follow, Ignore, Progress, StrPath
    from lambda_assets.settings import Notice

SCHEMA = 1
KIND = "lambda-assets/snapshot"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or link, in the order in which it is hashed.

    Attributes:
        key: Path relative to the root, with ``/``; empty if the root is a file.
        kind: ``file`` or ``link``.
        size: Size as hashed, after the content rule; 0 for a link.
        raw_size: Size on disk; 0 for a link.
        sha256: Digest of the content as hashed; empty for a link.
        link: Text of the link as hashed, None for a file.
        mode: Permission bits (not hashed); 0 for a link.
        blake3: BLAKE3 of the bytes on disk, None unless ``raw`` was asked for.
        blake3_lf: BLAKE3 of the bytes with all line ends as LF, None unless ``raw`` was asked for.
    """

    key: str
    kind: str
    size: int
    raw_size: int
    sha256: str
    link: str | None
    mode: int
    blake3: str | None = None
    blake3_lf: str | None = None

    @property
    def value(self) -> str:
        """What is hashed for this entry."""
        return self.link or "" if self.kind == "link" else f"{self.size}:{self.sha256}"

    def document(self) -> dict[str, Any]:
        """The entry as a JSON-ready dict."""
        return {name: getattr(self, name) for name in _ENTRY_FIELDS}


_ENTRY_FIELDS = tuple(item.name for item in fields(Entry))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A fingerprint with its entries, options and counts.

    Attributes:
        fingerprint: The hash.
        root: Canonical path of what was hashed.
        options: ``extra_hash``, ``follow``, ``exclude``, ``ignore_mode`` and ``raw``.
        entries: All that was hashed, in hash order.
        counts: ``files``, ``links``, ``directories``, ``bytes``, ``read``, ``cached``.
        timings: Seconds by phase; empty after loading.
        slowest: The files that took longest, as (key, seconds, bytes); empty after loading.
        algorithm: Name of the rule set.
        version: Version of this package that made it.
        live: Whether it was made in this process, so that its files can be looked at.
    """

    fingerprint: str
    root: str
    options: Mapping[str, Any]
    entries: tuple[Entry, ...]
    counts: Mapping[str, int]
    timings: Mapping[str, float] = field(default_factory=dict, compare=False)
    slowest: tuple[tuple[str, float, int], ...] = field(default=(), compare=False)
    algorithm: str = _core.ALGORITHM
    version: str = ""
    live: bool = field(default=False, compare=False)

    def recompute(self) -> str:
        """Hash options and entries anew, in plain Python (spec fingerprint (a)).

        Returns:
            The fingerprint that they have; equal to :attr:`fingerprint` unless somebody changed one of them.
        """
        digest = hashlib.sha256()

        def feed(header: str, value: str) -> None:
            digest.update(f"\x01{header}\x02{value}\x03".encode())

        feed("options.extra", self.options["extra_hash"])
        feed("options.follow", self.options["follow"])
        if self.options["ignore_mode"] != "glob":
            feed("options.ignoreMode", self.options["ignore_mode"])
        for entry in self.entries:
            feed(f"{entry.kind}:{entry.key}", entry.value)
        return digest.hexdigest()

    def document(self) -> dict[str, Any]:
        """The snapshot as a JSON-ready dict."""
        return {
            "kind": KIND,
            "schema": SCHEMA,
            "algorithm": self.algorithm,
            "version": self.version,
            "fingerprint": self.fingerprint,
            "root": self.root,
            "options": dict(self.options),
            "counts": dict(self.counts),
            "entries": [entry.document() for entry in self.entries],
        }

    def to_json(self) -> str:
        """The snapshot as JSON: one entry a line, so that two snapshots can be compared by eye."""
        head = self.document()
        entries = head.pop("entries")
        lines = ",\n".join(f"  {json.dumps(entry)}" for entry in entries)
        opening = json.dumps(head, indent=1)[:-2]
        return f'{opening},\n "entries": [\n{lines}\n ]\n}}\n'

    @classmethod
    def from_json(cls, text: str) -> Snapshot:
        """Read the JSON of a snapshot.

        Args:
            text: What :meth:`to_json` gave.

        Raises:
            SnapshotError: It is no snapshot, of an unknown schema, or its fingerprint is not that of its entries.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SnapshotError(f"not a snapshot: {error}") from None
        return from_document(document)

    def save(self, path: StrPath) -> None:
        """Write the JSON to a file: completely or, after an error, not at all.

        Args:
            path: The file; one that exists is replaced.

        Raises:
            AssetIOError: It can't be written.
        """
        write_whole(path_text(path), self.to_json())

    @classmethod
    def load(cls, path: StrPath) -> Snapshot:
        """Read a file that :meth:`save` wrote.

        Args:
            path: The file.

        Raises:
            AssetIOError: It can't be read.
            SnapshotError: It is no snapshot, of an unknown schema, or its fingerprint is not that of its entries.
        """
        name = path_text(path)
        try:
            with open(name, encoding="utf-8") as file:
                text = file.read()
        except OSError as error:
            raise asset_io_error("open", error) from None
        except UnicodeDecodeError:
            raise SnapshotError(f"not a snapshot: {name!r} is not text") from None
        try:
            return cls.from_json(text)
        except SnapshotError as error:
            raise SnapshotError(f"{name!r}: {error}").with_hint(error.hint) from None


def snapshot(
    path: StrPath,
    *,
    extra_hash: str | None = None,
    exclude: Sequence[str] | None = None,
    follow: Follow | None = None,
    ignore_mode: Ignore | None = None,
    raw: bool = False,
) -> Snapshot:
    """Fingerprint a file or directory and keep what went into the hash.

    Args:
        path: What to hash.
        extra_hash: Text that goes into the hash besides the files.
        exclude: Patterns of what is left out.
        follow: What to do with links, EXTERNAL if None.
        ignore_mode: The language of the patterns, GLOB if None.
        raw: Also digest the bytes on disk, for what the hash does not see; every file is then read.

    Raises:
        AssetIOError: The system refuses something; the error names the path.
        PatternError: A pattern is invalid.
        OptionError: An option has a wrong value or type.
    """
    selection = Selection(
        extra_hash=extra_hash, follow=follow, exclude=exclude, ignore_mode=ignore_mode
    )
    made, notices = take(path, selection, Settings.resolve(), raw=raw)
    report(notices)
    return made


def take(
    path: StrPath,
    selection: Selection,
    settings: Settings,
    *,
    raw: bool = False,
    progress: Progress | None = None,
) -> tuple[Snapshot, list[Notice]]:
    """The snapshot and what the user should know about how it came about.

    Args:
        path: What to hash.
        selection: Validated options.
        settings: Cache and threads.
        raw: Also digest the bytes on disk.
        progress: Called about every 50 ms with files seen, files done, bytes done, bytes known.
    """
    native = _core.snapshot(
        path_text(path),
        extra_hash=selection.extra_hash,
        follow=selection.follow.wire,
        exclude=selection.exclude,
        ignore_mode=selection.ignore_mode.wire,
        raw=raw,
        cache=settings.cache(),
        jobs=settings.jobs,
        progress=progress,
    )
    from lambda_assets import __version__  # noqa: PLC0415  asks the installed metadata

    made = Snapshot(
        fingerprint=native.fingerprint,
        root=native.root,
        options={**selection.document(), "raw": raw},
        entries=tuple(Entry(*row) for row in native.entries()),
        counts=native.counts,
        timings=native.timings,
        slowest=tuple(native.slowest),
        version=__version__,
        live=True,
    )
    return made, [*settings.notices(), *native.notices]


def write_whole(path: str, text: str) -> None:
    """Write a file by way of a temporary beside it, so that no reader meets half of it.

    Raises:
        AssetIOError: It can't be written; the temporary is removed.
    """
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    try:
        try:
            with open(temporary, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.replace(temporary, path)
        except BaseException:
            if os.path.lexists(temporary):
                os.unlink(temporary)
            raise
    except OSError as error:
        error.filename = path  # the temporary is of no interest
        raise asset_io_error("write", error) from None


def from_document(document: object) -> Snapshot:
    """Check a JSON document and make a snapshot of it.

    Raises:
        SnapshotError: It is no snapshot, of an unknown schema, or its fingerprint is not that of its entries.
    """
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise SnapshotError(f"not a snapshot: no object of kind {KIND!r}").with_hint(
            "lambda-assets hash --save FILE writes one"
        )
    if document.get("schema") != SCHEMA:
        raise SnapshotError(
            f"snapshot schema {document.get('schema')!r} is unknown, {SCHEMA} is known"
        ).with_hint("a newer version of lambda-assets made it")
    options = _options(_field(document, "options", dict))
    entries = tuple(_entry(row) for row in _field(document, "entries", list))
    made = Snapshot(
        fingerprint=_field(document, "fingerprint", str),
        root=_field(document, "root", str),
        options=options,
        entries=entries,
        counts=_field(document, "counts", dict),
        algorithm=_field(document, "algorithm", str),
        version=_field(document, "version", str),
    )
    try:
        computed = made.recompute()
    except UnicodeEncodeError:
        raise SnapshotError("the snapshot holds text that no hash can be made of") from None
    if computed != made.fingerprint:
        raise SnapshotError(
            "the snapshot was changed: its fingerprint is not that of its entries and options"
        ).with_hint("take the snapshot again")
    return made


def _options(options: dict[str, Any]) -> dict[str, Any]:
    try:
        selection = Selection(
            extra_hash=_field(options, "extra_hash", str),
            follow=_field(options, "follow", str),
            exclude=_field(options, "exclude", list),
            ignore_mode=_field(options, "ignore_mode", str),
        )
    except OptionError as error:
        raise SnapshotError(f"the snapshot has a bad option: {error}") from None
    return {**selection.document(), "raw": _field(options, "raw", bool)}


def _entry(row: object) -> Entry:
    if not isinstance(row, dict):
        raise SnapshotError("an entry of the snapshot is no object")
    optional = (str, type(None))
    entry = Entry(
        key=_field(row, "key", str),
        kind=_field(row, "kind", str),
        size=_field(row, "size", int),
        raw_size=_field(row, "raw_size", int),
        sha256=_field(row, "sha256", str),
        link=_field(row, "link", *optional),
        mode=_field(row, "mode", int),
        blake3=_field(row, "blake3", *optional),
        blake3_lf=_field(row, "blake3_lf", *optional),
    )
    if entry.kind not in {"file", "link"} or (entry.kind == "link") is (entry.link is None):
        raise SnapshotError(f"entry {entry.key!r} of the snapshot is neither a file nor a link")
    return entry


def _field(document: dict[str, Any], name: str, *kinds: type) -> Any:  # noqa: ANN401  as JSON
    value = document.get(name)
    # A boolean is an int for Python, not for JSON.
    if (
        name not in document
        or not isinstance(value, kinds)
        or (isinstance(value, bool) and bool not in kinds)
    ):
        raise SnapshotError(f"the snapshot has no valid field {name!r}")
    return value
