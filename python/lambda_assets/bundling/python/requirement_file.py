"""Requirements files, as far as a bundler must understand them: lines, includes, hashes, markers.

The tools read the same files. They are read here too because pip judges markers by the Python that it runs on, and to
know whether a file locks every package. What is not understood here is left to the tool.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from lambda_assets.errors import PythonBundlingError, asset_io_error

if TYPE_CHECKING:
    from lambda_assets.bundling.python.target import Target

_COMMENT = re.compile(r"(^|\s)#.*$")
_HASH = re.compile(r"\s--hash[=\s]\s*(\S+)")
_INCLUDE = re.compile(r"^(?:-r|--requirement)(?:\s+|=|(?<=-r))(.+)$")
_CONSTRAINT = re.compile(r"^(?:-c|--constraint)(?:\s+|=|(?<=-c))(.+)$")
#: Extras, a marker, or both after a path.
_AFTER_PATH = re.compile(r"(?<=[^\s])(\[[^\]/\\]*\])?(\s+;.*|;\s.*)?$")
_EDITABLE = re.compile(r"^(?:-e|--editable)(?:\s+|=|(?<=-e))(.+)$")


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement.

    Attributes:
        text: The requirement without hashes.
        hashes: What a file of the package may hash to, such as ``sha256:…``.
        file: The file that it stands in.
        parsed: The requirement, None for a path or a bare address.
        is_source: Whether only a source distribution fits the target, as a lock file of wheels can tell.
    """

    text: str
    hashes: tuple[str, ...]
    file: str
    parsed: Requirement | None
    is_source: bool = False

    @property
    def name(self) -> str:
        """The normalised name, empty for a path."""
        return canonicalize_name(self.parsed.name) if self.parsed else ""

    @property
    def pinned(self) -> str:
        """The version of ``name==version``, empty if it names no single one."""
        if self.parsed is None:
            return ""
        wanted = list(self.parsed.specifier)
        one = len(wanted) == 1 and wanted[0].operator in {"==", "==="}
        return wanted[0].version if one and not wanted[0].version.endswith("*") else ""

    @property
    def address(self) -> str:
        """Where it is, as it stands there: an address or a path without extras and marker; empty for a name."""
        if self.parsed is not None:
            return self.parsed.url or ""
        return _AFTER_PATH.sub("", self.text).strip()

    @property
    def is_locked(self) -> bool:
        """Whether it names one version and what its files hash to."""
        return bool(self.hashes and (self.pinned or (self.parsed and self.parsed.url)))

    def applies(self, target: Target) -> bool:
        """Whether its marker is true on the target.

        Args:
            target: The machine.
        """
        if self.parsed is None or self.parsed.marker is None:
            return True
        return self.parsed.marker.evaluate({**target.markers, "extra": ""})

    def bare(self) -> str:
        """The line for a tool, without marker: it was judged here."""
        if self.parsed is None:
            return self.text
        bare = Requirement(str(self.parsed))
        bare.marker = None
        return " ".join([str(bare), *(f"--hash={one}" for one in sorted(self.hashes))])


@dataclass(frozen=True, slots=True)
class RequirementFile:
    """A requirements file with all that it includes.

    Attributes:
        lines: The requirements.
        options: Options for the tool, such as ``--index-url …``.
        files: Every file that was read, absolute, the first one first.
    """

    lines: tuple[Line, ...]
    options: tuple[str, ...]
    files: tuple[str, ...]


def read(path: str, text: str | None = None) -> RequirementFile:
    """Read a file and what it includes.

    Args:
        path: The file.
        text: Its content, read if None.

    Raises:
        AssetIOError: A file can't be read.
        PythonBundlingError: A line is nothing that a bundle could hold.
    """
    lines: list[Line] = []
    options: list[str] = []
    files: list[str] = []
    _read(os.path.abspath(path), text, lines, options, files)
    return RequirementFile(tuple(lines), tuple(options), tuple(files))


def line(text: str, hashes: tuple[str, ...], file: str) -> Line:
    """One requirement from its text.

    Args:
        text: The requirement without hashes.
        hashes: Its hashes.
        file: Where it stands, for messages.
    """
    try:
        return Line(text, hashes, file, Requirement(text))
    except InvalidRequirement:
        return Line(text, hashes, file, None)


def _read(
    path: str, text: str | None, lines: list[Line], options: list[str], files: list[str]
) -> None:
    if path in files:
        return
    files.append(path)
    for one in _logical(text_of(path) if text is None else text):
        if found := _INCLUDE.match(one):
            _read(_beside(path, found[1]), None, lines, options, files)
        elif found := _CONSTRAINT.match(one):
            files.append(_beside(path, found[1]))
            options.append(f"--constraint {_beside(path, found[1])}")
        elif found := _EDITABLE.match(one):
            raise PythonBundlingError(
                f"{path!r} asks for {found[1]!r} in place: only this machine has it there"
            ).with_hint("leave out -e, and name the package in from_source")
        elif one.startswith("-"):
            # Whether sources may be built is decided by the bundler alone.
            if not one.startswith(("--no-binary", "--only-binary")):
                options.append(one)
        else:
            lines.append(
                line(_HASH.split(one, maxsplit=1)[0].strip(), tuple(_HASH.findall(one)), path)
            )


def _logical(text: str) -> list[str]:
    joined = re.sub(r"\\\r?\n", " ", text)
    stripped = (_COMMENT.sub("", one).strip() for one in joined.splitlines())
    return [one for one in stripped if one]


def text_of(path: str) -> str:
    """The content of a file.

    Args:
        path: The file.

    Raises:
        AssetIOError: It can't be read.
        PythonBundlingError: It is no text.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except OSError as error:
        raise asset_io_error("open", error) from None
    except UnicodeDecodeError:
        raise PythonBundlingError(f"{path!r} is not UTF-8") from None


def _beside(path: str, name: str) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(path), name.strip().strip("\"'")))
