"""Whether two bundles of one source are the same."""

from __future__ import annotations

import filecmp
import os
import stat
import tempfile
from typing import TYPE_CHECKING

from lambda_assets.bundling.python import build
from lambda_assets.errors import NotReproducibleError

if TYPE_CHECKING:
    from lambda_assets.bundling.python.options import Options
    from lambda_assets.bundling.python.report import BundleReport


def check(options: Options, source: str, *, fresh: bool) -> BundleReport:
    """Bundle twice, in directories whose paths have other lengths, and compare.

    Args:
        options: What to do.
        source: Absolute path of the source.
        fresh: Whether the second run fetches every package anew.

    Raises:
        NotReproducibleError: They differ.
    """
    with tempfile.TemporaryDirectory(prefix="lambda-assets-") as work:
        places = [os.path.join(work, "a"), os.path.join(work, "another-directory", "b")]
        for place in places:
            os.makedirs(os.path.dirname(place), exist_ok=True)
        report = build.bundle(options, source, places[0])
        build.bundle(options, source, places[1], fresh=fresh)
        found = differences(*places)
    if found:
        error = NotReproducibleError("two bundles of one source differ:\n  " + "\n  ".join(found))
        error.differences = found
        raise error.with_hint("a package that is built from source may write times or paths")
    return report


def differences(first: str, second: str) -> tuple[str, ...]:
    """In what two trees differ, one sentence for each path: names, kinds, bytes, modes, times.

    Args:
        first: One directory.
        second: The other one.
    """
    here, there = _tree(first), _tree(second)
    found = []
    for name in sorted(here.keys() | there.keys()):
        if name not in here or name not in there:
            found.append(f"{name!r} is in the {'first' if name in here else 'second'} only")
            continue
        mine, other = here[name], there[name]
        paths = os.path.join(first, name), os.path.join(second, name)
        if mine.st_mode != other.st_mode:
            found.append(f"{name!r} has mode {mine.st_mode:o} and {other.st_mode:o}")
        elif mine.st_mtime_ns != other.st_mtime_ns:
            found.append(f"{name!r} has another time")
        elif stat.S_ISLNK(mine.st_mode):
            if os.readlink(paths[0]) != os.readlink(paths[1]):
                found.append(f"{name!r} leads elsewhere")
        elif stat.S_ISREG(mine.st_mode) and not filecmp.cmp(*paths, shallow=False):
            found.append(f"{name!r} has other bytes")
    return tuple(found)


def _tree(root: str) -> dict[str, os.stat_result]:
    found = {}
    for directory, names, files in os.walk(root):
        for name in (*names, *files):
            path = os.path.join(directory, name)
            found[os.path.relpath(path, root)] = os.lstat(path)
    return found
