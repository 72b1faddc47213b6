"""GIT mode: what the CDK calls gitignore rules. It is not git's matching.

Patterns become regular expressions by a series of text substitutions, each working on the result of the one before.
The series is the behaviour: what a user can write shows up in the regular expression, and often works in a way that
nobody planned. Source of the rules: ``docs/parity.md``, GIT.
"""

from __future__ import annotations

import re

from lambda_assets.errors import PatternError
from lambda_assets.reference.jsregex import compile_js, fold
from lambda_assets.reference.text import JS_LINE_ENDS, JS_SPACE

_BLANK = re.compile(f"[{JS_SPACE}]*")
_LONE_BACKSLASH_AT_END = re.compile(r"(?:[^\\]|\A)\\\Z")
_REFUSED_PATH = re.compile(r"\.*/|\.+\Z")


class GitRules:
    """A compiled GIT list."""

    def __init__(self, patterns: list[str]) -> None:
        """Compile the list.

        Args:
            patterns: The patterns as unit strings, in order.

        Raises:
            PatternError: A pattern becomes an invalid regular expression; its ``index`` is set.
        """
        self._rules: list[tuple[bool, re.Pattern[str]]] = []
        for index, pattern in enumerate(patterns):
            if (
                _BLANK.fullmatch(pattern)
                or pattern.startswith("#")
                or _LONE_BACKSLASH_AT_END.search(pattern)
            ):
                continue
            negative = pattern.startswith("!")
            text = pattern[negative:]
            if text.startswith((r"\!", r"\#")):
                text = text[1:]
            try:
                self._rules.append((negative, compile_js(git_regex(text), ignore_case=True)))
            except PatternError as error:
                error.index = index
                raise

    def ignores(self, path: str) -> bool:
        """Test a path; a directory has to end in a slash.

        Args:
            path: Path relative to the root, as a unit string.

        Returns:
            Whether the path is ignored.

        Raises:
            PatternError: The path is one that upstream refuses: empty, leading outside, or a top-level name of dots.
        """
        if not path:
            message = "path must not be empty"
            raise PatternError(message)
        if _REFUSED_PATH.match(path):
            message = f'path should be a `path.relative()`d string, but got "{path}"'
            raise PatternError(message)
        folded = fold(path)
        names = folded.rstrip("/").split("/")
        # Nothing below an ignored directory comes back.
        parents = ("/".join(names[:depth]) + "/" for depth in range(1, len(names)))
        return any(self._state(parent) for parent in parents) or self._state(folded)

    def _state(self, folded: str) -> bool:
        ignored = False
        for negative, pattern in self._rules:
            if negative == ignored and pattern.search(folded):
                ignored = not negative
        return ignored


def git_regex(pattern: str) -> str:
    """Rewrite a pattern into the JavaScript regular expression of upstream.

    Args:
        pattern: A pattern without its exclamation mark, as a unit string.

    Returns:
        The text of the regular expression.
    """
    text = pattern.removeprefix("\ufeff")
    # Blanks at the end go, unless a backslash keeps one.
    text = re.sub(
        rf"((?:\\\\)*)(\\?[{JS_SPACE}]+)\Z",
        lambda match: match.group(1) + (" " if match.group(2).startswith("\\") else ""),
        text,
    )
    text = re.sub(
        rf"(\\+)[{JS_SPACE}]",
        lambda match: match.group(1)[: len(match.group(1)) // 2 * 2] + " ",
        text,
    )
    text = re.sub(r"[\\$.|*+(){^]", lambda match: "\\" + match.group(), text)
    text = text.replace("?", "[^/]")
    text = re.sub(r"\A/", "^", text)
    text = text.replace("/", r"\/")
    text = re.sub(r"\A\^*\\\*\\\*\\/", lambda _: r"^(?:.*\/)?", text)
    if text and not text.startswith("^"):
        text = ("^" if "/" in pattern[:-1] else r"(?:^|\/)") + text
    text = re.sub(
        r"\\/\\\*\\\*(?=\\/|\Z)",
        lambda match: r"(?:\/[^\/]+)*" if match.end() < len(match.string) else r"\/.+",
        text,
    )
    text = re.sub(
        rf"(\A|[^\\]+)(\\\*)+(?=[^{JS_LINE_ENDS}]+)", lambda match: match.group(1) + r"[^\/]*", text
    )
    text = re.sub(r"\\\\\\(?=[$.|*+(){^])", lambda _: "\\", text)
    text = text.replace("\\\\", "\\")
    text = re.sub(r"(\\)?\[([^\]/]*?)(\\*)(\Z|\])", _class_text, text)
    if text and not text.endswith("*"):
        text += "$" if text.endswith("/") else r"(?=$|\/$)"
    return re.sub(
        r"(\^|\\/)?\\\*\Z",
        lambda match: (f"{match.group(1)}[^/]+" if match.group(1) else "[^/]*") + r"(?=$|\/$)",
        text,
    )


def _class_text(match: re.Match[str]) -> str:
    escape, members, backslashes, close = match.groups()
    if escape:
        return f"\\[{members}{backslashes[: len(backslashes) // 2 * 2]}{close}"
    if close != "]" or len(backslashes) % 2:
        # Not closed: a class without members, which matches nothing.
        return "[]"
    in_order = re.sub(
        "([0-z])-([0-z])",
        lambda pair: pair.group() if pair.group(1) <= pair.group(2) else "",
        members,
    )
    return f"[{in_order}{backslashes}]"
