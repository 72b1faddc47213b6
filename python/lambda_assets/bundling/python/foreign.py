"""Refuses what would not load in the runtime, by reading it: tags of wheels, names and headers of libraries.

A tag is what somebody wrote; the header of a library is what the loader will see. Both must fit.
"""

from __future__ import annotations

import mmap
import os
import re
from typing import IO, TYPE_CHECKING, cast

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from lambda_assets.errors import ForeignWheelError, SourceDistributionError, asset_io_error

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lambda_assets.bundling.python.distributions import Distribution
    from lambda_assets.bundling.python.target import Target

_MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64"}
_MAGIC = b"\x7fELF"
_OTHER_MAGICS = {
    b"\xcf\xfa\xed\xfe": "macOS",
    b"\xfe\xed\xfa\xcf": "macOS",
    b"\xca\xfe\xba\xbe": "macOS",
    b"MZ": "Windows",
}
_EXTENSION = re.compile(r"^(?P<module>.+?)\.(?:cpython-3(?P<minor>\d+)[a-z]*-.+|abi3)\.so$")
_GLIBC = re.compile(r"^GLIBC_2\.(\d+)")
#: What a library with packed relocations asks for, whatever functions it calls; glibc 2.36 was the first to have it.
_PACKED, _PACKED_SINCE = "GLIBC_ABI_DT_RELR", 36
_VERSION_BYTES = 16  # of one entry of a table of needed versions
#: Libraries have these; Windows programs are also data, such as the launchers in setuptools.
_LIBRARIES = (".so", ".pyd", ".dylib")
_NEVER_BINARY = (".py", ".pyi", ".txt", ".json", ".md", ".rst", ".html", ".css", ".js")


def refuse_sources(installed: Collection[Distribution], from_source: Collection[str]) -> None:
    """Refuse what was built here, except pure Python packages that were allowed to.

    Args:
        installed: The packages.
        from_source: Normalised names of the allowed ones.

    Raises:
        SourceDistributionError: There are such packages.
    """
    editable = [one for one in installed if one.built == "editable"]
    built = [one for one in installed if one.built and one.name not in from_source]
    mixed = [one for one in installed if one.name in from_source and not one.is_pure]
    for bad, text, hint in (
        (editable, "is installed in place, not as a wheel", "install it without -e"),
        (built, "has no wheel", "if it is pure Python, name it in from_source"),
        (mixed, "is not pure Python, so what is built here does not run there", "find a wheel"),
    ):
        if bad:
            names = ", ".join(one.name for one in bad)
            error = SourceDistributionError(f"{names} {text}")
            error.packages = tuple(one.name for one in bad)
            raise error.with_hint(hint)


def refuse_foreign(
    tree: str, installed: Collection[Distribution], target: Target, allowed: Collection[str]
) -> None:
    """Refuse wheels and libraries for another machine.

    Args:
        tree: Where the packages are.
        installed: The packages.
        target: The machine.
        allowed: Normalised names of packages that are not looked at.

    Raises:
        ForeignWheelError: There are some; it names them all.
    """
    found: list[str] = []
    for one in installed:
        if one.name not in allowed:
            found += _tag(one, target)
            found += [f"{one.name}: {text}" for text in _libraries(tree, one.files, target)]
    if found:
        error = ForeignWheelError(f"does not load in {target}:\n  " + "\n  ".join(found))
        error.findings = tuple(found)
        raise error.with_hint(
            "choose a version with a wheel for it; allow_foreign names packages that know what they carry"
        )


def _tag(one: Distribution, target: Target) -> Iterator[str]:
    if not one.tags & set(target.tags):
        shown = ", ".join(sorted(str(tag) for tag in one.tags)) or "nothing"
        yield f"{one.name}: its wheel {one.version} is tagged {shown}"


def _libraries(tree: str, files: tuple[str, ...], target: Target) -> Iterator[str]:
    modules = {
        found["module"] for found in map(_EXTENSION.match, files) if found and _fits(found, target)
    }
    for file in files:
        if file.endswith(_NEVER_BINARY):
            continue
        named = _EXTENSION.match(file)
        if named and not _fits(named, target):
            # A wheel for several versions of Python has the right one beside it.
            if named["module"] not in modules:
                yield f"{file!r} is for Python 3.{named['minor']}"
            continue
        for text in _library(os.path.join(tree, file), target):
            yield f"{file!r} {text}"


def _fits(named: re.Match[str], target: Target) -> bool:
    return named["minor"] is None or int(named["minor"]) == target.minor


def _library(path: str, target: Target) -> Iterator[str]:
    try:
        with open(path, "rb") as file:
            magic = file.read(4)
            if magic == _MAGIC:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                    yield from _elf(ELFFile(cast("IO[bytes]", content)), target)
            elif path.endswith(_LIBRARIES):
                system = _OTHER_MAGICS.get(magic) or _OTHER_MAGICS.get(magic[:2])
                if system:
                    yield f"is for {system}"
    except OSError as error:
        raise asset_io_error("open", error) from None
    except (
        ELFError,
        ValueError,
        OverflowError,
    ) as error:  # all three come of offsets that lead nowhere
        yield f"is damaged: {error}"


def _elf(elf: ELFFile, target: Target) -> Iterator[str]:
    kind = elf["e_machine"]
    machine = _MACHINES.get(kind, kind)
    if machine != target.machine or elf.elfclass != 64:  # noqa: PLR2004  bits
        yield f"is for {machine}, not {target.machine}"
        return
    levels = [0]
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            if section.num_versions() * _VERSION_BYTES > section["sh_size"]:
                yield "is damaged: it can't have as many versions as it says"
                return
            names = [one.name for _, versions in section.iter_versions() for one in versions]
            levels += [int(found[1]) for found in map(_GLIBC.match, names) if found]
            levels += [_PACKED_SINCE] if _PACKED in names else []
        elif isinstance(section, DynamicSection):
            needed = [getattr(tag, "needed", "") for tag in section.iter_tags("DT_NEEDED")]
            if any(name.startswith("libc.musl-") for name in needed):
                yield "needs musl, which is not there"
    if max(levels) > target.glibc:
        yield f"needs glibc 2.{max(levels)}, and 2.{target.glibc} is there"
