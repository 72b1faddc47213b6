"""Bracket expressions of glob patterns: ``[a-z]``, ``[!x]``, ``[[:alpha:]]``."""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache

from lambda_assets.reference.text import JS_LINE_ENDS

#: Matches nothing: what a bracket expression without a possible member becomes.
NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Bracket:
    """One bracket expression, translated.

    Attributes:
        text: A Python pattern for one character.
        end: Where the pattern goes on.
        magic: Whether it stands for more than one literal character.
        unicode: Whether the whole segment is matched by code points instead of code units.
        literal: The character, if it stands for just one.
    """

    text: str
    end: int
    magic: bool = True
    unicode: bool = False
    literal: str | None = None


@dataclass(frozen=True, slots=True)
class _Posix:
    """A named class: Unicode categories, further characters, and whether it is the complement."""

    categories: tuple[str, ...] = ()
    extra: str = ""
    complement: bool = False


_POSIX = {
    "alnum": _Posix(("L", "Nl", "Nd")),
    "alpha": _Posix(("L", "Nl")),
    "ascii": _Posix(extra=r"\x00-\x7f"),
    "blank": _Posix(("Zs",), r"\t"),
    "cntrl": _Posix(("Cc",)),
    "digit": _Posix(("Nd",)),
    "graph": _Posix(("Z", "C"), complement=True),
    "lower": _Posix(("Ll",)),
    "print": _Posix(("C",), complement=True),
    "punct": _Posix(("P",)),
    "space": _Posix(("Z",), r"\t\r\n\x0b\x0c"),
    "upper": _Posix(("Lu",)),
    "word": _Posix(("L", "Nl", "Nd", "Pc")),
    "xdigit": _Posix(extra="A-Fa-f0-9"),
}
_POSIX_NAME = re.compile(r"\[:([a-z]+):\]")
_ONE_CHARACTER = re.compile(f"[^{JS_LINE_ENDS}]")


def parse_bracket(glob: str, start: int) -> Bracket | None:  # noqa: C901, PLR0912  one branch a rule of the syntax
    """Read a bracket expression.

    Args:
        glob: Text of one segment, or of the part of it between extended globs.
        start: Position of the ``[``.

    Returns:
        The translation, None if the expression is not closed and the ``[`` is an ordinary character.
    """
    at = start + 1
    negative = glob.startswith(("!", "^"), at)
    at += negative
    first = at
    members: list[str] = []
    complements: list[str] = []
    singles: list[str] = []
    unicode = False
    range_start = ""
    while True:
        if at >= len(glob):
            return None
        if glob[at] == "]" and at > first:
            break
        posix = _POSIX_NAME.match(glob, at)
        name = _POSIX.get(posix.group(1)) if posix else None
        if posix and name:
            if range_start:
                # A class as the end of a range: nothing can match any more.
                return Bracket(NEVER, len(glob))
            (complements if name.complement else members).append(
                _categories(name.categories) + name.extra
            )
            unicode = unicode or bool(name.categories)
            at = posix.end()
            continue
        if glob[at] == "\\":
            at += 1
            if at >= len(glob):
                return None
        unit = glob[at]
        at += 1
        if range_start:
            if range_start <= unit:
                members.append(
                    f"{_member(range_start)}-{_member(unit)}"
                    if range_start < unit
                    else _member(unit)
                )
                singles.append(unit if range_start == unit else "")
            # An out-of-order range is dropped, the rest of the expression stays.
            range_start = ""
        elif glob.startswith("-]", at):
            members.append(_member(unit) + _member("-"))
            at += 1
        elif glob.startswith("-", at):
            range_start = unit
            at += 1
        else:
            members.append(_member(unit))
            singles.append(unit)
    end = at + 1
    if not members and not complements:
        return Bracket(NEVER, len(glob))
    if (
        len(members) == 1
        and not complements
        and not negative
        and singles
        and _ONE_CHARACTER.fullmatch(singles[0])
    ):
        return Bracket(re.escape(singles[0]), end, magic=False, literal=singles[0])
    if members and not negative and members[0].startswith(r"\^"):
        # Upstream does not escape a leading caret, so that it negates: [\^a] is [^a], and [\^-z] is [^-z].
        negative = True
        members[0] = re.sub("^-", r"\\-", members[0][2:])
    positive = f"[{'^' if negative else ''}{''.join(members)}]"
    inverse = f"[{'' if negative else '^'}{''.join(complements)}]"
    if members and complements:
        # A group hides the bracket from the rule that keeps a leading one from matching a dot; so it does upstream.
        return Bracket(f"(?:{positive}|{inverse})", end, unicode=unicode)
    return Bracket(positive if members else inverse, end, unicode=unicode)


def _member(unit: str) -> str:
    return f"\\{unit}" if unit.isascii() and not unit.isalnum() else unit


@cache
def _categories(names: tuple[str, ...]) -> str:
    """Return all characters of some Unicode categories as the inside of a character class."""
    text: list[str] = []
    first = -1
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(names)
        if inside and first < 0:
            first = code
        elif not inside and first >= 0:
            text.append(f"\\U{first:08x}-\\U{code - 1:08x}")
            first = -1
    return "".join(text)
