"""The staged copy of a build context (spec image, sections 4 and 5): complete or absent."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.errors import ValidationError, asset_io_error
from lambda_assets.filesystem.file_system import FileSystem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_assets.filesystem.enums import IgnoreMode
    from lambda_assets.filesystem.options import Selection


def is_left_out(mode: IgnoreMode, patterns: Sequence[str], path: str) -> bool:
    """Whether a path of the context is not in its copy.

    Args:
        mode: The language of the patterns.
        patterns: The patterns.
        path: Relative path with ``/``.

    Raises:
        PatternError: A pattern is invalid.
    """
    matcher = _core.Matcher(mode.wire, patterns)
    parts = path.split("/")
    parents = ("/".join(parts[:n]) for n in range(1, len(parts)))
    return any(matcher.completely_ignores(p)[0] for p in parents) or matcher.ignores(path)[0]


def place(directory: str, selection: Selection, asset_outdir: str, *, copy: bool) -> str:
    """Hash a build context and copy it to ``asset.<hash>``, unless that is there.

    Args:
        directory: The context, absolute.
        selection: Options of hash and copy.
        asset_outdir: Where copies lie.
        copy: False to hash only.

    Returns:
        The hash.

    Raises:
        ValidationError: The copy would be copied into itself.
        AssetIOError: The system refuses something.
    """
    options = {
        "exclude": selection.exclude,
        "follow": selection.follow,
        "ignore_mode": selection.ignore_mode,
    }
    digest = FileSystem.fingerprint(directory, extra_hash=selection.extra_hash, **options)  # type: ignore[arg-type]
    if not copy or os.path.lexists(os.path.join(asset_outdir, f"asset.{digest}")):
        return digest
    below = _below(directory, asset_outdir)
    if below is not None:
        _check_recursion(directory, selection, below, digest)
    scratch = _scratch(asset_outdir)
    try:
        made = os.path.join(scratch, "context")
        os.mkdir(made)
        if below is None:
            digest = FileSystem.fingerprint_and_copy(
                directory,
                made,
                extra_hash=selection.extra_hash,
                **options,  # type: ignore[arg-type]
            )
        else:
            # Nothing of the temporary directory may get into the copy, whatever the patterns say about it.
            own = "/".join(filter(None, [below, os.path.basename(scratch)]))
            options["exclude"] = [*selection.exclude, own]
            FileSystem.copy_directory(directory, made, options)
        _rename(made, os.path.join(asset_outdir, f"asset.{digest}"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return digest


def _below(directory: str, outdir: str) -> str | None:
    """The output directory relative to the context, None if it lies elsewhere."""
    root, place_ = os.path.realpath(directory), os.path.realpath(outdir)
    if place_ == root:
        return ""
    if not place_.startswith(root.rstrip("/") + "/"):
        return None
    return os.path.relpath(place_, root)


def _check_recursion(directory: str, selection: Selection, below: str, digest: str) -> None:
    target = "/".join(filter(None, [below, f"asset.{digest}"]))
    matcher = _core.Matcher(selection.ignore_mode.wire, selection.exclude)
    parts = target.split("/")
    paths = ("/".join(parts[:n]) for n in range(1, len(parts) + 1))
    if any(matcher.completely_ignores(path)[0] for path in paths):
        return
    name = below or "asset.*"
    raise ValidationError(
        f"the output directory {below or '.'!r} lies in the build context '{directory}' and would be copied into itself"
    ).with_hint(
        f"add {name!r} to .dockerignore or to the option exclude, or use an outdir elsewhere"
    )


def _scratch(asset_outdir: str) -> str:
    try:
        return tempfile.mkdtemp(prefix=f".lambda-assets-tmp-{os.getpid()}-", dir=asset_outdir)
    except OSError as error:
        raise asset_io_error("mkdtemp", error) from None


def _rename(made: str, target: str) -> None:
    try:
        os.rename(made, target)
    except OSError as error:
        # Another run was faster: its copy has the same name, so it is the same.
        if not os.path.isdir(target):
            raise asset_io_error("rename", error) from None
