"""What lies in the output directory under the name of a hash: put there, found again, checked."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.assembly.model import FileAssetPackaging
from lambda_assets.bundling.options import BundlingOutput
from lambda_assets.bundling.output import Product, product
from lambda_assets.errors import AssetError, ValidationError, asset_io_error
from lambda_assets.settings import Settings
from lambda_assets.staging import identity
from lambda_assets.staging.identity import ARCHIVES, AssetHashType
from lambda_assets.staging.place import install, is_directory, is_file, workplace

if TYPE_CHECKING:
    from lambda_assets.staging.request import Request


def store_copy(request: Request, target: str) -> None:
    """Copy the source to its name, unless the same is there.

    Args:
        request: The inputs.
        target: The name.

    Raises:
        ValidationError: The output directory is part of the source.
        AssetIOError: The system refuses something.
    """
    directory = os.path.isdir(request.source)
    _refuse_own_output(request)

    def is_good(path: str) -> bool:
        return _same_tree(request, path) if directory else _same_file(request.source, path)

    if is_good(target):
        return
    with workplace(request.outdir) as work:
        made = os.path.join(work, "copy")
        if directory:
            os.mkdir(made)
            _core.copy_directory(request.source, made, jobs=Settings.resolve().jobs, **request.wire)
        else:
            try:
                shutil.copy(request.source, made)
            except OSError as error:
                raise asset_io_error("copy", error) from None
        install(made, target, is_good)


def bundled_target(request: Request, digest: str, made: Product) -> str:
    """The name of what was bundled.

    Args:
        request: The inputs.
        digest: The hash.
        made: What was bundled.
    """
    name = os.path.join(request.outdir, f"asset.{digest}")
    if made.packaging is FileAssetPackaging.ZIP_DIRECTORY:
        return name
    ext = identity.extension(made.path)
    # Upstream keeps the plain name for the directory that it leaves there; the key of the object shows the ending.
    return name + (ext or ("" if request.kind is AssetHashType.OUTPUT else "_noext"))


def find_bundled(request: Request, digest: str) -> Product | None:
    """What an earlier run bundled under a hash, None if nothing there can be trusted.

    Args:
        request: The inputs.
        digest: The hash.
    """
    kind = (request.bundling and request.bundling.output_type) or BundlingOutput.AUTO_DISCOVER
    name = f"asset.{digest}"
    if not os.path.isdir(request.outdir):
        return None
    if kind is not BundlingOutput.NOT_ARCHIVED:
        single = kind is BundlingOutput.SINGLE_FILE
        for entry in sorted(os.listdir(request.outdir)):
            ending = entry[len(name) :]
            fits = ending in ARCHIVES or (single and ending.startswith((".", "_noext")))
            path = os.path.join(request.outdir, entry)
            if entry.startswith(name) and fits and is_file(path):
                return Product(path, FileAssetPackaging.FILE, is_archive=not single)
    found = Product(
        os.path.join(request.outdir, name), FileAssetPackaging.ZIP_DIRECTORY, is_archive=True
    )
    if kind in {BundlingOutput.NOT_ARCHIVED, BundlingOutput.AUTO_DISCOVER} and is_good_product(
        found, kind
    ):
        return found
    return None


def is_good_product(found: Product, kind: BundlingOutput = BundlingOutput.NOT_ARCHIVED) -> bool:
    """Whether what lies at a name is of the kind that was bundled.

    Args:
        found: The name, and what must be there.
        kind: What a directory must be.
    """
    if found.packaging is FileAssetPackaging.FILE:
        return is_file(found.path)
    if not is_directory(found.path):
        return False
    try:
        return product(found.path, kind, found.path).path == found.path
    except AssetError:
        return False


def is_inside(path: str, directory: str) -> bool:
    """Whether a path is a directory or below it, by text.

    Args:
        path: The path, absolute.
        directory: The directory, absolute.
    """
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def _refuse_own_output(request: Request) -> None:
    source, outdir = os.path.realpath(request.source), os.path.realpath(request.outdir)
    if not is_inside(outdir, source):
        return
    matcher = _core.Matcher(request.ignore_mode.wire, request.exclude)
    parts = os.path.relpath(outdir, source).split(os.sep)
    above = ("/".join(parts[: n + 1]) for n in range(len(parts)))
    if parts == ["."] or not any(matcher.completely_ignores(key)[0] for key in above):
        raise ValidationError(
            f"the output directory {request.outdir!r} is part of the asset {request.source!r}"
        ).with_hint(f"exclude {parts[0]!r}, or choose an output directory outside of the source")


def _same_file(source: str, target: str) -> bool:
    return is_file(target) and _core.content_value(source) == _core.content_value(target)


def _same_tree(request: Request, target: str) -> bool:
    """Whether names, kinds and sizes are those that a copy would have; contents are not read."""
    if not is_directory(target):
        return False
    expected: dict[str, tuple[str, int]] = {}
    for key, kind, size, _, _, ignored, _ in _core.list_tree(request.source, **request.wire):
        if ignored or kind == "special":
            continue
        shown = "directory" if kind == "cycle" else kind
        expected[key] = (shown, size if shown == "file" else 0)
        above = os.path.dirname(key)
        while above:
            expected.setdefault(above, ("directory", 0))
            above = os.path.dirname(above)
    found = {
        key: (kind, size if kind == "file" else 0)
        for key, kind, size, *_ in _core.list_tree(target, follow="never")
    }
    return found == expected
