"""Tiny wheels and source distributions, made on the spot."""

from __future__ import annotations

import base64
import hashlib
import io
import platform
import re
import struct
import tarfile
import zipfile
from typing import TYPE_CHECKING

from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


HERE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
"""Lambda's name of this machine's architecture."""
ELSEWHERE = "x86_64" if HERE == "arm64" else "arm64"
"""The other one."""
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Architectures as wheels name them."""


def wheel(
    place: Path,
    name: str,
    *,
    tag: str = "py3-none-any",
    written_tag: str | None = None,
    files: Mapping[str, bytes] | None = None,
    requires: Sequence[str] = (),
    recorded: Sequence[str] = (),
) -> Path:
    """A wheel of version 1.0 with a module of its name.

    Args:
        place: Directory for it.
        name: The name.
        tag: The tag in its file name.
        written_tag: The tag in its ``WHEEL``, the same if None.
        files: Its files, a module if None; those below ``NAME-1.0.data`` are placed by the installer.
        requires: What it needs.
        recorded: More lines of its ``RECORD``.
    """
    info = f"{name}-1.0.dist-info"
    content = dict(files if files is not None else {f"{name}.py": b"value = 1\n"})
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"]
    metadata += [f"Requires-Dist: {one}\n" for one in requires]
    content[f"{info}/METADATA"] = "".join(metadata).encode()
    pure = "true" if tag.endswith("-any") else "false"
    tags = "".join(f"Tag: {one}\n" for one in (written_tag or tag).split(" "))
    content[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\n{tags}".encode()
    )
    record = [f"{key},sha256={_digest(data)},{len(data)}\n" for key, data in content.items()]
    content[f"{info}/RECORD"] = "".join(
        [*record, *(f"{one}\n" for one in recorded), f"{info}/RECORD,,\n"]
    ).encode()
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for key, data in content.items():
            archive.writestr(key, data)
    return path


def source_distribution(place: Path, name: str, backend: str) -> Path:
    """A source distribution of version 1.0, which builds itself.

    Args:
        place: Directory for it.
        name: The name.
        backend: The module that builds it, as :func:`build_backend` writes it.
    """
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for key, text in project(name, backend).items():
            data = text.encode()
            member = tarfile.TarInfo(f"{name}-1.0/{key}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def project(name: str, backend: str) -> dict[str, str]:
    """The files of a project that needs nothing to be built.

    Args:
        name: Its name.
        backend: The module that builds it.
    """
    return {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        "pyproject.toml": (
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            f'[project]\nname = "{name}"\nversion = "1.0"\n'
        ),
        "backend.py": backend,
        f"{name}.py": "value = 1\n",
    }


def build_backend(name: str, *, tag: str = "py3-none-any", body: str = "'value = 1'") -> str:
    """The source of a build backend.

    Args:
        name: The name of the package.
        tag: The tag of the wheel that it builds.
        body: An expression for the text of its module.
    """
    pure = "true" if tag.endswith("-any") else "false"
    return f"""
import os, time, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    info = "{name}-1.0.dist-info"
    files = {{
        "{name}.py": {body},
        info + "/METADATA": "Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n",
        info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: {pure}\\nTag: {tag}\\n",
    }}
    files[info + "/RECORD"] = "".join(name + ",,\\n" for name in [*files, info + "/RECORD"])
    path = "{name}-1.0-{tag}.whl"
    with zipfile.ZipFile(os.path.join(directory, path), "w") as archive:
        for key, text in files.items():
            archive.writestr(key, text)
    return path
"""


def require(src: Path, links: Path, *lines: str) -> None:
    """Write requirements that are met by the wheels alone."""
    text = "\n".join(["--no-index", f"--find-links {links}", *lines, ""])
    (src / "requirements.txt").write_text(text, encoding="utf-8")


def with_glibc(library: bytes, minor: int) -> bytes:
    """A library that needs one version of glibc: its names of others are replaced."""

    def renamed(found: re.Match[bytes]) -> bytes:
        return b"GLIBC_2.%d\0" % minor + b"\0" * (len(found[0]) - len(b"GLIBC_2.%d\0" % minor))

    return re.sub(rb"GLIBC_2\.\d[\d.]+\0", renamed, library)


def asking_for(library: bytes, name: bytes) -> bytes:
    """A library whose first needed version has another name, which takes the place of a longer string."""
    elf = ELFFile(io.BytesIO(library))
    needs = next(one for one in elf.iter_sections() if isinstance(one, GNUVerNeedSection))
    strings = elf.get_section(needs["sh_link"])
    first, _ = next(needs.iter_versions())
    start, changed = strings["sh_offset"], bytearray(library)
    held = re.search(rb"[^\0]{%d,}" % (len(name) + 1), strings.data())
    assert held is not None
    changed[start + held.start() : start + held.start() + len(name) + 1] = name + b"\0"
    # Of Elf_Vernaux the name is the fourth field, after 4, 2 and 2 bytes.
    struct.pack_into("<I", changed, needs["sh_offset"] + first["vn_aux"] + 8, held.start())
    return bytes(changed)


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
