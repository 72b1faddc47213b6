"""What PythonDependencies installs: the files that say it, and what in them counts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import (
    AssetNotFoundError,
    OptionError,
    PythonBundlingError,
    PythonToolError,
)
from lambda_assets.bundling.python import tools
from support.bundles import bundler, files
from support.wheels import build_backend, require, source_distribution, wheel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "included", ["-r more/base.txt", "--requirement=more/base.txt", "-rmore/base.txt"]
)
def test_requirements_of_other_files(
    src: Path, links: Path, tmp_path: Path, tool: str, included: str
) -> None:
    wheel(links, "one")
    wheel(links, "two")
    require(src, links, "one==1.0 # a comment", included)
    (src / "more").mkdir()
    (src / "more" / "base.txt").write_text("two \\\n  ==1.0\n", encoding="utf-8")
    report = bundler(tool=tool).bundle(src, tmp_path / "out")
    assert {one.name for one in report.packages} == {"one", "two"}
    assert not [name for name in files(tmp_path / "out") if name.endswith(".txt")]


@pytest.mark.parametrize(
    ("runtime", "architecture", "expected"),
    [
        ("python3.9", "arm64", {"one", "old", "arm"}),
        ("python3.12", "x86_64", {"one", "new"}),
        ("python3.14", "arm64", {"one", "new", "arm"}),
    ],
)
def test_markers_are_those_of_the_target(
    src: Path,
    links: Path,
    tmp_path: Path,
    tool: str,
    runtime: str,
    architecture: str,
    expected: set[str],
) -> None:
    for name in ("one", "old", "new", "arm", "win"):
        wheel(links, name)
    require(
        src,
        links,
        "one",
        "old; python_version < '3.10'",
        "new; python_full_version >= '3.12.0'",
        "arm; platform_machine == 'aarch64'",
        "win; sys_platform == 'win32'",
    )
    made = bundler(tool=tool, runtime=runtime, architecture=architecture)
    assert {one.name for one in made.bundle(src, tmp_path / "out").packages} == expected


def test_what_pip_leaves_out_by_its_own_python_is_found_missing(
    src: Path, links: Path, tmp_path: Path, tool: str
) -> None:
    # The one that runs the tests is 3.11 or newer; the runtime is older.
    wheel(links, "one", requires=["two; python_version < '3.10'"])
    wheel(links, "two")
    require(src, links, "one")
    made = bundler(tool=tool, runtime="python3.9")
    if tool == "uv":
        assert {one.name for one in made.bundle(src, tmp_path / "out").packages} == {"one", "two"}
    else:
        with pytest.raises(
            PythonBundlingError, match=r"one needs two; .*there is nothing of the kind"
        ):
            made.bundle(src, tmp_path / "out")


def test_a_project_with_extras_and_groups(
    src: Path, links: Path, tmp_path: Path, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three", "four"):
        wheel(links, name)
    (src / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\ndependencies = ["one"]\n'
        'optional-dependencies = {more = ["two"]}\n'
        '[dependency-groups]\nbase = ["three"]\nall = [{include-group = "base"}, "four"]\n',
        encoding="utf-8",
    )
    for name in ("PIP_", "UV_"):
        monkeypatch.setenv(f"{name}FIND_LINKS", str(links))
        monkeypatch.setenv(f"{name}NO_INDEX", "1")
    for options, expected in (
        ({}, {"one"}),
        ({"extras": ["more"]}, {"one", "two"}),
        ({"groups": ["all"]}, {"one", "three", "four"}),
    ):
        out = tmp_path / "-".join(expected)
        report = bundler(tool=tool, **options).bundle(src, out)
        assert {one.name for one in report.packages} == expected
        assert (out / "pyproject.toml").exists()


@pytest.mark.parametrize(
    ("name", "text", "options", "error", "message"),
    [
        ("requirements.txt", "one", {"extras": ["x"]}, OptionError, "has no extras and no groups"),
        ("requirements.txt", "-e .", {}, PythonBundlingError, "in place"),
        ("requirements.txt", "-r gone.txt", {}, AssetNotFoundError, "gone.txt"),
        ("pyproject.toml", "[project]\nname='p'", {"extras": ["x"]}, OptionError, "no extra 'x'"),
        ("pyproject.toml", "[project]\nname='p'", {"groups": ["x"]}, OptionError, r"\['x'\]"),
        ("pyproject.toml", "[project]\ndynamic=['dependencies']", {}, PythonBundlingError, "build"),
        ("pyproject.toml", "[project", {}, PythonBundlingError, "is not TOML"),
        ("pylock.toml", "lock-version = '1.0'", {}, PythonBundlingError, "created-by"),
        ("Pipfile.lock", "{}", {}, PythonBundlingError, "has none of uv.lock, pylock.toml"),
        ("readme.txt", "", {}, PythonBundlingError, "has none of uv.lock, pylock.toml"),
    ],
)
def test_what_cannot_be_read(
    src: Path,
    tmp_path: Path,
    name: str,
    text: str,
    options: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    (src / name).write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        bundler(**options).bundle(src, tmp_path / "out")
    assert os.listdir(tmp_path) == ["src"]


def test_what_the_tool_said_is_told_without_passwords(src: Path, tmp_path: Path, tool: str) -> None:
    text = "--index-url http://me:secret@127.0.0.1:9/simple\nabsent-package==1.0\n"
    (src / "requirements.txt").write_text(text, encoding="utf-8")
    with pytest.raises(PythonBundlingError, match="absent-package") as caught:
        bundler(tool=tool).bundle(src, tmp_path / "out")
    assert "secret" not in str(caught.value)
    assert "wheel for python3.12 on x86_64" in caught.value.hint


@pytest.mark.parametrize(
    "line",
    ["../common", "../common[all]", "../common; python_version > '3'", "common @ ../common"],
)
def test_a_directory_outside_the_source_is_refused_however_it_is_written(
    src: Path, tmp_path: Path, tool: str, line: str
) -> None:
    (tmp_path / "common").mkdir()
    (src / "requirements.txt").write_text(line, encoding="utf-8")
    with pytest.raises(PythonBundlingError, match="leads out of the source"):
        bundler(tool=tool, from_source=["common"]).bundle(src, tmp_path / "out")


def test_what_leads_out_of_the_source_counts_only_if_it_is_named(
    src: Path, links: Path, tmp_path: Path
) -> None:
    wheel(links, "one")
    require(tmp_path, links, "one")
    (src / "requirements.txt").write_text("-r ../requirements.txt\n", encoding="utf-8")
    with pytest.raises(PythonBundlingError, match="leads out of the source"):
        bundler().bundle(src, tmp_path / "out")
    named = bundler(requirements=src / "requirements.txt")
    assert [one.name for one in named.bundle(src, tmp_path / "out").packages] == ["one"]


def test_a_directory_that_is_installed_counts_with_its_content(src: Path, tmp_path: Path) -> None:
    common = tmp_path / "common"
    common.mkdir()
    (common / "common.py").write_bytes(b"1")
    texts = ("../common", "../common[all]; python_version > '3'", f"common @ file://{common}")
    for text in texts:
        (src / "requirements.txt").write_text(text, encoding="utf-8")
        made = bundler(requirements=src / "requirements.txt")
        before = made.cache_key()
        assert str(tmp_path) not in before
        (common / "common.py").write_bytes(text.encode())
        assert made.cache_key() != before


def test_what_chooses_versions_counts_where_they_are_not_locked(tmp_path: Path) -> None:
    limits, needs = tmp_path / "limits.txt", tmp_path / "needs.txt"

    def key(limit: str, *lines: str) -> str:
        limits.write_text(limit, encoding="utf-8")
        needs.write_text("\n".join(("-c limits.txt", *lines)), encoding="utf-8")
        return bundler(requirements=needs).cache_key()

    index, pinned = "--index-url https://example.org/simple", "one==1.0 --hash=sha256:00"
    assert len({key("one<2", "one"), key("one<3", "one"), key("one<3", "one", index)}) == 3
    assert len({key("one<2", pinned), key("one<3", pinned), key("one<3", pinned, index)}) == 1


@pytest.mark.parametrize("name", ["no-binary", "only-binary"])
def test_requirements_do_not_decide_what_is_built(
    src: Path, links: Path, tmp_path: Path, tool: str, name: str
) -> None:
    source_distribution(links, "pure", build_backend("pure"))
    require(src, links, f"--{name} {':all:' if name == 'no-binary' else ':none:'}", "pure")
    with pytest.raises(PythonBundlingError, match="pure"):
        bundler(tool=tool).bundle(src, tmp_path / "out")


def test_lock_files_that_need_their_tool(
    src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (src / "poetry.lock").write_bytes(b"")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PythonToolError, match="read by poetry only") as caught:
        bundler().bundle(src, tmp_path / "out")
    assert "poetry-plugin-export" in caught.value.hint
    (src / "uv.lock").write_bytes(b"")
    monkeypatch.setattr(tools, "uv", lambda: None)
    with pytest.raises(PythonToolError, match="read by uv only"):
        bundler(tool="pip").bundle(src, tmp_path / "out")


def test_without_a_tool(src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (src / "requirements.txt").write_bytes(b"one")
    for name in ("uv", "pip"):
        monkeypatch.setattr(tools, name, lambda: None)
    for name, message in (
        ("auto", "neither uv nor pip is installed"),
        ("uv", "uv is not installed"),
        ("pip", "pip is not installed"),
    ):
        with pytest.raises(PythonToolError, match=message) as caught:
            bundler(tool=name).bundle(src, tmp_path / "out")
        assert "python -m" in caught.value.hint
    assert bundler(contents="code").bundle(src, tmp_path / "out").tool == ""
