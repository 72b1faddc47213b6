"""How real git and Docker would decide about exclude patterns, beside what the CDK's modes make of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docker.utils.build import Pattern, PatternMatcher
from docker.utils.fnmatch import fnmatchcase

from lambda_assets.filesystem.gitrules import GitRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def git_verdicts(
    patterns: Sequence[str], paths: Iterable[tuple[str, bool]]
) -> dict[str, tuple[bool, int | None]]:
    """What git would ignore, were the patterns the lines of a ``.gitignore`` at the root.

    Args:
        patterns: The patterns.
        paths: Each path and whether it is a directory, a directory before what lies in it.

    Returns:
        For each path whether git ignores it, and the position of the pattern that decided.
    """
    rules = GitRules("\n".join(p.replace("\n", "\0") for p in patterns).encode())
    verdicts: dict[str, tuple[bool, int | None]] = {}
    for path, directory in paths:
        parent = verdicts.get(path.rpartition("/")[0])
        if parent and parent[0]:
            verdicts[path] = parent  # nothing comes back from below an ignored directory
            continue
        rule = rules.decide(path.encode(), directory=directory)
        verdicts[path] = (rule.include, rule.number - 1) if rule else (False, None)
    return verdicts


def docker_verdicts(
    patterns: Sequence[str], paths: Iterable[tuple[str, bool]]
) -> dict[str, tuple[bool, int | None]]:
    """What the Docker SDK would leave out of a build context with this ``.dockerignore``.

    Args:
        patterns: The patterns, one line each.
        paths: Each path and whether it is a directory.

    Returns:
        For each path whether it is left out; which pattern decided is not told.

    Raises:
        re.error: A pattern is one that the SDK can't compile.
    """
    lines = [line.strip() for line in patterns]
    matcher = PatternMatcher([])
    # Instead of the list that it makes: that one always keeps .dockerignore, which is not about the patterns.
    kept = [_Pattern(line) for line in lines if line and not line.startswith("#")]
    matcher.patterns = [pattern for pattern in kept if pattern.dirs]
    return {path: (bool(matcher.matches(path)), None) for path, _ in paths}  # type: ignore[arg-type]  # it takes str


class _Pattern(Pattern):
    """A pattern that tells upper and lower case apart, as Docker's builder does and its SDK does not."""

    def match(self, filepath: str) -> bool:
        return bool(fnmatchcase(filepath, self.cleaned_pattern))


UncompilablePatternError = re.error
