"""Making one bundle, from what is needed to what it weighs."""

from __future__ import annotations

import errno
import logging
import os
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from lambda_assets.bundling.python import distributions, foreign, tidy, tools
from lambda_assets.bundling.python.install import install, merge
from lambda_assets.bundling.python.options import LAYOUTS, LEFT_OUT
from lambda_assets.bundling.python.report import check_size, measure
from lambda_assets.errors import PythonBundlingError, SizeLimitError, asset_io_error, io_error
from lambda_assets.filesystem.file_system import FileSystem
from lambda_assets.filesystem.options import CopyOptions
from lambda_assets.staging.place import workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.bundling.python.distributions import Distribution
    from lambda_assets.bundling.python.inputs import Dependencies
    from lambda_assets.bundling.python.options import Options
    from lambda_assets.bundling.python.report import BundleReport
    from lambda_assets.bundling.python.tools import Tool


def bundle(options: Options, source: str, output: str, *, fresh: bool = False) -> BundleReport:
    """Bundle into a directory, which appears when it is complete.

    Args:
        options: What to do.
        source: Absolute path of the code, or of the file that says what is needed.
        output: Absolute path of an absent or empty directory.
        fresh: Whether the tool fetches everything anew.

    Returns:
        What it weighs.

    Raises:
        PythonBundlingError: It can't be done.
        AssetIOError: The system refuses something.
    """
    if not os.path.exists(source):
        raise io_error("open", errno.ENOENT, os.strerror(errno.ENOENT), source)
    if os.path.lexists(output) and not (os.path.isdir(output) and not os.listdir(output)):
        raise io_error("rename", errno.EEXIST, "something is there already", output)
    with workplace(os.path.dirname(output)) as work:
        report = _build(options, source, output, work, fresh=fresh)
        try:
            if os.path.isdir(output):
                os.rmdir(output)
            os.rename(os.path.join(work, "bundle"), output)
        except OSError as error:
            raise asset_io_error("rename", error) from None
    for text in report.warnings:
        logging.getLogger("lambda_assets").warning("%s", text)
    return report


def files_inside(needed: Dependencies, source: str) -> tuple[str, ...]:
    """The files in the source that say what is needed, relative and with slashes.

    Args:
        needed: What was read.
        source: The directory of the code.
    """
    found = (_name_in(source, path) for path in needed.files)
    return tuple(name for name in found if name is not None)


def own_files(needed: Dependencies, source: str) -> tuple[str, ...]:
    """Those that say nothing else, so are no part of the code; ``pyproject.toml`` says more.

    Args:
        needed: What was read.
        source: The directory of the code.
    """
    return tuple(n for n in files_inside(needed, source) if not n.endswith("pyproject.toml"))


def _build(options: Options, source: str, output: str, work: str, *, fresh: bool) -> BundleReport:
    root = os.path.join(work, "bundle")
    tree = os.path.join(root, LAYOUTS[options.layout]).rstrip(os.sep)
    os.makedirs(tree)
    needed, tool = None, None
    installed: tuple[Distribution, ...] = ()
    if options.installs:
        needed, tool = options.needed(source), tools.find(options.tool)
        if options.requirements is None:
            _refuse_outside(needed, source)
        installed = _packages(options, needed, tool, tree, work, fresh=fresh)
    if options.contents != "dependencies" and os.path.isdir(source):
        patterns = [*LEFT_OUT, *(own_files(needed, source) if needed else ())]
        patterns += [*_inside(output, source), *options.exclude]
        code = os.path.join(work, "code")
        os.mkdir(code)
        FileSystem.copy_directory(source, code, CopyOptions(exclude=patterns))
        merge(code, tree, "the code and a package")
    tidy.fix_times_and_modes(root)
    report = measure(
        tree,
        installed,
        options.target,
        tool=str(tool or ""),
        locked=needed is None or needed.is_locked,
        warnings=tuple(_warnings(needed, installed)),
    )
    return _weighed(options, report)


def _refuse_outside(needed: Dependencies, source: str) -> None:
    """What is not in the source is in no key of a result that is kept, unless it was named."""
    base = source if os.path.isdir(source) else os.path.dirname(source)
    for path in (*needed.files, *needed.paths.values()):
        if _name_in(base, path) is None:
            raise PythonBundlingError(
                f"{needed.files[0]!r} leads out of the source, to {path!r}"
            ).with_hint("give requirements=…, so that its content counts")


def _packages(
    options: Options, needed: Dependencies, tool: Tool, tree: str, work: str, *, fresh: bool
) -> tuple[Distribution, ...]:
    install(
        needed,
        tree,
        work,
        target=options.target,
        tool=tool,
        from_source=options.from_source,
        fresh=fresh,
    )
    installed = distributions.read(tree)
    foreign.refuse_sources(installed, options.from_source)
    if needed.local or not needed.is_locked:
        lacking = distributions.missing(needed.lines, installed, options.target)
        if lacking:
            raise PythonBundlingError(
                f"{tool} left out what {options.target} needs:\n  " + "\n  ".join(lacking)
            ).with_hint(
                "lock the dependencies, or use uv: pip resolves for the Python that it runs on"
            )
    foreign.refuse_foreign(tree, installed, options.target, options.allow_foreign)
    tidy.tidy_packages(tree, installed, scripts=options.scripts)
    return installed


def _weighed(options: Options, report: BundleReport) -> BundleReport:
    try:
        check_size(report, options.layers_size)
    except SizeLimitError as error:
        if options.oversize == "error":
            raise
        return replace(report, warnings=(*report.warnings, str(error)))
    return report


def _warnings(needed: Dependencies | None, installed: tuple[Distribution, ...]) -> Iterator[str]:
    if needed is not None and not needed.is_locked:
        yield f"{needed.files[0]!r} does not lock every package: another day may bring other versions"
    owners = defaultdict(set)
    for one in installed:
        for file, digest in one.recorded.items():
            owners[file].add((one.name, digest))
    for file, mine in sorted(owners.items()):
        if len({digest for _, digest in mine}) > 1:
            who = ", ".join(sorted(name for name, _ in mine))
            yield f"{file!r} is installed by {who}, each with other content: chance decides which stays"


def _inside(output: str, source: str) -> list[str]:
    where = _name_in(source, output)
    return [] if where is None else [where]


def _name_in(directory: str, path: str) -> str | None:
    """The name of a path in a directory, with slashes; None if it is not in there."""
    try:
        name = os.path.relpath(path, directory).replace(os.sep, "/")
    except ValueError:  # on another drive
        return None
    return None if name == ".." or name.startswith("../") else name
