"""``AssetStaging``: gives an asset its name and puts it into the output directory (spec staging, sections 1 to 7)."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.model import FileAssetPackaging
from lambda_assets.assembly.scope import Construct, Stack, Stage
from lambda_assets.bundling import container
from lambda_assets.bundling.local import identity as local_identity
from lambda_assets.bundling.local import run_local
from lambda_assets.bundling.output import Product, product
from lambda_assets.errors import OptionError, ValidationError
from lambda_assets.filesystem.options import path_text
from lambda_assets.staging import identity, stored
from lambda_assets.staging.identity import ARCHIVES, AssetHashType
from lambda_assets.staging.place import install, workplace
from lambda_assets.staging.request import (
    Request,
    bundling_required,
    read_options,
    without_place,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.bundling.options import BundlingOptions
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath

SALT = "@aws-cdk/core:assetHashSalt"
DISABLE = "aws:cdk:disable-asset-staging"
BUNDLING_STACKS = "aws:cdk:bundling-stacks"
WAY = "lambda-assets:staging"
"""Context key: how assets are staged if the asset does not say it."""

WAYS = ("copy", "reference")


@dataclass(frozen=True, slots=True)
class _Staged:
    asset_hash: str
    path: str
    packaging: FileAssetPackaging
    is_archive: bool


_cache: dict[object, _Staged] = {}


class AssetStaging(Construct):
    """A file or directory, copied or built, under the name of its hash.

    Args:
        scope: Its parent in the tree.
        id: Its name there.
        source_path: The file or directory.
        asset_hash: Hashed instead of files.
        asset_hash_type: What is hashed, SOURCE if None.
        bundling: How it is built; copied if None.
        extra_hash: Text that goes into the hash besides the files.
        exclude: Patterns of what is left out.
        follow: What happens to links, EXTERNAL if None.
        ignore_mode: The language of the patterns, GLOB if None.
        staging: ``copy``, or ``reference`` to leave the source where it is; the hash is the same. The context
            key ``lambda-assets:staging``, else ``copy``, if None.

    Attributes:
        asset_hash: The hash.
        absolute_staged_path: Where it lies.
        source_path: Absolute path of the source.
        packaging: How it becomes an object.
        is_archive: Whether the object will be an archive.

    Raises:
        ValidationError: What the CDK refuses too.
        ExternalLinkError: A link leaves the source and the follow mode is BLOCK_EXTERNAL.
        OptionError: An option has a wrong value or type.
        AssetIOError: The system refuses something.
    """

    BUNDLING_INPUT_DIR = "/asset-input"
    BUNDLING_OUTPUT_DIR = "/asset-output"

    def __init__(  # noqa: PLR0913  the CDK's options
        self,
        scope: Construct,
        id: str,  # noqa: A002  the CDK's name
        *,
        source_path: StrPath,
        asset_hash: str | None = None,
        asset_hash_type: AssetHashType | str | None = None,
        bundling: BundlingOptions | Mapping[str, Any] | None = None,
        extra_hash: str | None = None,
        exclude: Sequence[str] | None = None,
        follow: Follow | None = None,
        ignore_mode: Ignore | None = None,
        staging: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        way = staging or self.node.try_get_context(WAY) or "copy"
        if way not in WAYS:
            raise OptionError(f"unknown staging {way!r}").with_hint("use " + ", ".join(WAYS))
        source = os.path.abspath(path_text(source_path, "source_path"))
        if not os.path.exists(source):
            raise ValidationError(f"Cannot find asset at {source}", "CannotFindAsset")
        selection, options, kind = read_options(
            asset_hash=asset_hash,
            asset_hash_type=asset_hash_type,
            bundling=bundling,
            extra_hash=extra_hash,
            exclude=exclude,
            follow=follow,
            ignore_mode=ignore_mode,
            salt=self.node.try_get_context(SALT),
        )
        request = Request(
            source=source,
            outdir=_outdir(self),
            kind=kind,
            custom=asset_hash,
            extra=selection.extra_hash,
            exclude=selection.exclude,
            follow=selection.follow,
            ignore_mode=selection.ignore_mode,
            bundling=options,
            skip=options is not None and not _required(self),
            disabled=bool(self.node.try_get_context(DISABLE)),
            way=way,
            node=self.node.path,
            unique=identity.unique_id(self.node.components),
        )
        request.refuse_external_links(source)
        staged = _reuse_or_stage(request)
        self.source_path = source
        self.asset_hash = staged.asset_hash
        self.absolute_staged_path = staged.path
        self.packaging = staged.packaging
        self.is_archive = staged.is_archive
        self._absolute = request.disabled or not stored.is_inside(staged.path, request.outdir)

    def relative_staged_path(self, stack: Stack) -> str:
        """The path from the directory of a stack's template; absolute if the asset is not in the output directory.

        Args:
            stack: The stack.
        """
        stage = Stage.of(stack)
        if self._absolute or stage is None:
            return self.absolute_staged_path
        return os.path.relpath(self.absolute_staged_path, os.path.abspath(stage.outdir))

    @staticmethod
    def clear_asset_hash_cache() -> None:
        """Forget what this process has staged."""
        _cache.clear()


def _outdir(construct: Construct) -> str:
    stage = Stage.of(construct)
    if stage is None:
        raise ValidationError(
            "unable to determine cloud assembly asset output directory. Assets must be defined indirectly within a"
            ' "Stage" or an "App" scope',
            "UnableDetermineCloudAssembly",
        )
    return os.path.abspath(stage.asset_outdir)


def _required(construct: Construct) -> bool:
    stack = Stack.of(construct)
    return bundling_required(construct.node.try_get_context(BUNDLING_STACKS), stack.node.path)


def _reuse_or_stage(request: Request) -> _Staged:
    text = request.bundling_json()
    if request.bundling is not None and not os.path.isdir(request.source):
        raise ValidationError(
            f"Asset {request.source} is expected to be a directory when bundling",
            "AssetExpectedDirectoryBundling",
        )
    if request.bundling is None or request.skip:
        # Content is part of the name: hashed each time, from the digest cache.
        return _copy(request, request.source_hash(text))
    content = request.source_hash(text) if request.kind is not AssetHashType.OUTPUT else ""
    source = request.fingerprint(request.source)
    key = (without_place(request), text, source, local_identity(request.bundling.local))
    known = _cache.get(key)
    if known is not None and os.path.exists(known.path):
        return known
    staged = _bundle(request, content)
    _cache[key] = staged
    return staged


def _copy(request: Request, digest: str) -> _Staged:
    source = request.source
    directory = os.path.isdir(source)
    if not directory and not os.path.isfile(source):
        raise ValidationError(
            f"Asset {source} is expected to be either a directory or a regular file"
        )
    ext = identity.extension(source)
    packaging = FileAssetPackaging.ZIP_DIRECTORY if directory else FileAssetPackaging.FILE
    is_archive = directory or ext in ARCHIVES
    if request.skip or request.disabled or request.way == "reference":
        return _Staged(digest, source, packaging, is_archive)
    target = os.path.join(request.outdir, f"asset.{digest}{ext}")
    stored.store_copy(request, target)
    return _Staged(digest, target, packaging, is_archive)


def _bundle(request: Request, digest: str) -> _Staged:
    if digest:
        known = stored.find_bundled(request, digest)
        if known is not None:
            return _Staged(digest, known.path, known.packaging, known.is_archive)
    with workplace(request.outdir) as work:
        output = os.path.join(work, "output")
        os.mkdir(output)
        os.chmod(output, 0o777)  # noqa: S103  a bundler may run as anybody; the directory around is private
        sys.stderr.write(f"Bundling asset {request.node}...\n")
        seen = _run(request, output)
        made = product(output, request.bundling.output_type if request.bundling else None, seen)
        if made.path == output:
            request.refuse_external_links(output)
        digest = digest or request.fingerprint(made.path)
        target = stored.bundled_target(request, digest, made)
        good = Product(target, made.packaging, made.is_archive)
        install(made.path, target, lambda _: stored.is_good_product(good))
    return _Staged(digest, target, made.packaging, made.is_archive)


def _run(request: Request, output: str) -> str:
    """Bundle, and say where the bundler found its output directory."""
    options = request.bundling
    try:
        if options and options.local is not None and run_local(options, output, request.source):
            return output
        if options:
            container.bundle(options, request.source, output)
    except Exception as error:
        raise _failed(request, error) from error
    return container.OUTPUT


def _failed(request: Request, error: Exception) -> ValidationError:
    # The CDK shows the name of this one error.
    name = getattr(error, "code", "")
    shown = f"{name}: {error}" if name == "CommandExecutionFailed" else str(error)
    wrapped = ValidationError(
        f"Failed to bundle asset {request.node}: {shown}", "FailedToBundleAsset"
    )
    hint = getattr(error, "hint", "")
    return wrapped.with_hint(hint) if hint else wrapped
