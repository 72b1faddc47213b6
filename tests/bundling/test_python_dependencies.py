"""PythonDependencies with packages made here: what a bundle holds, and its options."""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import (
    AssetFileExistsError,
    OptionError,
    OptionTypeError,
    PythonBundlingError,
)
from support.bundles import HELLO, bundler, files
from support.wheels import require, wheel

if TYPE_CHECKING:
    from pathlib import Path

EPOCH = 315532800


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
