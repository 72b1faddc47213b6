"""What would not load in the runtime is refused by reading it, and what has no wheel unless it is allowed."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import (
    ForeignWheelError,
    NotLockedError,
    NotReproducibleError,
    PythonBundlingError,
    SourceDistributionError,
)
from lambda_assets.bundling.python.target import target
from support.bundles import bundler
from support.wheels import (
    ELSEWHERE,
    HERE,
    MACHINES,
    asking_for,
    build_backend,
    project,
    require,
    source_distribution,
    wheel,
    with_glibc,
)

if TYPE_CHECKING:
    from pathlib import Path


def tag(architecture: str, abi: str = "cp312-cp312") -> str:
    return f"{abi}-manylinux2014_{MACHINES[architecture]}"


# -- targets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runtime", "architecture", "glibc", "uv_platform", "first", "last"),
    [
        (
            "python3.9",
            "x86_64",
            26,
            "x86_64-manylinux_2_17",
            "manylinux_2_26_x86_64",
            "manylinux1_x86_64",
        ),
        (
            "python3.10",
            "arm64",
            26,
            "aarch64-manylinux_2_17",
            "manylinux_2_26_aarch64",
            "manylinux2014_aarch64",
        ),
        (
            "python3.11",
            "amd64",
            26,
            "x86_64-manylinux_2_17",
            "manylinux_2_26_x86_64",
            "manylinux1_x86_64",
        ),
        (
            "python3.12",
            "arm64",
            34,
            "aarch64-manylinux_2_34",
            "manylinux_2_34_aarch64",
            "manylinux2014_aarch64",
        ),
        (
            "python3.13",
            "x86_64",
            34,
            "x86_64-manylinux_2_34",
            "manylinux_2_34_x86_64",
            "manylinux1_x86_64",
        ),
        (
            "python3.14",
            "aarch64",
            34,
            "aarch64-manylinux_2_34",
            "manylinux_2_34_aarch64",
            "manylinux2014_aarch64",
        ),
    ],
)
def test_runtimes(
    runtime: str, architecture: str, glibc: int, uv_platform: str, first: str, last: str
) -> None:
    machine = target(runtime, architecture)
    assert (machine.runtime, machine.glibc, machine.uv_platform) == (runtime, glibc, uv_platform)
    assert (machine.platforms[0], machine.platforms[-2]) == (first, last)


def test_objects_with_a_name_stand_for_runtime_and_architecture() -> None:
    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

    assert target(Named("python3.13"), Named("arm64")) == target("python3.13", "arm64")


# -- wheels ----------------------------------------------------------------------------------------------------------


def refused(src: Path, links: Path, tool: str, **options: Any) -> tuple[str, ...]:
    require(src, links, "native")
    with pytest.raises(ForeignWheelError) as caught:
        bundler(tool=tool, **options).bundle(src, src.parent / "out")
    assert sorted(os.listdir(src.parent)) == ["links", "src"]
    return caught.value.findings


@pytest.mark.parametrize(
    ("name", "abi"),
    [
        ("native/x.so", "cp312-cp312"),
        ("native/x.cpython-312-x86_64-linux-gnu.so", "cp312-cp312"),
        ("native/x.abi3.so", "cp39-abi3"),
        ("native.libs/libfoo-1a2b.so.1", "py3-none"),
    ],
)
def test_what_fits_is_taken(
    src: Path, links: Path, tool: str, library: bytes, name: str, abi: str
) -> None:
    wheel(links, "native", tag=tag(HERE, abi), files={name: library})
    require(src, links, "native")
    report = bundler(tool=tool, architecture=HERE).bundle(src, src.parent / "out")
    assert [(one.name, one.pure) for one in report.packages] == [("native", False)]


def test_a_wheel_for_another_platform_is_not_found(
    src: Path, links: Path, tool: str, library: bytes
) -> None:
    wheel(links, "native", tag=tag(HERE), files={"native.so": library})
    require(src, links, "native")
    for options in ({"architecture": ELSEWHERE}, {"architecture": HERE, "runtime": "python3.13"}):
        with pytest.raises(PythonBundlingError, match="native") as caught:
            bundler(tool=tool, **options).bundle(src, src.parent / "out")
        assert "needs a wheel for" in caught.value.hint


@pytest.mark.parametrize("kind", ["py3-none-any", tag(ELSEWHERE)])
def test_a_tag_that_lies_about_the_machine(
    src: Path, links: Path, tool: str, library: bytes, kind: str
) -> None:
    wheel(links, "native", tag=kind, files={"native/x.so": library})
    assert refused(src, links, tool, architecture=ELSEWHERE) == (
        f"native: 'native/x.so' is for {MACHINES[HERE]}, not {MACHINES[ELSEWHERE]}",
    )


def test_a_file_name_that_lies_about_the_tag(src: Path, links: Path, tool: str) -> None:
    wheel(
        links,
        "native",
        tag="py3-none-any",
        written_tag="cp311-cp311-win_amd64",
        files={"a.py": b""},
    )
    if tool == "uv":  # which compares both itself
        require(src, links, "native")
        with pytest.raises(PythonBundlingError, match="native"):
            bundler(tool=tool).bundle(src, src.parent / "out")
    else:
        assert refused(src, links, tool) == (
            "native: its wheel 1.0 is tagged cp311-cp311-win_amd64",
        )


@pytest.mark.parametrize(
    ("runtime", "needs", "findings"),
    [
        ("python3.11", 26, ()),
        ("python3.11", 27, ("needs glibc 2.27, and 2.26 is there",)),
        ("python3.12", 34, ()),
        ("python3.12", 35, ("needs glibc 2.35, and 2.34 is there",)),
    ],
)
def test_a_tag_that_lies_about_glibc(
    src: Path, links: Path, library: bytes, runtime: str, needs: int, findings: tuple[str, ...]
) -> None:
    content = {"native/x.so": with_glibc(library, needs)}
    wheel(links, "native", tag=tag(HERE, "py3-none"), files=content)
    if findings:
        found = refused(src, links, "auto", architecture=HERE, runtime=runtime)
        assert found == tuple(f"native: 'native/x.so' {text}" for text in findings)
    else:
        require(src, links, "native")
        bundler(architecture=HERE, runtime=runtime).bundle(src, src.parent / "out")


def test_packed_relocations_need_a_newer_glibc_than_the_functions_tell(
    src: Path, links: Path, tool: str, library: bytes
) -> None:
    changed = asking_for(library, b"GLIBC_ABI_DT_RELR")
    wheel(links, "native", tag=tag(HERE, "py3-none"), files={"native/x.so": changed})
    assert refused(src, links, tool, architecture=HERE) == (
        "native: 'native/x.so' needs glibc 2.36, and 2.34 is there",
    )


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        ({"x.cpython-311-x86_64-linux-gnu.so": b""}, "is for Python 3.11"),
        ({"x.pyd": b"MZ\x90\0"}, "is for Windows"),
        ({"x.cpython-312-darwin.so": b"\xcf\xfa\xed\xfe"}, "is for macOS"),
        ({"x.dylib": b"\xca\xfe\xba\xbe"}, "is for macOS"),
        ({"x.so": b"\x7fELF\2\1\1"}, "is damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_libraries_of_other_kinds(
    src: Path, links: Path, tool: str, content: dict[str, bytes], finding: str
) -> None:
    wheel(links, "native", files=content)
    (found,) = refused(src, links, tool)
    assert found.startswith(f"native: {next(iter(content))!r} {finding}")


def test_a_damaged_library_is_refused_whatever_is_wrong(
    src: Path, links: Path, library: bytes
) -> None:
    # Where the table of sections is, and that table: offsets into nowhere, counts beyond any end.
    start = int.from_bytes(library[40:48], "little")
    changed = [(40, b"\xff" * 8), *((start + 64 * n + 24, b"\xff" * 8) for n in range(1, 12))]
    changed += [(start + 64 * n + 44, b"\xff" * 4) for n in range(1, 12)]
    content = {
        f"native/x{n}.so": library[:at] + data + library[at + len(data) :]
        for n, (at, data) in enumerate(changed)
    }
    wheel(links, "native", tag=tag(HERE, "py3-none"), files=content)
    found = refused(src, links, "auto", architecture=HERE)
    assert len(found) >= 3
    assert all("is damaged" in text for text in found)


def test_a_library_for_another_python_beside_the_right_one_is_good(
    src: Path, links: Path, tool: str
) -> None:
    names = [
        f"x.cpython-3{minor}-{machine}-linux-gnu.so"
        for minor in (11, 12)
        for machine in ("x86_64",)
    ]
    wheel(links, "native", files=dict.fromkeys(names, b""))
    require(src, links, "native")
    bundler(tool=tool).bundle(src, src.parent / "out")


def test_programs_for_windows_are_data(src: Path, links: Path, tool: str) -> None:
    wheel(links, "native", files={"native/launcher.exe": b"MZ\x90\0"})
    require(src, links, "native")
    bundler(tool=tool).bundle(src, src.parent / "out")


def test_packages_that_know_what_they_carry_are_allowed(
    src: Path, links: Path, tool: str, library: bytes
) -> None:
    wheel(links, "Native_Thing", files={"native/x.so": library})
    require(src, links, "native-thing")
    made = bundler(tool=tool, architecture=ELSEWHERE, allow_foreign=["native.thing"])
    assert [one.name for one in made.bundle(src, src.parent / "out").packages] == ["native-thing"]


def test_all_findings_are_named_at_once(src: Path, links: Path, tool: str, library: bytes) -> None:
    wheel(links, "native", files={"native/x.so": library, "native/y.pyd": b"MZ"})
    assert len(refused(src, links, tool, architecture=ELSEWHERE)) == 2


# -- source distributions --------------------------------------------------------------------------------------------


def lock_source(src: Path, links: Path, **backend: Any) -> None:

    path = source_distribution(links, "pure", build_backend("pure", **backend))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    require(src, links, f"pure==1.0 --hash=sha256:{digest}")


def test_a_source_distribution_is_refused(src: Path, links: Path, tool: str) -> None:
    lock_source(src, links)
    with pytest.raises(PythonBundlingError, match="pure") as caught:
        bundler(tool=tool).bundle(src, src.parent / "out")
    assert "from_source" in caught.value.hint


def test_a_pure_source_distribution_is_built_where_allowed(
    src: Path, links: Path, tool: str
) -> None:
    lock_source(src, links)
    made = bundler(tool=tool, from_source=["Pure"], architecture=ELSEWHERE)
    assert [one.name for one in made.bundle(src, src.parent / "out").packages] == ["pure"]


def test_what_is_built_must_be_pure(src: Path, links: Path, tool: str) -> None:
    lock_source(src, links, tag=f"py3-none-linux_{MACHINES[HERE]}")
    with pytest.raises(PythonBundlingError) as caught:
        bundler(tool=tool, from_source=["pure"], architecture=HERE).bundle(src, src.parent / "out")
    if isinstance(caught.value, SourceDistributionError):
        assert caught.value.packages == ("pure",)
        assert "is not pure Python" in str(caught.value)
    else:
        assert "linux" in str(caught.value)
    assert not (src.parent / "out").exists()


def test_pip_builds_and_resolves_at_once_only_if_all_is_locked(src: Path, links: Path) -> None:
    source_distribution(links, "pure", build_backend("pure"))
    require(src, links, "pure")
    with pytest.raises(NotLockedError, match="pip builds packages from source only if"):
        bundler(tool="pip", from_source=["pure"]).bundle(src, src.parent / "out")


@pytest.mark.usefixtures("uv")
def test_uv_builds_and_resolves_at_once(src: Path, links: Path) -> None:
    source_distribution(links, "pure", build_backend("pure"))
    require(src, links, "pure")
    report = bundler(tool="uv", from_source=["pure"]).bundle(src, src.parent / "out")
    assert [one.name for one in report.packages] == ["pure"]


def test_a_directory_is_built_where_allowed(src: Path, links: Path, tool: str) -> None:
    (src / "lib").mkdir()
    for name, text in project("pure", build_backend("pure")).items():
        (src / "lib" / name).write_text(text, encoding="utf-8")
    require(src, links, "./lib")
    with pytest.raises(SourceDistributionError, match=r"no wheel .* of './lib'"):
        bundler(tool=tool).bundle(src, src.parent / "out")
    with pytest.raises(SourceDistributionError, match="pure has no wheel"):
        bundler(tool=tool, from_source=["other"]).bundle(src, src.parent / "out")
    made = bundler(tool=tool, from_source=["pure"], exclude=["lib"])
    made.bundle(src, src.parent / "out")
    assert sorted(os.listdir(src.parent / "out")) == ["app.py", "pure-1.0.dist-info", "pure.py"]


# -- twice the same --------------------------------------------------------------------------------------------------


def test_a_build_that_writes_the_time_is_not_reproducible(
    src: Path, links: Path, tool: str
) -> None:
    lock_source(src, links, body="f'value = {time.time_ns()}'")
    with pytest.raises(NotReproducibleError) as caught:
        bundler(tool=tool, from_source=["pure"]).check_reproducible(src)
    assert caught.value.differences == (
        "'pure-1.0.dist-info/RECORD' has other bytes",
        "'pure.py' has other bytes",
    )


def test_a_bundle_of_wheels_is_reproducible(
    src: Path, links: Path, tool: str, library: bytes
) -> None:
    wheel(links, "native", tag=tag(HERE), files={"native/x.so": library})
    require(src, links, "native")
    report = bundler(tool=tool, architecture=HERE, scripts=True).check_reproducible(src)
    assert report.size > len(library)
