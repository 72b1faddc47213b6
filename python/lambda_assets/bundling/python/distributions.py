"""What was installed: packages by their ``.dist-info``, and which files are whose."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name

from lambda_assets.errors import PythonBundlingError, asset_io_error

if TYPE_CHECKING:
    from email.message import Message

    from packaging.tags import Tag

    from lambda_assets.bundling.python.requirement_file import Line
    from lambda_assets.bundling.python.target import Target

SUFFIX = ".dist-info"


@dataclass(frozen=True, slots=True)
class Distribution:
    """A package in a tree.

    Attributes:
        name: Its normalised name.
        version: Its version.
        info: Name of its ``.dist-info`` directory.
        tags: What its wheel was made for.
        recorded: Its files, relative to the tree, with slashes, and what the tool noted of their content.
        requires: What it needs.
        built: What it was built from: ``editable``, ``directory``, ``repository``, ``source``; empty if it came as a wheel.
    """

    name: str
    version: str
    info: str
    tags: frozenset[Tag]
    recorded: dict[str, str]
    requires: tuple[Requirement, ...]
    built: str

    @property
    def files(self) -> tuple[str, ...]:
        """Its files, sorted."""
        return tuple(self.recorded)

    @property
    def is_pure(self) -> bool:
        """Whether its wheel says that it runs everywhere."""
        return all(tag.abi == "none" and tag.platform == "any" for tag in self.tags)


def read(tree: str) -> tuple[Distribution, ...]:
    """Read every package of a tree, by name.

    Args:
        tree: The directory.

    Raises:
        AssetIOError: A file can't be read.
        PythonBundlingError: A package has no valid metadata.
    """
    infos = sorted(name for name in os.listdir(tree) if name.endswith(SUFFIX))
    return tuple(sorted((_distribution(tree, info) for info in infos), key=lambda d: d.name))


def missing(
    lines: tuple[Line, ...], installed: tuple[Distribution, ...], target: Target
) -> tuple[str, ...]:
    """What the target needs and the tree does not have, one sentence each.

    A tool that resolved for another machine is found out by this.

    Args:
        lines: What was asked for.
        installed: What is there.
        target: The machine.
    """
    by_name = {one.name: one for one in installed}
    todo = [(one.parsed, "the project") for one in lines if one.parsed is not None]
    done: set[tuple[str, str]] = set()
    found: list[str] = []
    while todo:
        wanted, by = todo.pop(0)
        name = canonicalize_name(wanted.name)
        there = by_name.get(name)
        if there is None or not wanted.specifier.contains(there.version, prereleases=True):
            what = f"{there.name} {there.version}" if there else "nothing of the kind"
            found.append(f"{by} needs {wanted}: there is {what}")
            continue
        for extra in ("", *wanted.extras):
            if (name, extra) in done:
                continue
            done.add((name, extra))
            environment = {**target.markers, "extra": extra}
            todo += [
                (one, name)
                for one in there.requires
                if one.marker is None or one.marker.evaluate(environment)
            ]
    return tuple(found)


def _distribution(tree: str, info: str) -> Distribution:
    metadata, wheel = _headers(tree, info, "METADATA"), _headers(tree, info, "WHEEL")
    try:
        tags = frozenset(tag for text in wheel.get_all("Tag", []) for tag in parse_tag(text))
    except ValueError as error:
        raise PythonBundlingError(f"the file WHEEL of {info} has a wrong tag: {error}") from None
    return Distribution(
        name=canonicalize_name(metadata["Name"] or ""),
        version=metadata["Version"] or "",
        info=info,
        tags=tags,
        recorded=_files(tree, info),
        requires=_requires(metadata),
        built=_built(tree, info),
    )


def _headers(tree: str, info: str, name: str) -> Message:
    path = os.path.join(tree, info, name)
    try:
        with open(path, "rb") as file:
            return BytesHeaderParser().parse(file)
    except FileNotFoundError:
        raise PythonBundlingError(f"{info} has no file {name}: it is no installed wheel") from None
    except OSError as error:
        raise asset_io_error("open", error) from None


def _requires(metadata: Message) -> tuple[Requirement, ...]:
    found = []
    for text in metadata.get_all("Requires-Dist", []):
        try:
            found.append(Requirement(text))
        except InvalidRequirement:
            continue  # of before the standard; the tools skip such lines too
    return tuple(found)


def _files(tree: str, info: str) -> dict[str, str]:
    path = os.path.join(tree, info, "RECORD")
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = [(*row, "")[:2] for row in csv.reader(file) if row]
    except FileNotFoundError:
        raise PythonBundlingError(f"{info} has no file RECORD: it is no installed wheel") from None
    except OSError as error:
        raise asset_io_error("open", error) from None
    except (ValueError, csv.Error) as error:
        raise PythonBundlingError(f"the file RECORD of {info} is damaged: {error}") from None
    found = {}
    for name, digest in rows:
        inside = _inside(name)
        if inside and os.path.isfile(os.path.join(tree, inside)):
            found[inside] = digest
    return dict(sorted(found.items()))


def _inside(name: str) -> str:
    """A name of a record as one in the tree, empty if it is none: whoever made the wheel wrote it."""
    inside = name.replace("\\", "/").removeprefix("./")
    # pip names a script as seen from a library directory that was there only while it installed.
    while inside.startswith("../"):
        inside = inside[3:]
    parts = inside.split("/")
    return "" if os.path.isabs(inside) or os.path.splitdrive(inside)[0] or ".." in parts else inside


def _built(tree: str, info: str) -> str:
    document: dict[str, Any] = {}
    path = os.path.join(tree, info, "direct_url.json")
    if os.path.isfile(path):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    if "dir_info" in document:
        return "editable" if document["dir_info"].get("editable") else "directory"
    if "vcs_info" in document:
        return "repository"
    archive = "archive_info" in document and not str(document["url"]).endswith(".whl")
    # uv leaves a file of its own beside what it has built.
    if archive or os.path.isfile(os.path.join(tree, info, "uv_build.json")):
        return "source"
    return ""
