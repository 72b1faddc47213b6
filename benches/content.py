"""Content of generated files: slices of seeded pools, so that nothing is made byte by byte."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

#: Large against any cache of a core, small against memory.
POOL = 4 << 20
#: The content rule of the CDK decodes a file in slices of this size.
SLICE = 8192
#: Characters from here on are not ASCII.
FIRST_MULTIBYTE = 0x80

WORDS = (
    *("const", "function", "return", "export", "import", "default", "require", "exports", "this"),
    *("if (a) {", "}", "=> {", "});", "= new", "async", "await", "null", "undefined", "true", "0"),
    *("props", "options", "value", "index", "length", "callback", "module", "handler", "string"),
    *("def __init__(self):", "class", "self.", "from", "None", "raise", "yield", "//", "/**", "*/"),
)
#: Two, three and four bytes long.
CHARACTERS = ("é", "ü", "ß", "…", "—", "€", "漢", "字", "\U0001f600")
CHARACTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


class Pools:
    """Four pools of 4 MiB and a walk through each, all decided by one random source.

    The kinds: ``binary`` has a NUL in its first slice; ``ascii``; ``utf8`` is rarely anything else, as bundles are,
    and no character lies over the edge of a slice; ``crlf`` is ASCII with CR LF at each line; ``cut`` is ``utf8``
    with a character over an edge, or cut off at the end.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        text = self._text()
        self._ascii = text.encode()
        self._crlf = text.replace("\n", "\r\n").encode()
        self._binary = rng.randbytes(POOL)
        self._dense: bytes | None = None

    def pieces(self, kind: str, size: int, *, dense: bool = False) -> Iterator[bytes]:
        """Content of a file in pieces.

        Args:
            kind: The kind of content.
            size: Bytes in total.
            dense: Many characters that are not ASCII, wherever they fall, where the kind has any.

        Yields:
            Parts of at most 4 MiB.
        """
        first = True
        while size > 0 or first:
            length = min(size, POOL)
            yield self._piece(kind, length, first=first, dense=dense)
            size -= length
            first = False

    def _piece(self, kind: str, size: int, *, first: bool, dense: bool) -> bytes:
        if kind == "binary":
            data = self._slice(self._binary, size)
            return b"\0" + data[1:] if first and size else data
        if kind == "ascii":
            return self._slice(self._ascii, size)
        if kind == "crlf":
            return self._slice(self._crlf, size - 2) + b"\r\n" if size > 1 else b"\r"[:size]
        if dense:
            return self._slice(self._dense_pool(), size)
        data = bytearray(self._slice(self._ascii, size))
        # One such character in 4 KiB, and one in any file that has room.
        for _ in range(max(1, size >> 12)):
            self._put(data, self._rng.randrange(max(1, size - 4)))
        for edge in range(SLICE, size, SLICE):
            _clear_edge(data, edge)
        if kind == "cut":
            _cut(data)
        return bytes(data)

    def _put(self, data: bytearray, at: int) -> None:
        character = self._rng.choice(CHARACTERS).encode()
        around = data[at : at + len(character)]
        if len(around) == len(character) and around.isascii():
            data[at : at + len(character)] = character

    def _slice(self, pool: bytes, size: int) -> bytes:
        start = self._rng.randrange(len(pool))
        found = pool[start : start + size]
        while len(found) < size:
            found += pool[: size - len(found)]
        return found

    def _text(self) -> str:
        lines: list[str] = []
        length = 0
        while length < POOL:
            words = self._rng.choices(WORDS, k=self._rng.randrange(1, 14))
            number = self._rng.randrange(1 << 20)
            lines.append(f"{'  ' * self._rng.randrange(4)}{' '.join(words)} {number:x};")
            length += len(lines[-1]) + 1
        return "\n".join(lines)[:POOL]

    def _dense_pool(self) -> bytes:
        if self._dense is None:
            text = self._ascii.decode()
            pieces = (
                text[at : at + 40] + self._rng.choice(CHARACTERS) for at in range(0, POOL, 40)
            )
            self._dense = "".join(pieces).encode()
        return self._dense


def _clear_edge(data: bytearray, edge: int) -> None:
    """Replaces a character that lies over ``edge``."""
    for found in CHARACTER.finditer(data, max(0, edge - 3), min(len(data), edge + 4)):
        if found.start() < edge < found.end():
            data[found.start() : found.end()] = b" " * len(found[0])


def _cut(data: bytearray) -> None:
    """Puts a character over the first edge, or half of one at the end."""
    if len(data) > SLICE + 1:
        data[SLICE - 1 : SLICE + 2] = "€".encode()
    elif data:
        data[-1] = 0xE2
