"""Where in a TOML file a key stands, which ``tomllib`` does not tell.

No second reader of TOML: a key stands on the first line up to which the file can be read and has the key.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"^\s*\[", re.MULTILINE)


class Locator:
    """Lines of the keys of a file.

    Args:
        text: The file; it can be read.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines(keepends=True)
        # Where a table may begin; also a line within a text of several lines may look like that, and does no harm.
        self._heads = [n for n, line in enumerate(self._lines) if _HEADER.match(line)]

    def line(self, path: Sequence[str | int]) -> int:
        """The line on which a key begins, counted from 1; 1 for what is not in the file.

        Args:
            path: The keys from the top, and positions in lists.
        """
        begin = self._table_before(path)
        start = begin
        for end in range(begin + 1, len(self._lines) + 1):
            document = self._read(end)
            if document is None:
                continue
            if _has(document, path):
                return self._first_line_with_text(start, end)
            start = end
        return 1

    def in_order(self, tables: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Sort tables by their place in the file.

        Args:
            tables: Pairs of keys, such as ``("asset", "api")``.
        """
        found: list[tuple[str, str]] = []
        for document in self._at_heads():
            found += [t for t in tables if t not in found and _has(document, t)]
        return found

    def _at_heads(self) -> Iterator[dict[str, Any]]:
        for end in [*self._heads[1:], len(self._lines)]:
            document = self._read(end)
            if document is not None:
                yield document

    def _table_before(self, path: Sequence[str | int]) -> int:
        """How many lines at least come before the key."""
        begin = 0
        for head in self._heads:
            document = self._read(head)
            if document is not None:
                if _has(document, path):
                    break
                begin = head
        return begin

    def _read(self, lines: int) -> dict[str, Any] | None:
        try:
            return tomllib.loads("".join(self._lines[:lines]))
        except tomllib.TOMLDecodeError:
            return None

    def _first_line_with_text(self, start: int, end: int) -> int:
        for number in range(start, end):
            shown = self._lines[number].strip()
            if shown and not shown.startswith("#"):
                return number + 1
        return end


def _has(document: Any, path: Sequence[str | int]) -> bool:  # noqa: ANN401  any TOML
    for step in path:
        if isinstance(document, list) and isinstance(step, int):
            if step >= len(document):
                return False
        elif not (isinstance(document, dict) and step in document):
            return False
        document = document[step]
    return True
