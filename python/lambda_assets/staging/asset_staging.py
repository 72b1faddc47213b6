"""``AssetStaging``: gives an asset its name and puts it into the output directory (spec staging, sections 1 to 7)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lambda_assets import _core
from lambda_assets.assembly.model import FileAssetPackaging
from lambda_assets.assembly.scope import STAGING, Construct, Stack, Stage
from lambda_assets.bundling import container
from lambda_assets.bundling.local import run_local
from lambda_assets.bundling.options import bundling_options
from lambda_assets.errors import OptionError, OptionTypeError, ValidationError
from lambda_assets.filesystem.options import path_text
from lambda_assets.staging import bundled, identity, stored
from lambda_assets.staging.bundled import Staged
from lambda_assets.staging.content import is_inside
from lambda_assets.staging.identity import ARCHIVES, AssetHashType
from lambda_assets.staging.ledger import ledger_of
from lambda_assets.staging.request import (
    Request,
    bundling_required,
    read_selection,
    refuse_external_links,
    wire,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.bundling.options import BundlingOptions
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath

SALT = "@aws-cdk/core:assetHashSalt"
DISABLE = "aws:cdk:disable-asset-staging"
BUNDLING_STACKS = "aws:cdk:bundling-stacks"
WAYS = ("copy", "link", "zip", "reference")


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
        staging: ``copy``; ``link`` to share the bytes with the source where that is safe; ``zip`` to write the archive
            itself; ``reference`` to leave the source where it is. Hash and object key are the same. The context key
            ``lambda-assets:staging``, else ``copy``, if None.

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
        # Types first, as a wrong one never gets as far as the CDK; then in its order (spec staging, section 1).
        way = _way(self, staging)
        asset_hash = _text(asset_hash, "asset_hash")
        selection = read_selection(
            extra_hash=extra_hash,
            exclude=exclude,
            follow=follow,
            ignore_mode=ignore_mode,
            salt=self.node.try_get_context(SALT),
        )
        options = bundling_options(bundling)
        source = os.path.abspath(path_text(source_path, "source_path"))
        if not os.path.exists(source):
            raise ValidationError(f"Cannot find asset at {source}", "CannotFindAsset")
        _core.Matcher(selection.ignore_mode.wire, selection.exclude)
        refuse_external_links(source, selection.follow, wire(selection))
        outdir = _outdir(self)
        kind = identity.hash_type(asset_hash_type, asset_hash, bundled=options is not None)
        request = Request(
            source=source,
            outdir=outdir,
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
            ledger=ledger_of(self.node.root),
        )
        staged = _stage(request)
        self.source_path = source
        self.asset_hash = staged.asset_hash
        self.absolute_staged_path = staged.path
        self.packaging = staged.packaging
        self.is_archive = staged.is_archive
        self._absolute = request.disabled or not is_inside(staged.path, request.outdir)

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
        bundled.forget()


def _way(construct: Construct, given: object) -> str:
    way = construct.node.try_get_context(STAGING) if given is None else given
    way = _text(way, "staging")
    if way not in {None, *WAYS}:
        raise OptionError(f"unknown staging {way!r}").with_hint("use " + ", ".join(WAYS))
    return way or "copy"


def _text(value: object, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise OptionTypeError(f"{name} must be str, not {type(value).__name__}")


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
    stack = Stack.of(construct).outermost
    return bundling_required(construct.node.try_get_context(BUNDLING_STACKS), stack.node.path)


def _stage(request: Request) -> Staged:
    text = request.bundling_json()
    if request.bundling is not None and not request.skip:
        return bundled.bundle(request, text, _run)
    if request.skip and not os.path.isdir(request.source):
        raise bundled.not_a_directory(request)
    source = request.source
    directory = os.path.isdir(source)
    if not directory and not os.path.isfile(source):
        raise ValidationError(
            f"Asset {source} is expected to be either a directory or a regular file"
        )
    ext = identity.extension(source)
    is_archive = directory or ext in ARCHIVES
    packaging = FileAssetPackaging.ZIP_DIRECTORY if directory else FileAssetPackaging.FILE
    stays = request.skip or request.disabled
    if request.way == "reference" and not stays:
        stored.refuse_own_output(request)
    if stays or request.way == "reference":
        return Staged(request.source_hash(text), source, packaging, is_archive)
    digest, target = stored.store(request, ext)
    if stored.is_zipped(request):
        packaging = FileAssetPackaging.FILE
    return Staged(digest, target, packaging, is_archive)


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
