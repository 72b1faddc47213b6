"""Real packages from the index, by both tools, for several runtimes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from elftools.elf.elffile import ELFFile

from lambda_assets import ForeignWheelError, PythonBundlingError, SourceDistributionError
from lambda_assets.bundling import PythonDependencies
from lambda_assets.bundling.python import tools
from lambda_assets.bundling.python.reproducible import differences
from support.wheels import require

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("registry", "uv")

#: One pure package, one of C, one of C with programs, one that needs another.
PINNED = "six==1.17.0\nmarkupsafe==3.0.2\ncharset-normalizer==3.4.1\njinja2==3.1.6\n"


def bundler(**options: Any) -> PythonDependencies:
    return PythonDependencies(**options)


@pytest.mark.parametrize(
    ("runtime", "architecture"),
    [("python3.9", "x86_64"), ("python3.12", "arm64"), ("python3.13", "x86_64")],
)
def test_uv_and_pip_make_the_same_bytes(src: Path, runtime: str, architecture: str) -> None:
    (src / "requirements.txt").write_text(PINNED, encoding="utf-8")
    for tool in ("uv", "pip"):
        made = bundler(runtime=runtime, architecture=architecture, tool=tool)
        report = made.bundle(src, src.parent / tool)
        native = {one.name for one in report.packages if not one.pure}
        assert native == {"markupsafe", "charset-normalizer"}
    assert differences(str(src.parent / "uv"), str(src.parent / "pip")) == ()
    (library,) = (src.parent / "uv" / "markupsafe").glob("*.so")
    with library.open("rb") as file:
        machine = ELFFile(file)["e_machine"]
    assert machine == {"x86_64": "EM_X86_64", "arm64": "EM_AARCH64"}[architecture]


def test_twice_the_same_for_another_machine(src: Path, tool: str) -> None:
    (src / "requirements.txt").write_text(PINNED, encoding="utf-8")
    made = bundler(runtime="python3.12", architecture="arm64", tool=tool)
    assert made.check_reproducible(src, fresh=tool == "uv").size > 500_000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, locked in each way that uv knows."""
    place = tmp_path_factory.mktemp("project")
    (place / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n'
        'dependencies = ["markupsafe==2.1.5", "zipp==3.20.2; python_version < \'3.10\'",'
        " \"colorama==0.4.6; sys_platform == 'win32'\"]\n"
        'optional-dependencies = {more = ["six==1.17.0"]}\n'
        '[dependency-groups]\ndev = ["idna==3.10"]\n',
        encoding="utf-8",
    )
    command = tools.find("uv").command
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    for words in ("lock", "export --no-dev -o pylock.toml", "export --no-dev -o requirements.txt"):
        subprocess.run([*command, *words.split(), "-q"], cwd=place, env=environment, check=True)
    return place


def test_every_lock_file_gives_the_same(project: Path, tmp_path: Path) -> None:
    names = ["uv.lock", "pylock.toml", "requirements.txt"]
    for name in names:
        # The export of a project to requirements.txt names the project itself.
        path = project / name
        if name == "requirements.txt":
            text = path.read_text(encoding="utf-8").replace("-e .\n", "")
            path = tmp_path / name
            path.write_text(text, encoding="utf-8")
        for tool in ("uv", "pip"):
            made = bundler(
                runtime="python3.9", tool=tool, requirements=path, contents="dependencies"
            )
            report = made.bundle(project, tmp_path / f"{name}-{tool}")
            assert report.locked
            assert {one.name for one in report.packages} == {"markupsafe", "zipp"}
            first, other = tmp_path / "uv.lock-uv", tmp_path / f"{name}-{tool}"
            assert differences(str(first), str(other)) == ()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"extras": ["more"]}, {"markupsafe", "six"}),
        ({"groups": ["dev"]}, {"markupsafe", "idna"}),
    ],
)
def test_extras_and_groups_of_a_lock(
    project: Path, tmp_path: Path, options: dict[str, Any], expected: set[str]
) -> None:
    made = bundler(runtime="python3.12", requirements=project / "uv.lock", **options)
    report = made.bundle(project, tmp_path / "out")
    assert {one.name for one in report.packages} == expected


def test_a_lock_without_a_wheel_for_the_runtime_is_refused_before_anything_is_fetched(
    project: Path, tmp_path: Path, tool: str
) -> None:
    # MarkupSafe 2.1.5 is older than Python 3.13.
    made = bundler(runtime="python3.13", tool=tool, requirements=project / "pylock.toml")
    with pytest.raises(SourceDistributionError) as caught:
        made.bundle(project, tmp_path / "out")
    assert caught.value.packages == ("markupsafe",)
    made = bundler(runtime="python3.13", tool=tool, requirements=project / "uv.lock")
    with pytest.raises(PythonBundlingError, match="markupsafe"):
        made.bundle(project, tmp_path / "out")


def test_a_wheel_for_musl_under_another_name(src: Path, tmp_path: Path, tool: str) -> None:
    links = tmp_path / "links"
    words = "download -q --no-deps --only-binary=:all: --python-version 3.12"
    command = [sys.executable, "-m", "pip", *words.split(), "markupsafe==3.0.2", "-d", str(links)]
    subprocess.run([*command, "--platform", "musllinux_1_2_x86_64"], check=True)
    (wheel,) = links.iterdir()
    # The tag in the file decides for pip; uv compares it with the one inside.
    wheel.rename(links / "markupsafe-3.0.2-cp312-cp312-manylinux2014_x86_64.whl")
    require(src, links, "markupsafe==3.0.2")
    with pytest.raises(PythonBundlingError) as caught:
        bundler(runtime="python3.12", tool=tool).bundle(src, tmp_path / "out")
    if isinstance(caught.value, ForeignWheelError):
        assert caught.value.findings == (
            "markupsafe: its wheel 3.0.2 is tagged cp312-cp312-musllinux_1_2_x86_64",
            "markupsafe: 'markupsafe/_speedups.cpython-312-x86_64-linux-musl.so' needs musl, which is not there",
        )
    else:
        assert (tool, "markupsafe" in str(caught.value)) == ("uv", True)
