"""PythonDependencies with packages made here: what a bundle holds, what splits, what it weighs, what is refused."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import shutil
import stat
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import (
    App,
    AssetFileExistsError,
    AssetNotFoundError,
    Construct,
    NotLockedError,
    OptionError,
    OptionTypeError,
    PythonBundlingError,
    PythonToolError,
    SizeLimitError,
    Stack,
    ValidationError,
)
from lambda_assets.aws_lambda import Code
from lambda_assets.bundling import ILocalBundling, PythonDependencies
from lambda_assets.bundling.python import LIMIT, check_size, tools
from lambda_assets.docker.image import DockerImage
from lambda_assets.staging.bundled import forget
from support.wheels import build_backend, require, source_distribution, wheel

if TYPE_CHECKING:
    from pathlib import Path

EPOCH = 315532800
HELLO = b"#!python\nprint('hello')\n"


def bundler(**options: Any) -> PythonDependencies:
    return PythonDependencies(**{"runtime": "python3.12", **options})


def files(place: Path) -> list[str]:
    return sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())


@pytest.fixture
def greeter(src: Path, links: Path) -> Path:
    """A source that needs a package with a module, bytecode, a script, and a program of another kind."""
    content = {
        "greeter/__init__.py": b"",
        "greeter/__pycache__/__init__.cpython-312.pyc": b"\0",
        "greeter-1.0.data/scripts/greet": HELLO,
        "greeter-1.0.data/scripts/other": b"#!/bin/sh\necho other\n",
    }
    wheel(links, "greeter", files=content)
    require(src, links, "greeter==1.0")
    return src


def test_a_bundle_holds_code_and_packages_and_no_traces(
    greeter: Path, tmp_path: Path, tool: str
) -> None:
    (greeter / "__pycache__").mkdir()
    (greeter / "__pycache__" / "app.cpython-312.pyc").write_bytes(b"\0")
    report = bundler(tool=tool).bundle(greeter, tmp_path / "out")
    assert files(tmp_path / "out") == [
        "app.py",
        "bin/other",
        "greeter-1.0.dist-info/METADATA",
        "greeter-1.0.dist-info/RECORD",
        "greeter-1.0.dist-info/WHEEL",
        "greeter/__init__.py",
    ]
    assert report.tool.split()[0] == tool
    assert sorted(os.listdir(tmp_path)) == ["links", "out", "src"]


def test_the_record_is_sorted_and_right(greeter: Path, tmp_path: Path, tool: str) -> None:
    bundler(tool=tool, scripts=True).bundle(greeter, tmp_path / "out")
    record = tmp_path / "out" / "greeter-1.0.dist-info" / "RECORD"
    rows = list(csv.reader(record.read_text(encoding="utf-8").splitlines()))
    expected = []
    for name in files(tmp_path / "out"):
        content = (tmp_path / "out" / name).read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        expected.append([name, f"sha256={digest}", str(len(content))])
    own = [row[0] for row in expected].index("greeter-1.0.dist-info/RECORD")
    expected[own][1:] = ["", ""]
    assert rows == [row for row in expected if row[0] != "app.py"]


def test_scripts_that_stay_start_with_the_python_of_the_path(
    greeter: Path, tmp_path: Path, tool: str
) -> None:
    # The directory is so deep that no kernel takes its Python in the first line of a script.
    bundler(tool=tool, scripts=True).bundle(greeter, tmp_path / "out")
    script = tmp_path / "out" / "bin" / "greet"
    assert script.read_bytes() == b"#!/usr/bin/env python3\nprint('hello')\n"
    assert stat.S_IMODE(script.stat().st_mode) == 0o755


def test_times_and_modes_are_fixed(greeter: Path, tmp_path: Path, tool: str) -> None:
    os.chmod(greeter / "app.py", 0o600)
    (greeter / "run.sh").write_bytes(b"")
    os.chmod(greeter / "run.sh", 0o700)
    os.symlink("app.py", greeter / "link.py")
    (greeter / "more").mkdir()
    (greeter / "more" / "data.txt").write_bytes(b"")
    os.symlink("more", greeter / "link")
    bundler(tool=tool).bundle(greeter, tmp_path / "out")
    found = {p.name: p.lstat() for p in (tmp_path / "out").rglob("*")}
    assert {status.st_mtime for status in found.values()} == {EPOCH}
    modes = {name: stat.S_IMODE(status.st_mode) for name, status in found.items()}
    assert modes["app.py"] == 0o644
    assert (modes["run.sh"], modes["greeter"]) == (0o755, 0o755)
    assert stat.S_ISLNK(found["link.py"].st_mode)
    assert stat.S_ISLNK(found["link"].st_mode)


def test_the_umask_does_not_matter(greeter: Path, tmp_path: Path, tool: str) -> None:
    old = os.umask(0o077)
    try:
        bundler(tool=tool).bundle(greeter, tmp_path / "out")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "out" / "app.py").stat().st_mode) == 0o644


def test_variables_of_the_tools_do_not_matter(
    greeter: Path, tmp_path: Path, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_TARGET", "PIP_PREFIX", "UV_TARGET", "PYTHONPATH"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    for name in ("PIP_USER", "PIP_NO_DEPS", "UV_SYSTEM_PYTHON", "UV_COMPILE_BYTECODE"):
        monkeypatch.setenv(name, "1")
    report = bundler(tool=tool).bundle(greeter, tmp_path / "out")
    assert [one.name for one in report.packages] == ["greeter"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"contents": "code"}, ["app.py", "requirements.txt"]),
        ({"contents": "code", "layout": "layer"}, ["python/app.py", "python/requirements.txt"]),
        ({"exclude": ["*.py"], "contents": "code"}, ["requirements.txt"]),
        (
            {"contents": "dependencies", "layout": "layer"},
            ["python/bin/other"]
            + [f"python/greeter-1.0.dist-info/{one}" for one in ("METADATA", "RECORD", "WHEEL")]
            + ["python/greeter/__init__.py"],
        ),
    ],
    ids=str,
)
def test_contents_and_layout(
    greeter: Path, tmp_path: Path, tool: str, options: dict[str, Any], expected: list[str]
) -> None:
    bundler(tool=tool, **options).bundle(greeter, tmp_path / "out")
    assert files(tmp_path / "out") == expected


def test_code_that_hides_a_package_is_refused(greeter: Path, tmp_path: Path, tool: str) -> None:
    (greeter / "greeter").mkdir()
    (greeter / "greeter" / "__init__.py").write_bytes(b"mine")
    with pytest.raises(PythonBundlingError, match="code and a package have the same file"):
        bundler(tool=tool).bundle(greeter, tmp_path / "out")
    assert sorted(os.listdir(tmp_path)) == ["links", "src"]


@pytest.mark.parametrize("name", ["bin/../../../mine/tool", "../bin/../../../mine/tool"])
def test_a_record_that_leads_out_of_the_bundle_changes_nothing_there(
    src: Path, links: Path, tmp_path: Path, tool: str, name: str
) -> None:
    (tmp_path / "mine").mkdir()
    mine = tmp_path / "mine" / "tool"
    mine.write_bytes(HELLO)
    content = {"evil.py": b"", "evil-1.0.data/scripts/other": b"#!/bin/sh\n"}
    rows = [f"{name},,", f"{mine},,"]
    wheel(links, "evil", files=content, recorded=rows)
    require(src, links, "evil")
    bundler(tool=tool).bundle(src, tmp_path / "out")
    assert mine.read_bytes() == HELLO
    record = (tmp_path / "out" / "evil-1.0.dist-info" / "RECORD").read_text(encoding="utf-8")
    assert "mine" not in record


def test_two_packages_with_one_file_are_told_of(
    src: Path, links: Path, tmp_path: Path, tool: str
) -> None:
    for name in ("one", "two", "three"):
        shared = {f"{name}.py": b"", "same.txt": b"same", "other.txt": name.encode()}
        wheel(
            links, name, files=shared if name != "three" else {"three.py": b"", "same.txt": b"same"}
        )
    require(src, links, "one", "two", "three")
    report = bundler(tool=tool).bundle(src, tmp_path / "out")
    told = [text for text in report.warnings if "other content" in text]
    assert told == [
        "'other.txt' is installed by one, two, each with other content: chance decides which stays"
    ]


# -- what is read ----------------------------------------------------------------------------------------------------


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


def test_the_source_of_the_asset_is_the_bundlers(
    greeter: Path, links: Path, tmp_path: Path
) -> None:
    code = Code.from_asset(greeter, bundling=bundler(source=links).bundling())
    with pytest.raises(ValidationError, match="is not that of the asset"):
        code.bind(Stack(App(outdir=tmp_path / "cdk.out"), "S"))
    assert bundler(source=greeter).try_bundle(
        str(tmp_path / "out"), source_path=f"{greeter}/../src"
    )


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


# -- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"runtime": "python3.8"}, OptionError, "unknown runtime 'python3.8'"),
        ({"runtime": 3.12}, OptionTypeError, "runtime must be str, not float"),
        ({"architecture": "mips"}, OptionError, "unknown architecture 'mips'"),
        ({"tool": "conda"}, OptionError, "unknown tool 'conda'"),
        ({"layout": "flat"}, OptionError, "unknown layout 'flat'"),
        ({"contents": None}, OptionTypeError, "contents must be str"),
        ({"extras": "one"}, OptionTypeError, "extras must be a sequence of str"),
        ({"from_source": [1]}, OptionTypeError, "from_source must hold str only"),
        ({"layers_size": -1}, OptionError, "layers_size must be 0 or more"),
        ({"layers_size": 1.0}, OptionTypeError, "layers_size must be int"),
        ({"scripts": "yes"}, OptionTypeError, "scripts must be bool"),
        ({"oversize": "ignore"}, OptionError, "unknown oversize 'ignore'"),
        ({"source": b"src"}, OptionTypeError, "source must be str, not bytes"),
    ],
    ids=str,
)
def test_wrong_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        bundler(**options)


def test_a_full_target_is_left_alone(greeter: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_bytes(b"mine")
    with pytest.raises(AssetFileExistsError):
        bundler().bundle(greeter, tmp_path / "out")
    assert files(tmp_path / "out") == ["mine"]


def test_the_target_may_be_in_the_source(greeter: Path, tool: str) -> None:
    for name in ("first", "second"):
        bundler(tool=tool).bundle(greeter, greeter / "build" / name)
    assert "app.py" in os.listdir(greeter / "build" / "second")
    assert not (greeter / "build" / "second" / "build" / "second").exists()


# -- assets ----------------------------------------------------------------------------------------------------------


def test_through_from_asset_in_an_app(greeter: Path, tmp_path: Path, tool: str) -> None:
    local = bundler(tool=tool)
    assert isinstance(local, ILocalBundling)
    app = App(outdir=tmp_path / "cdk.out")
    bundling = {"image": DockerImage.from_registry("unused"), "local": local}
    config = Code.from_asset(greeter, bundling=bundling).bind(Stack(app, "S"))
    app.synth()
    assert config.s3_location is not None
    digest = config.s3_location.object_key.removesuffix(".zip")
    staged = tmp_path / "cdk.out" / f"asset.{digest}"
    assert {"app.py", "greeter"} <= set(os.listdir(staged))
    manifest = json.loads((tmp_path / "cdk.out" / "S.assets.json").read_bytes())
    assert manifest["files"][digest]["source"] == {"path": f"asset.{digest}", "packaging": "zip"}


def test_the_hash_follows_the_options_of_the_bundler(greeter: Path, tmp_path: Path) -> None:
    def key(**options: Any) -> str:
        app = App(outdir=tmp_path / "cdk.out")
        code = Code.from_asset(greeter, bundling=bundler(**options).bundling())
        location = code.bind(Stack(app, "S")).s3_location
        assert location is not None
        return location.object_key

    rows: list[dict[str, Any]] = [
        {},
        {"architecture": "arm64"},
        {"runtime": "python3.13"},
        {"layout": "layer"},
        {"scripts": True},
        {"exclude": ["x"]},
    ]
    assert len({key(**row) for row in rows}) == len(rows)
    assert key() == key(layers_size=1) == key(oversize="warn")


@pytest.mark.usefixtures("uv")
def test_the_key_of_results_follows_tool_and_requirements(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("one==1.0\n", encoding="utf-8")
    rows: list[dict[str, Any]] = [
        {"tool": "uv"},
        {"tool": "pip"},
        {"requirements": other},
        {"requirements": other, "layers_size": 1},
    ]
    keys = [bundler(**row).cache_key() for row in rows]
    assert len(set(keys)) == len(rows)
    other.write_text("one==2.0\n", encoding="utf-8")
    assert bundler(requirements=other).cache_key() not in keys
    other.write_text("# the same as before\none == 1.0", encoding="utf-8")
    assert bundler(requirements=other).cache_key() == keys[2]
    assert str(tmp_path) not in "".join(keys)


def test_errors_of_an_asset_name_the_cause(src: Path, tmp_path: Path) -> None:
    code = Code.from_asset(src, bundling=bundler().bundling())
    stack = Stack(App(outdir=tmp_path / "cdk.out"), "S")
    with pytest.raises(
        ValidationError, match=r"Failed to bundle asset S/Code/Stage: .* has none of uv.lock"
    ):
        code.bind(stack)
    assert not [name for name in os.listdir(tmp_path / "cdk.out") if name.startswith("asset.")]


def locked(place: Path, name: str) -> str:
    """A locked requirement of a new wheel."""
    digest = hashlib.sha256(wheel(place, name).read_bytes()).hexdigest()
    return f"{name}==1.0 --hash=sha256:{digest}"


def test_a_split_layer_follows_the_lock_and_not_the_code(
    src: Path, links: Path, tmp_path: Path, tool: str
) -> None:
    def keys() -> tuple[str, str]:
        app = App(outdir=tmp_path / "cdk.out")
        split = bundler(tool=tool).split(src)
        found = []
        for part in (split.code, split.dependencies):
            code = Code.from_asset(part.path, **part.options)
            location = code.bind(Stack(app, f"S{len(found)}")).s3_location
            assert location is not None
            found.append(location.object_key.removesuffix(".zip"))
        return found[0], found[1]

    one, two = locked(links, "one"), locked(links, "two")
    require(src, links, one)
    code, layer = keys()
    assert files(tmp_path / "cdk.out" / f"asset.{code}") == ["app.py"]
    assert "python/one.py" in files(tmp_path / "cdk.out" / f"asset.{layer}")
    (src / "app.py").write_bytes(b"changed")
    assert (keys()[0] != code, keys()[1]) == (True, layer)
    code = keys()[0]
    elsewhere = two.replace(" --hash", "; python_version < '3' --hash")
    require(src, links, "# a comment", one, elsewhere)
    assert keys() == (code, layer)
    require(src, links, one, two)
    assert (keys()[0], keys()[1] != layer) == (code, True)


def test_new_code_is_no_reason_to_install_a_layer_again(
    src: Path, links: Path, tmp_path: Path, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(src, links, locked(links, "one"))

    def keys(out: str) -> list[str]:
        stack, split = Stack(App(outdir=tmp_path / out), "S"), bundler(tool=tool).split(src)
        found = []
        for name, part in (("code", split.code), ("layer", split.dependencies)):
            code = Code.from_asset(part.path, **part.options)
            location = code.bind(Construct(stack, name)).s3_location
            assert location is not None
            found.append(location.object_key)
        return found

    code, layer = keys("first")
    (src / "app.py").write_bytes(b"changed")
    shutil.rmtree(links)
    shutil.rmtree(tmp_path / "first")
    forget()
    monkeypatch.setenv("LAMBDA_ASSETS_BUNDLING", "never")
    again = keys("second")
    assert (again[0] != code, again[1]) == (True, layer)


@pytest.mark.parametrize("line", ["one", "one==1.0", "one>=1.0 --hash=sha256:00", "./one"])
def test_nothing_is_split_that_is_not_locked(src: Path, line: str) -> None:
    (src / "requirements.txt").write_text(line, encoding="utf-8")
    with pytest.raises(NotLockedError, match="does not lock"):
        bundler().split(src)


# -- sizes -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def heavy(src: Path, links: Path) -> Path:
    """A source with a package of 1000 bytes and one of 3000, and code of 51 bytes."""
    wheel(links, "light", files={"light.py": b"x" * 1000})
    wheel(links, "heavy", files={"heavy.py": b"x" * 3000})
    require(src, links, "light", "heavy")
    return src


def test_sizes_are_reported_by_package(heavy: Path, tmp_path: Path, tool: str) -> None:
    report = bundler(tool=tool).bundle(heavy, tmp_path / "out")
    assert [one.name for one in report.packages] == ["heavy", "light"]
    assert report.code_size == (tmp_path / "out" / "app.py").stat().st_size
    on_disk = sum(p.stat().st_size for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert report.size == on_disk == report.code_size + sum(one.size for one in report.packages)
    assert json.loads(json.dumps(report.to_json()))["limit"] == LIMIT
    lines = str(report).splitlines()
    assert [line.split()[0] for line in lines] == ["heavy", "light", "code", "total"]
    assert lines[0].split() == ["heavy", "1.0", str(report.packages[0].size)]


def test_a_function_over_the_limit_is_refused_before_anything_is_staged(
    heavy: Path, tmp_path: Path, tool: str
) -> None:
    size = bundler(tool=tool).bundle(heavy, tmp_path / "out").size
    assert (
        bundler(tool=tool, layers_size=LIMIT - size).bundle(heavy, tmp_path / "fits").size == size
    )
    over = bundler(tool=tool, layers_size=LIMIT - size + 1)
    with pytest.raises(
        SizeLimitError, match=r"1 more than the 262144000[\s\S]*heavy 1\.0"
    ) as caught:
        over.bundle(heavy, tmp_path / "over")
    assert (caught.value.size, caught.value.limit) == (LIMIT + 1, LIMIT)
    code = Code.from_asset(heavy, bundling=over.bundling())
    with pytest.raises(ValidationError, match="1 more than the 262144000"):
        code.bind(Stack(App(outdir=tmp_path / "cdk.out"), "S"))
    assert not [name for name in os.listdir(tmp_path / "cdk.out") if name.startswith("asset.")]
    assert not (tmp_path / "over").exists()


def test_over_the_limit_is_a_warning_where_asked(
    heavy: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    report = bundler(layers_size=LIMIT, oversize="warn").bundle(heavy, tmp_path / "out")
    assert "more than the 262144000" in report.warnings[-1]
    assert report.warnings[-1] in caplog.text


def test_a_function_and_its_layers_are_weighed_together(heavy: Path, tmp_path: Path) -> None:
    layer = bundler(contents="dependencies", layout="layer").bundle(heavy, tmp_path / "layer")
    code = bundler(contents="code").bundle(heavy, tmp_path / "code")
    assert check_size(code, layer, 5) == code.size + layer.size + 5
    with pytest.raises(SizeLimitError, match=r"heavy 1\.0"):
        check_size(code, layer, LIMIT)
