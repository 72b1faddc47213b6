"""JavaScript regular expressions for Python's ``re``.

The GIT and DOCKER modes build regular expressions out of users' patterns, so users can reach most of JavaScript's
syntax (the old, lenient one: no ``u`` flag). This module reads that syntax and writes what ``re`` understands; both
sides work on unit strings (:mod:`lambda_assets.reference.text`).

The ``i`` flag of JavaScript compares single code units by their upper case. It is not Python's ``IGNORECASE``:
:func:`fold` maps both the pattern and the tested text instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from lambda_assets.errors import PatternError
from lambda_assets.reference.text import JS_LINE_ENDS

_Range = tuple[int, int]

_DIGITS: list[_Range] = [(0x30, 0x39)]
_WORD: list[_Range] = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]
_SPACE: list[_Range] = [
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
]
_SETS = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_CONTROLS = {"f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B}
_LAST_UNIT = 0xFFFF
_ASCII_END = 0x80
_NEVER = "(?!)"
_QUANTIFIER = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
#: Counts above this are the same as no limit, here and in JavaScript.
_MANY = 2**31 - 1


class Untranslatable(PatternError):  # noqa: N818 - says what the pattern is, not what went wrong
    """A valid JavaScript regular expression that Python's ``re`` cannot state.

    Only references to groups inside a repetition: JavaScript forgets a group at each turn, Python keeps it.
    """


def compile_js(source: str, *, ignore_case: bool) -> re.Pattern[str]:
    """Translate a JavaScript regular expression.

    Args:
        source: The text between the slashes, as a unit string.
        ignore_case: The ``i`` flag; the tested text must then go through :func:`fold`.

    Returns:
        A pattern to be used with ``search`` on unit strings.

    Raises:
        PatternError: JavaScript refuses the expression.
        Untranslatable: Python has no such expression.
    """
    parser = _Parser(source, ignore_case=ignore_case)
    text = parser.parse()
    try:
        return re.compile(text, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        message = f"Invalid regular expression: /{source}/: {error}"
        raise PatternError(message) from error


def fold(units: str) -> str:
    """Map each code unit to the form under which the ``i`` flag compares it.

    Args:
        units: A unit string.

    Returns:
        A unit string of the same length.
    """
    table = _upper()
    return "".join(table.get(unit, unit) for unit in units)


@cache
def _upper() -> dict[str, str]:
    table: dict[str, str] = {}
    for code in range(_LAST_UNIT + 1):
        unit = chr(code)
        upper = unit.upper()
        # Kept as it is: more than one unit, or a step from outside ASCII into it.
        if (
            upper != unit
            and len(upper) == 1
            and ord(upper) <= _LAST_UNIT
            and (code < _ASCII_END or ord(upper) >= _ASCII_END)
        ):
            table[unit] = upper
    return table


@dataclass
class _Parser:
    """Reads the expression once and writes the translation on the way.

    Attributes:
        source: What is read.
        ignore_case: Whether to fold.
        at: Position of the next unit.
        groups: Number of capturing groups in the whole expression.
        opened: How many of them have begun.
        stack: Number of each parenthesis that is open now (capturing or not), outermost first.
        parentheses: How many have begun.
        inside: Open parentheses around each capturing group.
        closed: Capturing groups that have ended.
        repeated: Parentheses under a quantifier.
        references: Group and the parentheses around each reference to it.
    """

    source: str
    ignore_case: bool
    at: int = 0
    groups: int = 0
    opened: int = 0
    stack: list[int] = field(default_factory=list)
    parentheses: int = 0
    inside: dict[int, set[int]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)
    references: list[tuple[int, set[int]]] = field(default_factory=list)

    def parse(self) -> str:
        self.groups = _count_groups(self.source)
        text = self._alternatives()
        if self.at < len(self.source):
            raise self._error("Unmatched ')'")
        for group, around in self.references:
            if self.repeated & (around | self.inside[group]):
                message = (
                    f"regular expression /{self.source}/ refers to a group inside a repetition"
                )
                raise Untranslatable(message)
        return text

    def _error(self, reason: str) -> PatternError:
        return PatternError(f"Invalid regular expression: /{self.source}/: {reason}")

    def _peek(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def _alternatives(self) -> str:
        branches = [self._sequence()]
        while self._peek("|"):
            self.at += 1
            branches.append(self._sequence())
        return "|".join(branches)

    def _sequence(self) -> str:
        terms: list[str] = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            terms.append(self._term())
        return "".join(terms)

    def _term(self) -> str:
        unit = self.source[self.at]
        if unit in "*+?" or (unit == "{" and _QUANTIFIER.match(self.source, self.at)):
            raise self._error("Nothing to repeat")
        before = self.parentheses
        if unit == "(":
            atom = self._group()
            quantifiable = True
        else:
            atom, quantifiable = self._atom(unit)
        if not quantifiable:
            return atom
        quantifier = self._quantifier()
        if quantifier:
            self.repeated.update(range(before, self.parentheses))
        return atom + quantifier

    def _group(self) -> str:
        for opener in ("(?:", "(?=", "(?!"):
            if self._peek(opener):
                break
        else:
            if self._peek("(?"):
                raise self._error("Invalid group")
            opener = "("
        self.at += len(opener)
        number = 0
        if opener == "(":
            self.opened += 1
            number = self.opened
            self.inside[number] = set(self.stack)
        self.stack.append(self.parentheses)
        self.parentheses += 1
        body = self._alternatives()
        if not self._peek(")"):
            raise self._error("Unterminated group")
        self.at += 1
        self.stack.pop()
        if number:
            self.closed.add(number)
        return f"{opener}{body})"

    def _atom(self, unit: str) -> tuple[str, bool]:
        """Translate what is not a group; also says whether a quantifier may follow."""
        self.at += 1
        if unit == "^":
            return r"\A", False
        if unit == "$":
            return r"\Z", False
        if unit == ".":
            return f"[^{JS_LINE_ENDS}]", True
        if unit == "[":
            return self._class(), True
        if unit == "\\":
            return self._escape()
        return self._literal(ord(unit)), True

    def _literal(self, code: int) -> str:
        unit = chr(code)
        return re.escape(fold(unit) if self.ignore_case else unit)

    def _quantifier(self) -> str:
        if self.at >= len(self.source):
            return ""
        unit = self.source[self.at]
        if unit in "*+?":
            self.at += 1
            text = unit
        elif match := _QUANTIFIER.match(self.source, self.at):
            self.at = match.end()
            least, comma, most = match.groups()
            if most and int(most) < int(least):
                raise self._error("numbers out of order in {} quantifier")
            text = f"{{{_count(least)}{comma or ''}{_count(most) if most else ''}}}"
        else:
            return ""
        if self._peek("?"):
            self.at += 1
            text += "?"
        return text

    def _escape(self) -> tuple[str, bool]:
        if self.at >= len(self.source):
            raise self._error(r"\ at end of pattern")
        unit = self.source[self.at]
        if unit in "bB":
            self.at += 1
            return f"\\{unit}", False
        if unit.lower() in _SETS and unit.isascii():
            self.at += 1
            return self._set_text(_set(unit), negative=False), True
        if unit in "123456789":
            digits = re.compile("[0-9]+").match(self.source, self.at)
            if digits and int(digits.group()) <= self.groups:
                self.at = digits.end()
                return self._reference(int(digits.group())), True
        return self._literal(self._character_escape(in_class=False)), True

    def _reference(self, group: int) -> str:
        if group not in self.closed:
            # Refers to itself or ahead: matches the empty text, unless a repetition brings it back.
            self.inside.setdefault(group, set())
            self.references.append((group, set(self.stack)))
            return "(?:)"
        self.references.append((group, set(self.stack) & self.inside[group]))
        # A group that took no part matches the empty text in JavaScript and nothing in Python.
        return f"(?({group})\\{group})"

    def _character_escape(self, *, in_class: bool) -> int:
        """Read what follows a backslash and stands for one code unit."""
        unit = self.source[self.at]
        self.at += 1
        if unit in _CONTROLS:
            return _CONTROLS[unit]
        if unit == "c":
            allowed = "[A-Za-z0-9_]" if in_class else "[A-Za-z]"
            if match := re.compile(allowed).match(self.source, self.at):
                self.at += 1
                return ord(match.group()) % 32
            # Not a control character: the backslash stands for itself, the c is read again.
            self.at -= 1
            return ord("\\")
        for letter, count in (("x", 2), ("u", 4)):
            if unit == letter:
                match = re.compile(f"[0-9A-Fa-f]{{{count}}}").match(self.source, self.at)
                if match:
                    self.at = match.end()
                    return int(match.group(), 16)
        if unit in "01234567":
            match = re.compile("[0-3][0-7]{0,2}|[4-7][0-7]?").match(self.source, self.at - 1)
            if match:
                self.at = match.end()
                return int(match.group(), 8)
        return ord(unit)

    def _class(self) -> str:
        negative = self._peek("^")
        self.at += negative
        ranges: list[_Range] = []
        while not self._peek("]"):
            if self.at >= len(self.source):
                raise self._error("Unterminated character class")
            first = self._class_atom()
            if not (
                self._peek("-")
                and self.at + 1 < len(self.source)
                and self.source[self.at + 1] != "]"
            ):
                ranges += first
                continue
            self.at += 1
            last = self._class_atom()
            if _is_set(first) or _is_set(last):
                ranges += [*first, (0x2D, 0x2D), *last]
            elif first[0][0] > last[0][0]:
                raise self._error("Range out of order in character class")
            else:
                ranges.append((first[0][0], last[0][0]))
        self.at += 1
        return self._set_text(ranges, negative=negative)

    def _class_atom(self) -> list[_Range]:
        unit = self.source[self.at]
        self.at += 1
        if unit != "\\":
            return [(ord(unit), ord(unit))]
        if self.at >= len(self.source):
            raise self._error(r"\ at end of pattern")
        following = self.source[self.at]
        if following.lower() in _SETS and following.isascii():
            self.at += 1
            return [*_set(following), _SET_MARK]
        if following == "b":
            self.at += 1
            return [(0x08, 0x08)]
        code = self._character_escape(in_class=True)
        return [(code, code)]

    def _set_text(self, ranges: list[_Range], *, negative: bool) -> str:
        ranges = [item for item in ranges if item != _SET_MARK]
        if not ranges:
            return r"[\s\S]" if negative else _NEVER
        if self.ignore_case:
            # Tested text is folded, so the folded form of each member has to be in the set.
            extra = {
                ord(upper)
                for unit, upper in _upper().items()
                if any(a <= ord(unit) <= b for a, b in ranges)
            }
            ranges = [*ranges, *((code, code) for code in sorted(extra))]
        body = "".join(f"\\u{a:04x}-\\u{b:04x}" if a != b else f"\\u{a:04x}" for a, b in ranges)
        return f"[{'^' if negative else ''}{body}]"


#: Marks a list of ranges as coming from ``\d`` and its like, which cannot be the end of a range.
_SET_MARK: _Range = (-1, -1)


def _is_set(ranges: list[_Range]) -> bool:
    return _SET_MARK in ranges


def _set(letter: str) -> list[_Range]:
    ranges = _SETS[letter.lower()]
    if letter.islower():
        return ranges
    gaps: list[_Range] = []
    start = 0
    for first, last in ranges:
        if start < first:
            gaps.append((start, first - 1))
        start = last + 1
    return [*gaps, (start, _LAST_UNIT)]


def _count(digits: str) -> int:
    return min(int(digits), _MANY)


def _count_groups(source: str) -> int:
    """Count the capturing groups, also of an expression that will turn out to be wrong."""
    count = 0
    in_class = False
    at = 0
    while at < len(source):
        unit = source[at]
        if unit == "\\":
            at += 1
        elif in_class:
            in_class = unit != "]"
        elif unit == "[":
            in_class = True
        elif unit == "(" and not source.startswith("(?", at):
            count += 1
        at += 1
    return count
