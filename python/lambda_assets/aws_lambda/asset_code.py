"""``AssetCode``: code in a directory or an archive (spec api, sections 4 and 5)."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.scope import Construct, Stack
from lambda_assets.aws_lambda.code import Code
from lambda_assets.aws_lambda.protocols import key_arn
from lambda_assets.aws_lambda.structs import CodeConfig
from lambda_assets.aws_s3 import Location
from lambda_assets.aws_s3_assets import Asset
from lambda_assets.errors import OptionTypeError, ValidationError
from lambda_assets.filesystem.options import path_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.template import CfnResource
    from lambda_assets.aws_lambda.protocols import Key
    from lambda_assets.aws_s3_assets import Grantee
    from lambda_assets.bundling import BundlingOptions
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath
    from lambda_assets.staging import AssetHashType


class AssetCode(Code):
    """Code in a directory or an archive.

    Args: see :meth:`Code.from_asset`.
    """

    def __init__(  # noqa: PLR0913  the CDK's options
        self,
        path: StrPath | None,
        *,
        deploy_time: bool | None = None,
        display_name: str | None = None,
        readers: Sequence[Grantee] | None = None,
        source_kms_key: Key | None = None,
        asset_hash: str | None = None,
        asset_hash_type: AssetHashType | str | None = None,
        bundling: BundlingOptions | Mapping[str, Any] | None = None,
        exclude: Sequence[str] | None = None,
        follow_symlinks: Follow | None = None,
        ignore_mode: Ignore | None = None,
        staging: str | None = None,
    ) -> None:
        self._path = None if path is None else path_text(path)
        if path is None and (bundling is None or not asset_hash):
            raise OptionTypeError("path must be str or os.PathLike, not NoneType").with_hint(
                "without a source, give bundling and asset_hash"
            )
        self._source_kms_key = source_kms_key
        self._options: dict[str, Any] = {
            "deploy_time": True if deploy_time is None else deploy_time,
            "display_name": display_name,
            "readers": readers,
            "source_kms_key": source_kms_key,
            "asset_hash": asset_hash,
            "asset_hash_type": asset_hash_type,
            "bundling": bundling,
            "exclude": exclude,
            "follow_symlinks": follow_symlinks,
            "ignore_mode": ignore_mode,
            "staging": staging,
        }
        self._asset: Asset | None = None

    @property
    def is_inline(self) -> bool:
        """False: the code is not in the template."""
        return False

    @property
    def path(self) -> str:
        """The path as it was given, empty if there is none."""
        return self._path or ""

    @property
    def is_bound(self) -> bool:
        """Whether the code is staged, so that the files at its path are no longer needed."""
        return self._asset is not None

    def bind(self, scope: Construct) -> CodeConfig:
        """Stage the code for the stack of a scope.

        Args:
            scope: The function: the asset becomes its child ``Code``. The second time, nothing new is made.

        Returns:
            The object that the code will be.

        Raises:
            ValidationError: The code belongs to another stack already, the path does not exist or is neither a directory
                nor an archive, or an option is wrong.
            AssetIOError: The system refuses something.
        """
        if self._asset is None:
            self._asset = self._stage(scope)
        else:
            check_same_stack(self._asset, scope)
        if not self._asset.is_zip_archive:
            # Last, as upstream: the file is staged and in the manifest already.
            raise ValidationError(
                f"Asset must be a .zip file or a directory ({self._path})", "AssetMustBeZipFile"
            )
        location = Location(
            bucket_name=self._asset.s3_bucket_name, object_key=self._asset.s3_object_key
        )
        return CodeConfig(s3_location=location, source_kms_key_arn=key_arn(self._source_kms_key))

    def _stage(self, scope: Construct) -> Asset:
        if self._path is not None:
            return Asset(scope, "Code", path=self._path, **self._options)
        # All comes from the bundler, which is given an empty directory.
        with tempfile.TemporaryDirectory() as empty:
            return Asset(scope, "Code", path=empty, **self._options)

    def bind_to_resource(
        self, resource: CfnResource, *, resource_property: str | None = None
    ) -> None:
        """Note the staged path on a resource, if the context asks for it.

        Args:
            resource: The resource.
            resource_property: Its property that holds the code, ``Code`` if None or empty.

        Raises:
            ValidationError: ``bind`` was not called.
        """
        if self._asset is None:
            raise bind_first()
        self._asset.add_resource_metadata(resource, resource_property or "Code")


def check_same_stack(asset: Construct, scope: Construct) -> None:
    """Raise if an asset belongs to another stack than a scope.

    Args:
        asset: The asset.
        scope: Where it is needed.

    Raises:
        ValidationError: It does.
    """
    stack = Stack.of(asset)
    if stack is not Stack.of(scope):
        raise ValidationError(
            f"Asset is already associated with another stack '{stack.stack_name}'."
            " Create a new Code instance for every stack.",
            "AssetAlreadyAssociatedWithStack",
        )


def bind_first() -> ValidationError:
    """The error of ``bind_to_resource`` before ``bind``."""
    return ValidationError(
        "bindToResource() must be called after bind()", "BindToResourceCalledBeforeBind"
    )
