"""IgnoreStrategy: absolute paths in, verdicts of the real library out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambda_assets import (
    CopyOptions,
    DockerIgnoreStrategy,
    GitIgnoreStrategy,
    GlobIgnoreStrategy,
    IgnoreMode,
    IgnoreStrategy,
    OptionError,
    PatternError,
)


@pytest.mark.parametrize(
    ("make", "patterns", "path", "ignores", "completely"),
    [
        (IgnoreStrategy.glob, ["foo"], "/r/a/foo", True, True),
        (IgnoreStrategy.glob, ["foo/"], "/r/foo", False, False),
        (IgnoreStrategy.glob, ["*", "!a"], "/r/a", False, False),
        (IgnoreStrategy.glob, ["?"], "/r/\U0001f600", False, False),
        (IgnoreStrategy.glob, ["**"], "/r", True, True),
        (IgnoreStrategy.git, ["foo/"], "/r/foo", False, True),
        (IgnoreStrategy.git, ["Foo"], "/r/a/FOO", True, True),
        (IgnoreStrategy.docker, ["*", "!a/b"], "/r/a", True, False),
        (IgnoreStrategy.docker, ["foo"], "/r/x/../foo/", True, True),
    ],
)
def test_verdicts(
    make: Any, patterns: list[str], path: str, ignores: bool, completely: bool
) -> None:
    strategy = make("/r", patterns)
    assert strategy.ignores(path) is ignores
    assert strategy.ignores(Path(path)) is ignores
    assert strategy.completely_ignores(path) is completely


@pytest.mark.parametrize("make", [IgnoreStrategy.glob, IgnoreStrategy.git, IgnoreStrategy.docker])
def test_add_appends_and_does_not_touch_the_callers_list(make: Any) -> None:
    patterns = ["*"]
    strategy = make("/r", patterns)
    assert strategy.add("!a") is None
    assert strategy.ignores("/r/a") is False
    assert patterns == ["*"]


def test_git_splits_an_added_string_at_line_ends_but_not_elements() -> None:
    strategy = IgnoreStrategy.git("/r", ["a\nb"])
    assert not strategy.ignores("/r/a")
    strategy.add("a\r\nb")
    assert strategy.ignores("/r/a")
    assert strategy.ignores("/r/b")


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        (None, GlobIgnoreStrategy),
        (IgnoreMode.GLOB, GlobIgnoreStrategy),
        (IgnoreMode.GIT, GitIgnoreStrategy),
        (IgnoreMode.DOCKER, DockerIgnoreStrategy),
    ],
)
def test_from_copy_options(mode: IgnoreMode | None, kind: type) -> None:
    for options in (
        {"exclude": ["a"], "ignore_mode": mode},
        CopyOptions(exclude=["a"], ignore_mode=mode),
    ):
        strategy = IgnoreStrategy.from_copy_options(options, "/r")
        assert type(strategy) is kind
        assert strategy.ignores("/r/a")


def test_paths_must_be_absolute() -> None:
    with pytest.raises(OptionError, match="GitIgnoreStrategy expects an absolute root path: 'r'"):
        IgnoreStrategy.git("r", [])
    strategy = IgnoreStrategy.glob("/r", [])
    with pytest.raises(
        OptionError, match=r"GlobIgnoreStrategy\.ignores\(\) expects an absolute path"
    ):
        strategy.ignores("a")
    with pytest.raises(OptionError, match=r"\.completely_ignores\(\) expects an absolute path"):
        strategy.completely_ignores("a")


def test_paths_that_git_mode_refuses_are_pattern_errors() -> None:
    strategy = IgnoreStrategy.git("/r", [])
    for path in ("/r", "/x", "/r/..."):
        with pytest.raises(PatternError):
            strategy.ignores(path)


@pytest.mark.parametrize(
    ("make", "pattern"), [(IgnoreStrategy.docker, "b["), (IgnoreStrategy.glob, "x" * 65_537)]
)
def test_an_invalid_pattern_is_reported_when_a_path_is_tested(make: Any, pattern: str) -> None:
    strategy = make("/r", ["a"])
    strategy.add(pattern)
    with pytest.raises(PatternError) as caught:
        strategy.ignores("/r/b")
    assert caught.value.index == 1


def test_an_invalid_added_git_pattern_leaves_the_strategy_as_it_was() -> None:
    strategy = IgnoreStrategy.git("/r", ["a"])
    with pytest.raises(PatternError):
        strategy.add("[b-a][\\w-a]")
    assert strategy.ignores("/r/a")


def test_an_added_pattern_must_be_a_string() -> None:
    with pytest.raises(TypeError):
        IgnoreStrategy.glob("/r", []).add(5)  # type: ignore[arg-type]


def test_undecodable_names_are_tested_as_the_cdk_decodes_them() -> None:
    assert IgnoreStrategy.glob("/r", ["b\ufffd"]).ignores("/r/b\udcff")


def test_own_strategies_can_be_written() -> None:
    class Own(IgnoreStrategy):
        def add(self, pattern: str) -> None:
            raise NotImplementedError(pattern)

        def ignores(self, absolute_file_path: Any) -> bool:
            return str(absolute_file_path).endswith(".pyc")

    assert Own().completely_ignores("/r/a.pyc") is True
