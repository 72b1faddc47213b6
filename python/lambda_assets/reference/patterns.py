"""Exclude patterns in the three modes of the CDK, and how GIT mode differs from git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from lambda_assets.errors import OptionError, PatternError
from lambda_assets.reference.docker import DockerRules
from lambda_assets.reference.git import GitRules
from lambda_assets.reference.glob import GlobRule
from lambda_assets.reference.text import to_units

if TYPE_CHECKING:
    from collections.abc import Sequence

IGNORE_MODES = ("glob", "git", "docker")


class Matcher:
    """A list of exclude patterns.

    An invalid pattern is reported when upstream reports it: by the constructor in GIT mode, by the first test in GLOB
    and DOCKER mode.
    """

    def __init__(self, ignore_mode: str, patterns: Sequence[str]) -> None:
        """Take in the list.

        Args:
            ignore_mode: ``glob``, ``git`` or ``docker``.
            patterns: The patterns in order.

        Raises:
            OptionError: There is no such mode.
            PatternError: GIT mode only: a pattern is invalid.
        """
        if ignore_mode not in IGNORE_MODES:
            message = f"unknown ignore mode {ignore_mode!r}"
            raise OptionError(message)
        self._patterns = list(patterns)
        units = [to_units(pattern) for pattern in patterns]
        self._glob: _GlobRules | None = None
        self._git: GitRules | None = None
        self._docker: DockerRules | None = None
        try:
            if ignore_mode == "glob":
                self._glob = _GlobRules(units)
            elif ignore_mode == "git":
                self._git = GitRules(units)
            else:
                self._docker = DockerRules(units)
        except PatternError as error:
            raise self._named(error) from None

    def ignores(self, path: str) -> bool:
        """Test a file or a link that is not followed.

        Args:
            path: Path relative to the root with ``/``; the root itself is the empty string.

        Returns:
            Whether it is ignored.

        Raises:
            PatternError: A pattern is invalid, or the path is one that GIT mode refuses.
        """
        return self._test(path, completely=False)

    def completely_ignores(self, path: str) -> bool:
        """Test a directory: whether it and all below it can be skipped.

        Args:
            path: As for :meth:`ignores`.

        Returns:
            Whether it can be skipped.

        Raises:
            PatternError: As for :meth:`ignores`.
        """
        return self._test(path, completely=True)

    def _test(self, path: str, *, completely: bool) -> bool:
        units = to_units(path)
        try:
            if self._glob:
                return self._glob.ignores(units)
            if self._git:
                return self._git.ignores(f"{units}/" if completely else units)
            if self._docker and completely:
                return self._docker.completely_ignores(units)
            return bool(self._docker and self._docker.ignores(units))
        except PatternError as error:
            raise self._named(error) from None

    def _named(self, error: PatternError) -> PatternError:
        if error.index is not None:
            error.pattern = self._patterns[error.index]
        return error


class _GlobRules:
    """A GLOB list; each pattern is compiled when it is first needed."""

    def __init__(self, patterns: list[str]) -> None:
        self._patterns = patterns
        self._rules: list[GlobRule] = []

    def ignores(self, path: str) -> bool:
        for index in range(len(self._rules), len(self._patterns)):
            try:
                self._rules.append(GlobRule(self._patterns[index]))
            except PatternError as error:
                error.index = index
                raise
        ignored = False
        for rule in self._rules:
            if rule.matches(path):
                ignored = not rule.negative
        return ignored


def differs_from_git(patterns: Sequence[str], path: str, *, directory: bool = False) -> bool:
    """Tell whether GIT mode and git itself disagree on a path.

    Args:
        patterns: Lines of one ``.gitignore`` file at the root.
        path: Path relative to the root with ``/``.
        directory: Whether the path is a directory.

    Returns:
        Whether one ignores the path and the other does not; True as well if only git accepts the list.
    """
    text = f"{path}/" if directory else path
    git = GitIgnoreSpec.from_lines(patterns).match_file(text)
    try:
        matcher = Matcher("git", patterns)
        cdk = matcher.completely_ignores(path) if directory else matcher.ignores(path)
    except PatternError:
        return True
    return cdk != git
