"""One segment of a glob pattern as a regular expression, extended globs included.

``@(a|b)``, ``?(a)``, ``*(a)``, ``+(a)`` and ``!(a)`` are parsed into a tree, nested ones are merged where the merged
form means the same, and the text behind each ``!(...)`` is copied into its alternatives, because a negation looks at
the whole rest of the segment. Several results of upstream's way of doing this are surprising; they are marked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lambda_assets.errors import PatternError
from lambda_assets.reference.brackets import parse_bracket
from lambda_assets.reference.text import JS_SPACE, from_units

#: Groups nested deeper than this below the outermost one are plain text.
MAX_NESTING = 2
#: How often merging is tried on one group.
MAX_MERGES = 10

_KINDS = "!?+*@"
#: Inner kinds whose alternatives an outer group can take over as they are.
_ABSORBS = {"!": "@", "?": "?@", "@": "@", "*": "*+?@", "+": "+@"}
#: Inner kinds that can be taken over if an empty alternative is added.
_ABSORBS_WITH_EMPTY = {"!": "?", "@": "?", "+": "?*"}
#: Outer and inner kind of a group that holds nothing but a group, and what both become together.
_FUSES = {
    "!!": "@",
    "?*": "*",
    "?+": "*",
    "@!": "!",
    "@?": "?",
    "@@": "@",
    "@*": "*",
    "@+": "+",
    "+?": "*",
    "+*": "*",
}

_ANY = "[^/]"
_NO_DOT = r"(?!\.)"
_NO_DOTS = r"(?!\A\.\.?\Z)"
#: Characters that upstream escapes in a way which is an error in a segment matched by code points.
_BAD_ESCAPE = re.compile(f"[-,#{JS_SPACE}]")
#: Put before such an escape. No unit string has a character above U+FFFF.
_BAD_MARK = "\U0010fffd"


@dataclass(eq=False)
class _Node:
    """A run of text and groups (kind ``""``) or a group, whose parts are then its alternatives.

    Attributes:
        kind: The character before the parenthesis, empty for a run.
        parent: What it is part of, None for the whole segment.
        index: Its place in the parent, as it was when it was made.
        parts: Texts and groups of a run, alternatives of a group.
        empty: A group whose last alternative does not end in text (upstream's idea of an empty one).
    """

    kind: str
    parent: _Node | None
    index: int
    parts: list[_Node | str] = field(default_factory=list)
    empty: bool = False

    @classmethod
    def below(cls, parent: _Node, kind: str) -> _Node:
        return cls(kind, parent, len(parent.parts))

    def add(self, *parts: _Node | str) -> None:
        self.parts += [part for part in parts if part != ""]

    def nodes(self) -> list[_Node]:
        return [part for part in self.parts if isinstance(part, _Node)]

    def source(self) -> str:
        texts = [part if isinstance(part, str) else part.source() for part in self.parts]
        return f"{self.kind}({'|'.join(texts)})" if self.kind else "".join(texts)

    def copy_part(self, part: _Node | str) -> None:
        """Append a copy of a part."""
        if isinstance(part, str):
            self.add(part)
            return
        copy = _Node.below(self, part.kind)
        for inner in part.parts:
            copy.copy_part(inner)
        self.add(copy)

    def at_start(self) -> bool:
        """Whether the segment may begin with this; negations before it do not count."""
        if self.parent is None:
            return True
        if not self.parent.at_start():
            return False
        before = self.parent.parts[: self.index]
        # Merging leaves stale indexes behind; one beyond the end counts as "not at the start".
        return len(before) == self.index and all(
            isinstance(part, _Node) and part.kind == "!" for part in before
        )

    def at_end(self) -> bool:
        """Whether the segment may end with this."""
        if self.parent is None or self.parent.kind == "!":
            return True
        if not self.parent.at_end():
            return False
        return not self.kind or self.index == len(self.parent.parts) - 1


@dataclass
class _Flags:
    """What the translation of a segment finds out on the way."""

    magic: bool = False
    unicode: bool = False


def segment_regex(segment: str) -> tuple[re.Pattern[str], bool] | str:
    """Translate one segment.

    Args:
        segment: Text between two slashes, as a unit string.

    Returns:
        The text to compare with if nothing in it is special; otherwise a pattern to be searched in the name, and
        whether it works on code points.

    Raises:
        PatternError: The regular expression is invalid, such as a POSIX class beside a character that upstream
            escapes.
    """
    root = _Node("", None, 0)
    negations: list[_Node] = []
    _read_run(segment, root, negations)
    _merge(root)
    _copy_tails(negations)
    flags = _Flags()
    text = _run_text(root, flags, dot=False)
    if flags.unicode and _BAD_MARK in text:
        message = f"Invalid regular expression for {from_units(segment)!r}: Invalid escape"
        raise PatternError(message)
    text = text.replace(_BAD_MARK, "")
    if not flags.magic:
        return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
    try:
        return re.compile(rf"\A{from_units(text) if flags.unicode else text}\Z"), flags.unicode
    except re.error as error:
        message = f"Invalid regular expression for {from_units(segment)!r}: {error}"
        raise PatternError(message) from error


class _Cursor:
    """Steps through a segment and knows what is escaped or inside brackets."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self._escaped = False
        self._bracket = -1
        self._negative = False

    def next(self) -> tuple[str, bool]:
        """Return the next unit, and whether it may be syntax of a group."""
        unit = self.text[self.at]
        self.at += 1
        if self._escaped or unit == "\\":
            self._escaped = not self._escaped
            return unit, False
        if self._bracket >= 0:
            place = self.at - self._bracket
            if place == 1:
                self._negative = unit in "^!"
            elif unit == "]" and not (place == 2 and self._negative):  # noqa: PLR2004 - [!]...] and []...]
                self._bracket = -1
            return unit, False
        if unit == "[":
            self._bracket = self.at
            self._negative = False
            return unit, False
        return unit, True

    def opens_group(self, unit: str) -> bool:
        return unit in _KINDS and self.text.startswith("(", self.at)


def _read_run(text: str, root: _Node, negations: list[_Node]) -> None:
    cursor = _Cursor(text, 0)
    plain = ""
    while cursor.at < len(text):
        unit, syntax = cursor.next()
        if syntax and cursor.opens_group(unit):
            root.add(plain)
            plain = ""
            group = _Node.below(root, unit)
            cursor.at = _read_group(text, cursor.at, group, negations, depth=1)
            root.add(group)
        else:
            plain += unit
    root.add(plain)


def _read_group(text: str, start: int, group: _Node, negations: list[_Node], *, depth: int) -> int:
    """Read the alternatives of a group whose parenthesis is at ``start``; returns where the text goes on."""
    if group.kind == "!":
        negations.append(group)
    absorbs = _ABSORBS.get(group.kind, "") + _ABSORBS_WITH_EMPTY.get(group.kind, "")
    cursor = _Cursor(text, start + 1)
    run = _Node.below(group, "")
    runs = [run]
    plain = ""
    while cursor.at < len(text):
        unit, syntax = cursor.next()
        merges = unit in absorbs
        if syntax and cursor.opens_group(unit) and (depth <= MAX_NESTING or merges):
            run.add(plain)
            plain = ""
            inner = _Node.below(run, unit)
            run.add(inner)
            cursor.at = _read_group(
                text, cursor.at, inner, negations, depth=depth if merges else depth + 1
            )
        elif syntax and unit == "|":
            run.add(plain)
            plain = ""
            run = _Node.below(group, "")
            runs.append(run)
        elif syntax and unit == ")":
            group.empty = not plain
            run.add(plain)
            group.parts += runs
            return cursor.at
        else:
            plain += unit
    # Not closed: all of it is text, brackets and stars in it keep their meaning.
    group.kind = ""
    group.parts = [text[start - 1 :]]
    return cursor.at


def _merge(node: _Node) -> None:
    if not node.kind:
        for part in node.nodes():
            _merge(part)
        return
    for _ in range(MAX_MERGES):
        merged = False
        at = 0
        while at < len(node.parts):
            child = node.parts[at]
            if isinstance(child, _Node):
                _merge(child)
                merged = _merge_child(node, child, at) or merged
            at += 1
        if not merged:
            return


def _merge_child(node: _Node, child: _Node, at: int) -> bool:
    """Merge an alternative that is nothing but a group into the group around it."""
    inner = child.parts[0] if len(child.parts) == 1 and not child.kind else None
    if not isinstance(inner, _Node) or not inner.kind:
        return False
    if inner.kind in _ABSORBS.get(node.kind, ""):
        node.parts[at : at + 1] = inner.parts
    elif inner.kind in _ABSORBS_WITH_EMPTY.get(node.kind, ""):
        blank = _Node.below(inner, "")
        blank.parts.append("")
        inner.add(blank)
        node.parts[at : at + 1] = inner.parts
    elif len(node.parts) == 1 and node.kind + inner.kind in _FUSES:
        # The list is shared from here on: copying a tail into the inner negation reaches the fused group too.
        node.parts = inner.parts
        node.kind = _FUSES[node.kind + inner.kind]
        node.empty = False
    else:
        return False
    for part in inner.nodes():
        part.parent = node
    return True


def _copy_tails(negations: list[_Node]) -> None:
    """Append to each alternative of each negation what follows the negation in the segment, innermost last."""
    for negation in reversed(negations):
        if negation.kind != "!":
            continue
        node = negation
        while node.parent is not None:
            around = node.parent
            if not around.kind:
                at = node.index + 1
                while at < len(around.parts):
                    for alternative in negation.nodes():
                        alternative.copy_part(around.parts[at])
                    at += 1
            node = around


def _run_text(run: _Node, flags: _Flags, *, dot: bool) -> str:
    start, end = run.at_start(), run.at_end()
    alone = start and end and not run.nodes()
    text = "".join(
        _plain_text(part, flags, alone=alone)
        if isinstance(part, str)
        else _node_text(part, flags, dot=dot)
        for part in run.parts
    )
    first = run.parts[0] if run.parts else None
    if start and isinstance(first, str) and run.parts not in (["."], [".."]):
        wild = text.startswith("[")
        if (dot and wild) or text.startswith((r"\.[", r"\.\.[")):
            text = _NO_DOTS + text
        elif wild:
            text = _NO_DOT + text
    if end and run.parent is not None and run.parent.kind == "!":
        text += r"\Z"
    return text


def _node_text(node: _Node, flags: _Flags, *, dot: bool) -> str:
    if not node.kind:
        return _run_text(node, flags, dot=dot)
    start, end = node.at_start(), node.at_end()
    body = _body_text(node, flags, dot=dot, drop_empty=start and end)
    if start and end and not body and node.kind != "!":
        # Upstream then takes the group as text, and as raw regular expression where other parts are special.
        text = node.source()
        node.kind = ""
        node.parts = [text]
        return text
    flags.magic = True
    repeated = node.kind in "*+" and not dot
    free = _body_text(node, flags, dot=True, drop_empty=start and end) if repeated else ""
    if free == body:
        free = ""
    if node.kind == "!":
        guard = _NO_DOT if start and not dot else ""
        return f"{guard}{_ANY}+?" if node.empty else f"(?:(?!(?:{body})){guard}{_ANY}*?)"
    if free:
        # Only the first repetition is kept from matching a leading dot.
        return f"(?:(?:{body})(?:{free})*?){'' if node.kind == '+' else '?'}"
    return f"(?:{body}){'' if node.kind == '@' else node.kind}"


def _body_text(node: _Node, flags: _Flags, *, dot: bool, drop_empty: bool) -> str:
    texts = [_node_text(part, flags, dot=dot) for part in node.nodes()]
    return "|".join(text for text in texts if text or not drop_empty)


def _plain_text(glob: str, flags: _Flags, *, alone: bool) -> str:
    text: list[str] = []
    at = 0
    while at < len(glob):
        unit = glob[at]
        at += 1
        if unit == "*":
            while glob.startswith("*", at):
                at += 1
            text.append(f"{_ANY}{'+' if alone and not glob.strip('*') else '*'}?")
            flags.magic = True
        elif unit == "?":
            text.append(_ANY)
            flags.magic = True
        elif unit == "\\" and at < len(glob):
            text.append(_escaped(glob[at]))
            at += 1
        elif unit == "[" and (bracket := parse_bracket(glob, at - 1)):
            flags.magic = flags.magic or bracket.magic
            flags.unicode = flags.unicode or bracket.unicode
            text.append(_literal(bracket.literal) if bracket.literal else bracket.text)
            at = bracket.end
        else:
            text.append(_literal(unit))
    return "".join(text)


def _escaped(unit: str) -> str:
    if unit == "|":
        # Upstream passes it on bare: it divides the regular expression, at the level where it stands.
        return unit
    return (_BAD_MARK if unit == "!" else "") + re.escape(unit)


def _literal(unit: str) -> str:
    return (_BAD_MARK if _BAD_ESCAPE.match(unit) else "") + re.escape(unit)
