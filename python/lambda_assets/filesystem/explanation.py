"""What :func:`lambda_assets.explain` found out, as records, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = 1
KIND = "lambda-assets/explanation"

CAUSES = {
    "only-a": "only in A",
    "only-b": "only in B",
    "content": "content",
    "line-ends": "line ends only",
    "link-text": "link text",
    "kind": "kind",
}
UNSEEN = {
    "mode": "mode bits",
    "line-ends": "CRLF or LF",
    "bytes": "bytes that the hash folds together",
    "empty-directory": "empty directory",
}


@dataclass(frozen=True, slots=True)
class OptionDifference:
    """An option that differs.

    Attributes:
        name: The option.
        a: Its value on the first side.
        b: Its value on the second side.
        hashed: Whether it is part of the hash itself; ``exclude`` is not, it decides which files are.
    """

    name: str
    a: Any
    b: Any
    hashed: bool


@dataclass(frozen=True, slots=True)
class EntryDifference:
    """A file or link that made the hashes differ.

    Attributes:
        key: Its path.
        cause: ``only-a``, ``only-b``, ``content``, ``line-ends``, ``link-text`` or ``kind``.
        a: What the first side has, None if nothing.
        b: What the second side has, None if nothing.
        notes: What else is known: what git says, what kind of file it is.
    """

    key: str
    cause: str
    a: str | None
    b: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """A difference that the hash can't see.

    Attributes:
        key: The path.
        aspect: ``mode``, ``line-ends``, ``bytes`` or ``empty-directory``.
        a: What the first side has, None if nothing.
        b: What the second side has, None if nothing.
    """

    key: str
    aspect: str
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two fingerprints differ, or do not.

    Attributes:
        a: Fingerprint and root of the first side.
        b: Fingerprint and root of the second side.
        options: Options that differ.
        entries: Files and links that differ, in hash order.
        unseen: Differences that no hash shows.
        notes: What could not be told, and why.
    """

    a: tuple[str, str]
    b: tuple[str, str]
    options: tuple[OptionDifference, ...]
    entries: tuple[EntryDifference, ...]
    unseen: tuple[Unseen, ...]
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether the fingerprints are equal."""
        return self.a[0] == self.b[0]

    def to_json(self) -> str:
        """The explanation as one JSON document."""
        return json.dumps(self.document(), indent=1) + "\n"

    def document(self) -> dict[str, Any]:
        """The explanation as a JSON-ready dict."""
        return {
            "kind": KIND,
            "schema": SCHEMA,
            "same": self.same,
            "a": {"fingerprint": self.a[0], "root": self.a[1]},
            "b": {"fingerprint": self.b[0], "root": self.b[1]},
            "options": [asdict(item) for item in self.options],
            "entries": [asdict(item) for item in self.entries],
            "unseen": [asdict(item) for item in self.unseen],
            "notes": list(self.notes),
        }

    def to_text(self) -> str:
        """The explanation for people."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"A {self.a[0]}  {printable(self.a[1])}"
        yield f"B {self.b[0]}  {printable(self.b[1])}"
        yield "the hashes are equal" if self.same else "the hashes differ"
        if self.options:
            yield ""
            yield f"options ({len(self.options)})"
            for option in self.options:
                note = "" if option.hashed else "  (not hashed itself; decides what is)"
                yield f"  {option.name}: {_value(option.a)} in A, {_value(option.b)} in B{note}"
        if self.entries:
            yield ""
            yield f"files ({len(self.entries)})"
            yield from map(_entry_line, self.entries)
        if self.unseen:
            yield ""
            yield f"not in the hash ({len(self.unseen)})"
            for unseen in self.unseen:
                what = UNSEEN[unseen.aspect]
                yield f"  {printable(unseen.key)}  {what}: {_sides(unseen.a, unseen.b)}"
        for note in self.notes:
            yield ""
            yield f"note: {note}"


def printable(text: str) -> str:
    """A name for a terminal: control characters and undecodable bytes as escapes, the rest as it is."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _entry_line(entry: EntryDifference) -> str:
    sign = {"only-a": "-", "only-b": "+"}.get(entry.cause, "~")
    sides = "" if sign != "~" else f": {_sides(entry.a, entry.b)}"
    notes = f"  ({'; '.join(entry.notes)})" if entry.notes else ""
    return f"  {sign} {printable(entry.key) or '(the file itself)'}  {CAUSES[entry.cause]}{sides}{notes}"


def _sides(a: str | None, b: str | None) -> str:
    if a is None or b is None:
        return f"only in {'A' if b is None else 'B'}"
    return f"{printable(a)} in A, {printable(b)} in B"


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
