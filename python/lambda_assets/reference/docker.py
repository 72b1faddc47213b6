"""DOCKER mode: what the CDK calls dockerignore rules.

Close to Docker's own matching, with live regular-expression syntax in patterns, without case, and with a second list
that keeps a directory open when something below it is taken back. Source of the rules: ``docs/parity.md``, DOCKER.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambda_assets.errors import PatternError
from lambda_assets.reference.jsregex import compile_js, fold
from lambda_assets.reference.text import (
    JS_LINE_ENDS,
    JS_SPACE,
    JS_SPACE_CHARACTERS,
    dirname,
    normalize,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Upstream remembers results in a plain object, so that these top-level names are found there before any test.
OBJECT_MEMBERS = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)
_NEGATIVE = re.compile(rf"[{JS_SPACE}]*(!|/!)([^{JS_LINE_ENDS}]*)")


class DockerRules:
    """A DOCKER list; patterns are compiled at the first test, as upstream does."""

    def __init__(self, patterns: list[str]) -> None:
        """Take in the list.

        Args:
            patterns: The patterns as unit strings, in order.
        """
        self._rules = _rules(enumerate(patterns))
        with_parents: list[tuple[int, str]] = []
        for index, pattern in enumerate(patterns):
            with_parents.append((index, pattern))
            if match := _NEGATIVE.match(pattern):
                mark, path = match.groups()
                while (path := dirname(path)) not in ("/", "."):
                    with_parents.append((index, mark + path))
        self._complete_rules = _rules(with_parents)

    def ignores(self, path: str) -> bool:
        """Test a path.

        Args:
            path: Path relative to the root, as a unit string; the root itself is the empty string.

        Returns:
            Whether the path is ignored.

        Raises:
            PatternError: A pattern is an invalid regular expression.
        """
        return _decide(self._rules, path)

    def completely_ignores(self, path: str) -> bool:
        """Test whether a directory is ignored and nothing below it can come back.

        Args:
            path: Path relative to the root, as a unit string.

        Returns:
            Whether the directory can be skipped.

        Raises:
            PatternError: A pattern is an invalid regular expression.
        """
        return _decide(self._rules, path) and _decide(self._complete_rules, path)


class _Rule:
    def __init__(self, index: int, text: str) -> None:
        text = _clean_path(text.strip(JS_SPACE_CHARACTERS))
        self.negative = text.startswith("!")
        self._index = index
        self._text = text[self.negative :]
        self._segments = self._text.split("/")
        self._compiled: re.Pattern[str] | None = None

    def matches(self, path: str) -> bool:
        if self._matches_text(path):
            return True
        parents = path.split("/")[:-1]
        if not parents:
            return False
        if "**" in self._segments:
            least = len([segment for segment in self._segments if segment != "**"])
            return any(
                self._matches_text("/".join(parents[:count]))
                for count in range(least, len(parents) + 1)
            )
        count = len(self._segments)
        return count <= len(parents) and self._matches_text("/".join(parents[:count]))

    def _matches_text(self, path: str) -> bool:
        if self._compiled is None:
            try:
                self._compiled = compile_js(docker_regex(self._text), ignore_case=True)
            except PatternError as error:
                error.index = self._index
                raise
        return bool(self._compiled.search(fold(path)))


def _rules(patterns: Iterable[tuple[int, str]]) -> list[_Rule]:
    rules: list[_Rule] = []
    for index, element in patterns:
        for line in re.split(r"\r?\n", element):
            if line.startswith("#"):
                continue
            text = line.strip(JS_SPACE_CHARACTERS)
            negative = text.startswith("!")
            if negative:
                text = text[1:].strip(JS_SPACE_CHARACTERS)
            if text:
                text = _clean_path(text)
                if len(text) > 1:
                    text = text.removeprefix("/")
            if text:
                rules.append(_Rule(index, f"!{text}" if negative else text))
    return rules


def _clean_path(text: str) -> str:
    """Normalise, and take off one slash at the end, unless a line end is in front of it."""
    text = normalize(text)
    if len(text) > 1 and text[-2] not in "\n\r\u2028\u2029":
        text = text.removesuffix("/")
    return text


def _decide(rules: list[_Rule], path: str) -> bool:
    if path in OBJECT_MEMBERS:
        return False
    if not path:
        return True
    ignored = False
    for rule in rules:
        if rule.matches(path):
            ignored = not rule.negative
    return ignored


def docker_regex(pattern: str) -> str:
    """Rewrite a pattern into the JavaScript regular expression of upstream.

    Args:
        pattern: A pattern without its exclamation mark, as a unit string.

    Returns:
        The text of the regular expression.
    """
    text: list[str] = []
    at = 0
    while at < len(pattern):
        unit = pattern[at]
        if pattern.startswith("**", at):
            at += 2 + pattern.startswith("/", at + 2)
            text.append(".*" if at == len(pattern) else "(.*/)?")
            continue
        if unit == "*":
            text.append("[^/]*")
        elif unit == "?":
            text.append("[^/]")
        elif unit in ".$":
            text.append(f"\\{unit}")
        elif unit == "\\":
            text.append(pattern[at : at + 2])
            at += 1
        else:
            text.append(unit)
        at += 1
    return f"^{''.join(text)}$"
