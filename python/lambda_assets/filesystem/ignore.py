"""The ignore strategies of ``aws_cdk`` (spec ignore, common frame): absolute paths in, a verdict out."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod

from lambda_assets import _core
from lambda_assets.errors import OptionError
from lambda_assets.filesystem.enums import IgnoreMode
from lambda_assets.filesystem.options import (
    copy_selection,
    exclude_patterns,
    path_text,
    pattern_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_assets.filesystem.options import Options, StrPath


class IgnoreStrategy(ABC):
    """Decides which paths of a directory are left out."""

    @staticmethod
    def glob(absolute_root_path: StrPath, patterns: Sequence[str]) -> GlobIgnoreStrategy:
        """Ignore by minimatch globs, the CDK's default.

        Args:
            absolute_root_path: The directory that patterns are relative to.
            patterns: The patterns, in order.

        Raises:
            PatternError: A pattern is invalid.
            OptionError: The path is not absolute, or a value has the wrong type.
        """
        return GlobIgnoreStrategy(absolute_root_path, patterns)

    @staticmethod
    def git(absolute_root_path: StrPath, patterns: Sequence[str]) -> GitIgnoreStrategy:
        """Ignore by patterns as in ``.gitignore``; arguments and errors as :meth:`glob`."""
        return GitIgnoreStrategy(absolute_root_path, patterns)

    @staticmethod
    def docker(absolute_root_path: StrPath, patterns: Sequence[str]) -> DockerIgnoreStrategy:
        """Ignore by patterns as in ``.dockerignore``; arguments and errors as :meth:`glob`."""
        return DockerIgnoreStrategy(absolute_root_path, patterns)

    @staticmethod
    def from_copy_options(options: Options, absolute_root_path: StrPath) -> IgnoreStrategy:
        """The strategy that a copy with these options uses.

        Args:
            options: :class:`CopyOptions` (ours or that of ``aws_cdk``) or a dict with its fields.
            absolute_root_path: The directory that patterns are relative to.

        Raises:
            PatternError: A pattern is invalid.
            OptionError: The path is not absolute, or an option has a wrong value or type.
        """
        selection = copy_selection(options)
        return _STRATEGIES[selection.ignore_mode](absolute_root_path, selection.exclude)

    @abstractmethod
    def add(self, pattern: str) -> None:
        """Append a pattern; it overrules the earlier ones."""

    @abstractmethod
    def ignores(self, absolute_file_path: StrPath) -> bool:
        """Whether a file or link is left out."""

    def completely_ignores(self, absolute_directory_path: StrPath) -> bool:
        """Whether a directory is left out with everything below it."""
        return self.ignores(absolute_directory_path)


class _NativeStrategy(IgnoreStrategy):
    """What the three strategies share: a root and a matcher compiled once."""

    _mode: IgnoreMode

    def __init__(self, absolute_root_path: StrPath, patterns: Sequence[str]) -> None:
        self._root = self._absolute(absolute_root_path, "expects an absolute root path")
        self._patterns = exclude_patterns(patterns)
        self._matcher = _core.Matcher(self._mode.wire, self._patterns)

    def add(self, pattern: str) -> None:
        """Append a pattern; it overrules the earlier ones.

        Raises:
            PatternError: It is invalid in GIT mode; the strategy stays as it was. In the other modes an invalid pattern is
                reported when a path is tested, as upstream does.
            OptionError: It has the wrong type.
        """
        patterns = (*self._patterns, *self._split(pattern_text(pattern)))
        self._matcher = _core.Matcher(self._mode.wire, patterns)
        self._patterns = patterns

    def ignores(self, absolute_file_path: StrPath) -> bool:
        """Whether a file or link is left out.

        Args:
            absolute_file_path: An absolute path; it need not exist.

        Raises:
            OptionError: The path is not absolute.
            PatternError: The pattern language refuses the path, or matching takes more steps than is reasonable.
        """
        path = self._absolute(absolute_file_path, ".ignores() expects an absolute path")
        return self._matcher.ignores(self._relative(path))[0]

    def completely_ignores(self, absolute_directory_path: StrPath) -> bool:
        """Whether a directory is left out with everything below it.

        Args:
            absolute_directory_path: An absolute path; it need not exist.

        Raises:
            OptionError: The path is not absolute.
            PatternError: The pattern language refuses the path, or matching takes more steps than is reasonable.
        """
        message = ".completely_ignores() expects an absolute path"
        path = self._absolute(absolute_directory_path, message)
        return self._matcher.completely_ignores(self._relative(path))[0]

    def _split(self, pattern: str) -> list[str]:
        return [pattern]

    def _absolute(self, value: StrPath, rule: str) -> str:
        path = path_text(value)
        if not os.path.isabs(path):
            space = "" if rule.startswith(".") else " "
            raise OptionError(f"{type(self).__name__}{space}{rule}: {path!r}").with_hint(
                "os.path.abspath(path)"
            )
        return path

    def _relative(self, path: str) -> str:
        """The tested text: relative to the root, ``/`` as separator, decoded as the CDK decodes names."""
        relative = os.path.relpath(path, self._root)
        if os.sep != "/":
            relative = relative.replace(os.sep, "/")
        if relative == ".":
            return ""
        return relative if relative.isascii() else os.fsencode(relative).decode("utf-8", "replace")


class GlobIgnoreStrategy(_NativeStrategy):
    """Ignores by minimatch globs.

    Args:
        absolute_root_path: The directory that patterns are relative to.
        patterns: The patterns, in order.
    """

    _mode = IgnoreMode.GLOB


class GitIgnoreStrategy(_NativeStrategy):
    """Ignores by patterns as in ``.gitignore``; upper and lower case are not told apart.

    Args:
        absolute_root_path: The directory that patterns are relative to.
        patterns: The patterns, in order.
    """

    _mode = IgnoreMode.GIT

    def _split(self, pattern: str) -> list[str]:
        # Upstream's library splits a string that is added, but not the elements of a list.
        return pattern.replace("\r\n", "\n").split("\n")


class DockerIgnoreStrategy(_NativeStrategy):
    """Ignores by patterns as in ``.dockerignore``; upper and lower case are not told apart.

    Args:
        absolute_root_path: The directory that patterns are relative to.
        patterns: The patterns, in order.
    """

    _mode = IgnoreMode.DOCKER


_STRATEGIES: dict[IgnoreMode, type[_NativeStrategy]] = {
    IgnoreMode.GLOB: GlobIgnoreStrategy,
    IgnoreMode.GIT: GitIgnoreStrategy,
    IgnoreMode.DOCKER: DockerIgnoreStrategy,
}
