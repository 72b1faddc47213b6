"""GLOB mode: the CDK's default, the rules of minimatch as the CDK calls it.

A pattern of one segment is tested against the last name of a path only; one of several segments against the whole
path. Source of the rules: ``docs/parity.md``, GLOB.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambda_assets.errors import PatternError
from lambda_assets.reference.braces import expand_braces
from lambda_assets.reference.extglob import segment_regex
from lambda_assets.reference.text import from_units

if TYPE_CHECKING:
    from collections.abc import Callable

    #: Test of one name; None stands for ``**``.
    _Segment = Callable[[str], bool] | None

MAX_LENGTH = 65_536
#: Deeper searches between two ``**`` count as no match.
MAX_GLOBSTARS = 200

_STAR_ENDING = re.compile(r"\*+([^+@!?*\[(]*)")
_QUESTIONS = re.compile(r"\?+([^+@!?*\[(]*)")


class GlobRule:
    """One pattern of a GLOB list.

    Attributes:
        negative: Whether a match takes a path back: the pattern begins with ``!``.
    """

    def __init__(self, pattern: str) -> None:
        """Compile a pattern.

        Args:
            pattern: The pattern as a unit string.

        Raises:
            PatternError: It is too long or becomes an invalid regular expression.
        """
        self.negative = pattern.startswith("!")
        self._alternatives: list[list[_Segment]] = []
        if len(pattern) > MAX_LENGTH:
            message = "pattern is too long"
            raise PatternError(message)
        if pattern.startswith("#"):
            return
        for alternative in expand_braces(pattern.lstrip("!")) or [""]:
            segments = _remove_parents(re.split("/+", alternative))
            self._alternatives.append([_segment(segment) for segment in segments])

    def matches(self, path: str) -> bool:
        """Test a path.

        Args:
            path: Path relative to the root, as a unit string.

        Returns:
            Whether the pattern, without its exclamation marks, matches.
        """
        names = path.split("/")
        return any(
            _matches(names[-1:] if len(segments) == 1 else names, segments)
            for segments in self._alternatives
        )


def _remove_parents(segments: list[str]) -> list[str]:
    kept: list[str] = []
    for segment in segments:
        before = kept[-1] if kept else ""
        if segment == "**" and before == "**":
            continue
        if segment == ".." and before not in ("", ".", "..", "**"):
            kept.pop()
            continue
        kept.append(segment)
    return kept or [""]


def _segment(text: str) -> _Segment:
    if len(text) > MAX_LENGTH:
        message = "pattern is too long"
        raise PatternError(message)
    if text == "**":
        return None
    compiled = segment_regex(text)
    if isinstance(compiled, str):
        return compiled.__eq__
    # Upstream's short cuts: they take backslashes literally, otherwise they agree with the general rule.
    if match := _STAR_ENDING.fullmatch(text):
        ending = match.group(1)
        return lambda name: bool(name) and not name.startswith(".") and name.endswith(ending)
    if match := _QUESTIONS.fullmatch(text):
        ending = match.group(1)
        return lambda name: (
            len(name) == len(text) and not name.startswith(".") and name.endswith(ending)
        )
    pattern, by_code_points = compiled
    if by_code_points:
        return lambda name: bool(pattern.search(from_units(name)))
    return lambda name: bool(pattern.search(name))


def _matches(names: list[str], segments: list[_Segment]) -> bool:
    if None not in segments:
        return len(names) == len(segments) and _all_match(names, segments)
    first = segments.index(None)
    last = len(segments) - 1 - segments[::-1].index(None)
    head, tail = segments[:first], segments[last + 1 :]
    end = len(names) - len(tail)
    if first > end or not _all_match(names[:first], head) or not _all_match(names[end:], tail):
        return False
    if first == last:
        between = names[first:end]
        return bool(tail or between) and not _any_dot(between)
    sections: list[list[_Segment]] = [[]]
    for segment in segments[first + 1 : last]:
        if segment is None:
            sections.append([])
        else:
            sections[-1].append(segment)
    return bool(_search(names, sections, _latest_starts(sections, end), first, tail=bool(tail)))


def _all_match(names: list[str], segments: list[_Segment]) -> bool:
    return all(test is not None and test(name) for name, test in zip(names, segments, strict=True))


def _any_dot(names: list[str]) -> bool:
    return any(name.startswith(".") for name in names)


def _latest_starts(sections: list[list[_Segment]], end: int) -> list[int]:
    """Return the last place at which each section between two ``**`` is tried.

    Upstream reserves room for as many names as the sections at the *other* end have. With sections of unequal length
    that is too early or too late; too early loses matches.
    """
    lengths = [len(section) for section in sections]
    return [
        end - len(section) - sum(lengths[: len(sections) - 1 - index])
        for index, section in enumerate(sections)
    ]


def _search(
    names: list[str],
    sections: list[list[_Segment]],
    latest: list[int],
    at: int,
    *,
    tail: bool,
    depth: int = 0,
) -> bool | None:
    """Find the sections one after the other; None means that looking further right is of no use either."""
    if depth == len(sections):
        # The names of the tail are looked at again: here they must not begin with a dot.
        return not _any_dot(names[at:]) and (tail or at < len(names))
    section = sections[depth]
    while at <= latest[depth]:
        after = at + len(section)
        if after <= len(names) and _all_match(names[at:after], section) and depth < MAX_GLOBSTARS:
            found = _search(names, sections, latest, after, tail=tail, depth=depth + 1)
            if found is not False:
                return found
        if at < len(names) and names[at].startswith("."):
            return False
        at += 1
    return None
