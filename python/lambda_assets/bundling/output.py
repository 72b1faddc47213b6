"""What a bundler produced: a directory or one file (spec staging, section 4)."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from lambda_assets.assembly.model import FileAssetPackaging
from lambda_assets.bundling.options import BundlingOutput
from lambda_assets.errors import ValidationError, asset_io_error
from lambda_assets.staging.identity import ARCHIVES


@dataclass(frozen=True, slots=True)
class Product:
    """What becomes the asset.

    Attributes:
        path: The output directory, or the one file in it.
        packaging: How it becomes an object.
        is_archive: Whether the object will be an archive.
    """

    path: str
    packaging: FileAssetPackaging
    is_archive: bool


def product(directory: str, output_type: BundlingOutput | None, shown: str) -> Product:
    """Look at the output and decide what the asset is.

    Args:
        directory: The output directory.
        output_type: What it must be, AUTO_DISCOVER if None.
        shown: The directory as the bundler saw it, for messages.

    Raises:
        ValidationError: It is empty, or not of the type.
        AssetIOError: The system refuses something.
    """
    names = os.listdir(directory)
    if not names:
        raise ValidationError(
            f"Bundling did not produce any output. Check that content is written to {shown}.",
            "BundlingProducedNoOutput",
        )
    kind = output_type or BundlingOutput.AUTO_DISCOVER
    whole = Product(directory, FileAssetPackaging.ZIP_DIRECTORY, is_archive=True)
    if kind is BundlingOutput.NOT_ARCHIVED and len(names) > 1:
        return whole
    file = _single(directory, names, archive=kind is not BundlingOutput.SINGLE_FILE)
    if kind is BundlingOutput.NOT_ARCHIVED or (
        file is None and kind is BundlingOutput.AUTO_DISCOVER
    ):
        return whole
    if file is None:
        raise ValidationError(
            "Bundling output directory is expected to include only a single file when `output` is set to"
            " `ARCHIVED` or `SINGLE_FILE`",
            "BundlingOutputDirectoryExpected",
        )
    if os.path.islink(file):
        raise ValidationError(
            "The output from bundling is not allowed to be a symlink.", "OutputBundlingAllowed"
        )
    return Product(file, FileAssetPackaging.FILE, is_archive=kind is not BundlingOutput.SINGLE_FILE)


def _single(directory: str, names: list[str], *, archive: bool) -> str | None:
    if len(names) != 1:
        return None
    path = os.path.join(directory, names[0])
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)  # a dangling link is an error for every type
    except OSError as error:
        raise asset_io_error("stat", error) from None
    if not regular or (archive and not names[0].lower().endswith(ARCHIVES)):
        return None
    return path
