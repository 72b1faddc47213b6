"""Installing wheels for another machine with uv or pip, into a directory of their own."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from lambda_assets.bundling.python import tools
from lambda_assets.errors import (
    NotLockedError,
    PythonBundlingError,
    SourceDistributionError,
    asset_io_error,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lambda_assets.bundling.python.inputs import Dependencies
    from lambda_assets.bundling.python.target import Target
    from lambda_assets.bundling.python.tools import Tool


def install(
    dependencies: Dependencies,
    tree: str,
    work: str,
    *,
    target: Target,
    tool: Tool,
    from_source: Collection[str] = (),
    fresh: bool = False,
) -> None:
    """Install what is needed into a new directory.

    Markers are judged already, and for locked dependencies the list is complete, so the tool resolves nothing then. pip
    would judge markers by the Python that it runs on.

    Args:
        dependencies: What to install.
        tree: The directory, which is empty.
        work: A private directory for what is in between.
        target: The machine to install for.
        tool: What installs.
        from_source: Normalised names of packages that are built here.
        fresh: Whether the tool fetches everything anew.

    Raises:
        SourceDistributionError: A directory or repository is named, and nothing may be built.
        NotLockedError: pip can't build and resolve at once.
        PythonBundlingError: The tool fails, or two packages have the same file.
    """
    local, named, locked = dependencies.local, dependencies.named, dependencies.is_locked
    _refuse_sources(dependencies, target, from_source)
    if from_source and tool.name == "pip" and not locked:
        raise NotLockedError("pip builds packages from source only if all are locked").with_hint(
            "`pip-compile --generate-hashes` or `uv pip compile --generate-hashes`; or install uv"
        )
    for number, lines in enumerate((named, local)):
        if not lines:
            continue
        path = os.path.join(work, f"requirements-{number}.txt")
        _write(path, [*dependencies.options, *(one.bare() for one in lines)])
        place = os.path.join(work, f"packages-{number}")
        words = ["-r", path]
        if fresh:
            words.append("--no-cache" if tool.name == "uv" else "--no-cache-dir")
        if lines is local or locked:
            words.append("--no-deps")
        if lines is named:
            words += ["--require-hashes"] if locked else []
            words += ["--only-binary", ":all:"]
            words += [word for name in sorted(from_source) for word in ("--no-binary", name)]
        _run(tool, target, place, words, dependencies.directory)
        if os.path.isdir(place):
            merge(place, tree, "two packages")


def merge(source: str, tree: str, owners: str) -> None:
    """Move what is in one directory into another.

    Args:
        source: The directory, which is used up.
        tree: The other one.
        owners: Whose the files are, for messages.

    Raises:
        PythonBundlingError: Both have the same file.
    """
    for name in sorted(os.listdir(source)):
        here, there = os.path.join(source, name), os.path.join(tree, name)
        if not os.path.lexists(there):
            try:
                os.rename(here, there)
            except OSError as error:
                raise asset_io_error("rename", error) from None
        elif _is_directory(here) and _is_directory(there):
            merge(here, there, owners)
        elif name != ".lock":  # uv's, of no use afterwards
            raise PythonBundlingError(f"{owners} have the same file {there!r}").with_hint(
                "rename yours, or leave one of them out"
            )


def names(given: Sequence[str]) -> frozenset[str]:
    """Normalised names of packages.

    Args:
        given: The names.
    """
    return frozenset(canonicalize_name(name) for name in given)


def _refuse_sources(
    dependencies: Dependencies, target: Target, from_source: Collection[str]
) -> None:
    """Before anything is fetched: what is known to have no wheel. Of a directory only the build tells the name."""
    local = [] if from_source else dependencies.local
    sources = [one for one in local if not one.text.endswith(".whl")]
    sources += [one for one in dependencies.named if one.is_source and one.name not in from_source]
    if sources:
        error = SourceDistributionError(
            f"there is no wheel for {target} of " + ", ".join(repr(one.text) for one in sources)
        )
        error.packages = tuple(one.name or one.text for one in sources)
        raise error.with_hint("if they are pure Python, name their packages in from_source")


def _run(tool: Tool, target: Target, place: str, words: Sequence[str], directory: str) -> None:
    common = [*tool.command, *(["pip"] if tool.name == "uv" else []), "install", "--quiet"]
    common += ["--target", place, "--python-version", target.python]
    if tool.name == "uv":
        common += ["--python", sys.executable, "--python-platform", target.uv_platform]
        common += ["--no-compile-bytecode", "--link-mode", "copy"]
    else:
        common += ["--implementation", "cp", "--no-compile", "--no-warn-conflicts"]
        common += [word for tag in target.platforms for word in ("--platform", tag)]
    try:
        tools.run((*common, *words), directory, f"installing for {target}")
    except PythonBundlingError as error:
        raise error.with_hint(
            f"every package needs a wheel for {target}; what exists as source only and is pure Python can be built: from_source"
        ) from None


def _write(path: str, lines: Sequence[str]) -> None:
    # Options may hold passwords: for nobody else to read.
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(number, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def _is_directory(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)
