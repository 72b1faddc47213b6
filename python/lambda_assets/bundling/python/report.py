"""What a bundle weighs, package by package, against what Lambda unpacks."""

from __future__ import annotations

import os
import stat
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.errors import SizeLimitError, asset_io_error

if TYPE_CHECKING:
    from collections.abc import Collection

    from lambda_assets.bundling.python.distributions import Distribution
    from lambda_assets.bundling.python.target import Target

LIMIT = 262144000
"""Bytes that a function and its layers may have unpacked: 250 MB, as Lambda counts them."""

_SHOWN_IN_ERRORS = 5


@dataclass(frozen=True, slots=True)
class PackageSize:
    """One package of a bundle.

    Attributes:
        name: Its normalised name.
        version: Its version.
        size: Bytes of its files as installed.
        files: Number of its files.
        pure: Whether it runs on every machine.
    """

    name: str
    version: str
    size: int
    files: int
    pure: bool


@dataclass(frozen=True, slots=True)
class BundleReport:
    """A bundle that was made.

    Attributes:
        runtime: The runtime that it is for.
        architecture: The architecture that it is for.
        tool: What installed the packages, empty if there are none.
        locked: Whether every package was locked by version and hash.
        packages: Its packages, the biggest first.
        code_size: Bytes of all other files.
        size: Bytes of all files.
        warnings: What else should be known, one sentence each.
    """

    runtime: str
    architecture: str
    tool: str
    locked: bool
    packages: tuple[PackageSize, ...]
    code_size: int
    size: int
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The report as plain values, the limit with it."""
        shown = asdict(self)
        shown["packages"] = [asdict(one) for one in self.packages]
        return {**shown, "warnings": list(self.warnings), "limit": LIMIT}

    def table(self) -> str:
        """The report as text: a line for each package, one for the code, one for the sum."""
        rows = [
            (f"{one.name} {one.version}", one.size, "" if one.pure else "native")
            for one in self.packages
        ]
        rows += [("code", self.code_size, "")] if self.code_size else []
        rows.append(("total", self.size, f"{100 * self.size / LIMIT:.1f} % of {LIMIT}"))
        width = max(len(name) for name, _, _ in rows)
        return "\n".join(
            f"{name:{width}}  {size:>11}  {note}".rstrip() for name, size, note in rows
        )

    def __str__(self) -> str:
        return self.table()


def measure(
    tree: str,
    installed: Collection[Distribution],
    target: Target,
    *,
    tool: str,
    locked: bool,
    warnings: tuple[str, ...] = (),
) -> BundleReport:
    """Weigh a tree.

    Args:
        tree: Where packages and code are.
        installed: The packages.
        target: The machine that it is for.
        tool: What installed them.
        locked: Whether they were locked.
        warnings: What else should be known.

    Raises:
        AssetIOError: The system refuses something.
    """
    sizes = _sizes(tree)
    total = sum(sizes.values())
    packages = []
    for one in installed:
        # A file that two packages have counts once.
        mine = [sizes.pop(name) for name in one.files if name in sizes]
        packages.append(PackageSize(one.name, one.version, sum(mine), len(mine), one.is_pure))
    return BundleReport(
        runtime=target.runtime,
        architecture=target.architecture,
        tool=tool,
        locked=locked,
        packages=tuple(sorted(packages, key=lambda one: (-one.size, one.name))),
        code_size=sum(sizes.values()),
        size=total,
        warnings=warnings,
    )


def check_size(*parts: BundleReport | int, limit: int = LIMIT) -> int:
    """Refuse a function that, with all its layers, is larger than Lambda unpacks.

    Args:
        parts: The reports of the function and of its layers, or bytes for parts that were not made here.
        limit: Bytes that are allowed.

    Returns:
        The bytes of all parts.

    Raises:
        SizeLimitError: It is larger.
    """
    size = sum(part if isinstance(part, int) else part.size for part in parts)
    if size <= limit:
        return size
    packages = [one for part in parts if not isinstance(part, int) for one in part.packages]
    biggest = sorted(packages, key=lambda one: -one.size)[:_SHOWN_IN_ERRORS]
    shown = "".join(f"\n  {one.size:>11}  {one.name} {one.version}" for one in biggest)
    error = SizeLimitError(
        f"the function with its layers has {size} bytes, {size - limit} more than the {limit}"
        f" that Lambda unpacks{'; the biggest packages:' if shown else ''}{shown}"
    )
    error.size, error.limit = size, limit
    raise error.with_hint("leave packages out, or deploy an image, which may have 10 GB")


def _sizes(tree: str) -> dict[str, int]:
    found = {}
    try:
        for directory, _, files in os.walk(tree):
            for name in files:
                path = os.path.join(directory, name)
                status = os.lstat(path)
                if stat.S_ISREG(status.st_mode):
                    found[os.path.relpath(path, tree).replace(os.sep, "/")] = status.st_size
    except OSError as error:
        raise asset_io_error("stat", error) from None
    return found
