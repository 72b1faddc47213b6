"""The rules of one ``.gitignore`` file as git itself applies them.

pathspec translates a pattern into a regular expression. What it leaves open, or decides otherwise than git, is settled here
around it, each point checked against ``git check-ignore``: bytes instead of characters (``?`` is one byte), bracket expressions
with escapes and POSIX classes, trailing blanks, patterns for directories only, and that a pattern is asked about the path
itself and never about what it lies in. Which files apply to a path is the business of ``ignorefiles``.
"""

from __future__ import annotations

import re

from pathspec.patterns.gitignore import GitIgnorePatternError
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_POSIX = {
    b"alnum": rb"0-9A-Za-z",
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"!-~",
    b"lower": rb"a-z",
    b"print": rb" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb" \t-\r",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}

# A segment of three stars or more is one of two.
_STARS = re.compile(rb"(?<![^/])\*{3,}(?![^/])")

# Stands for a bracket expression while pathspec translates the rest: no file name has a NUL.
_HOLE = b"\0"


class InvalidPatternError(ValueError):
    """Git finds the pattern malformed; it then matches nothing."""


class GitRule:
    """One pattern.

    Attributes:
        number: The line it stands on, from 1.
        text: The line without its end.
        include: True if a match is ignored, False if a match is kept (``!``).
    """

    __slots__ = ("_anywhere", "_directory", "_prefix", "_regex", "include", "number", "text")

    def __init__(self, number: int, text: bytes) -> None:
        self.number = number
        self.text = text
        body = text
        self.include = not body.startswith(b"!")
        if not self.include:
            body = body[1:]
        self._directory = body.endswith(b"/")
        if self._directory:
            body = body[:-1]
        if not body or body.endswith(b"/"):
            raise InvalidPatternError("nothing but slashes at the end")
        body, self._prefix = _loose_stars(body)
        self._anywhere = body in {b"**", b"/**"} and bool(self._prefix)
        self._regex = _translate(body)

    def matches(self, path: bytes, *, directory: bool) -> bool:
        """Whether the pattern hits this very path.

        Args:
            path: Relative to the directory of the file, with ``/``.
            directory: Whether it is a directory.
        """
        if self._directory and not directory:
            return False
        if not path.startswith(self._prefix):
            return False
        rest = path[len(self._prefix) :]
        if self._anywhere:
            return True
        if self._regex.pattern.endswith(b"/"):
            # "a/**": everything below a. The expression ends with the slash after a.
            return self._regex.search(rest) is not None
        return self._regex.fullmatch(rest) is not None


class GitRules:
    """All rules of one file.

    Args:
        content: The file's bytes.
    """

    __slots__ = ("_rules",)

    def __init__(self, content: bytes) -> None:
        self._rules = list(_rules(content))
        self._rules.reverse()

    def decide(self, path: bytes, *, directory: bool) -> GitRule | None:
        """The last rule that hits a path, None if none does.

        Args:
            path: Relative to the directory of the file, with ``/``.
            directory: Whether it is a directory; a link to one is not.
        """
        for rule in self._rules:
            if rule.matches(path, directory=directory):
                return rule
        return None


def _rules(content: bytes) -> Iterator[GitRule]:
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, line in enumerate(lines, 1):
        text = _without_trailing_spaces(line.removesuffix(b"\r"))
        # git reads a file as text that ends with a NUL
        text = text.partition(b"\0")[0]
        if not text or text.startswith(b"#"):
            continue
        try:
            yield GitRule(number, text)
        except InvalidPatternError:
            continue


def _without_trailing_spaces(line: bytes) -> bytes:
    """Spaces at the end go, unless a backslash stands before them; other blanks stay."""
    end = 0
    position = 0
    while position < len(line):
        if line[position : position + 1] == b"\\":
            position += 2
            end = position
            continue
        position += 1
        if line[position - 1 : position] != b" ":
            end = position
    return line[:end]


def _loose_stars(body: bytes) -> tuple[bytes, bytes]:
    r"""Split off a literal beginning such as ``foo`` in ``foo**/bar``.

    Git compares the literal beginning of a pattern with a slash by itself, and then meets ``**/bar`` as if it were the
    start of the pattern; pathspec takes ``foo**`` for ``foo*``.
    """
    if b"/" not in body:
        return body, b""
    anchored = body.removeprefix(b"/")
    special = re.search(rb"[*?\[\\]", anchored)
    if special is None:
        return body, b""
    prefix, rest = anchored[: special.start()], anchored[special.start() :]
    if not prefix or prefix.endswith(b"/") or not re.match(rb"\*\*(/|$)", rest):
        return body, b""
    return b"/" + rest, prefix


def _translate(body: bytes) -> re.Pattern[bytes]:
    text, brackets = _cut_brackets(body)
    if b"/" in body and b"/" not in text:
        text = b"/" + text  # a slash in brackets anchors as well
    if text[:1] in {b"#", b"!"}:
        text = b"\\" + text  # here they are characters: the line's own were taken off
    if text[-1:].isspace():
        # A blank that git keeps, a tab or an escaped space, and that pathspec would strip.
        text, blank = _without_escape(text[:-1]), text[-1:]
        text += _HOLE
        brackets.append(re.escape(blank))
    text = _STARS.sub(b"**", text)
    try:
        pattern = GitIgnoreSpecPattern(text)
    except GitIgnorePatternError as error:
        raise InvalidPatternError(str(error)) from None
    if pattern.regex is None:
        raise InvalidPatternError("matches nothing")
    parts = pattern.regex.pattern.split(_HOLE)
    # The holes come back in order: pathspec neither repeats nor moves parts of a pattern.
    filled = parts[0] + b"".join(b + p for b, p in zip(brackets, parts[1:], strict=True))
    if filled == b".":
        return re.compile(rb".+", re.DOTALL)
    return re.compile(filled, re.DOTALL)


def _without_escape(text: bytes) -> bytes:
    """The text before a character, without the backslash that escapes this character."""
    backslashes = len(text) - len(text.rstrip(b"\\"))
    return text[:-1] if backslashes % 2 else text


def _cut_brackets(body: bytes) -> tuple[bytes, list[bytes]]:
    """Replace each bracket expression by a hole; return the expressions as regular expressions."""
    text = bytearray()
    brackets: list[bytes] = []
    position = 0
    while position < len(body):
        character = body[position : position + 1]
        if character == b"\\":
            text += body[position : position + 2]
            position += 2
        elif character == b"[":
            expression, position = _bracket(body, position + 1)
            brackets.append(expression)
            text += _HOLE
        else:
            text += character
            position += 1
    return bytes(text), brackets


def _bracket(body: bytes, position: int) -> tuple[bytes, int]:
    """One bracket expression as git reads it.

    Args:
        body: The pattern.
        position: Behind the opening bracket.

    Returns:
        A regular expression for one byte, and the position behind the closing bracket.

    Raises:
        InvalidPatternError: It is not closed, or names an unknown class.
    """
    negated = body[position : position + 1] in {b"!", b"^"}
    position += negated
    members: list[bytes] = []
    previous = b""
    first = True
    while first or body[position : position + 1] != b"]":
        first = False
        character = body[position : position + 1]
        following = body[position + 1 : position + 2]
        if not character:
            raise InvalidPatternError("bracket expression without end")
        if character == b"-" and previous and following not in {b"", b"]"}:
            position += 1
            last, position = _character(body, position)
            if previous <= last:
                members.append(re.escape(previous) + b"-" + re.escape(last))
            previous = b""
        elif character == b"[" and following == b":":
            name, position = _class_name(body, position)
            members.append(_POSIX[name] if name else rb"\[")
            previous = b"" if name else b"["
        else:
            previous, position = _character(body, position)
            members.append(re.escape(previous))
    inside = b"".join(members)
    if negated:
        return b"[^/" + inside + b"]", position + 1
    if not inside:
        return rb"(?!)", position + 1
    return b"(?!/)[" + inside + b"]", position + 1


def _character(body: bytes, position: int) -> tuple[bytes, int]:
    if body[position : position + 1] == b"\\":
        position += 1
    if position >= len(body):
        raise InvalidPatternError("bracket expression without end")
    return body[position : position + 1], position + 1


def _class_name(body: bytes, position: int) -> tuple[bytes, int]:
    """The class at ``[:``; an empty name if it is a plain bracket after all."""
    end = body.find(b"]", position + 2)
    if end < 0:
        raise InvalidPatternError("bracket expression without end")
    name = body[position + 2 : end - 1]
    if end == position + 2 or body[end - 1 : end] != b":":
        return b"", position + 1
    if name not in _POSIX:
        raise InvalidPatternError("unknown character class")
    return name, end + 1
