"""``aws_cdk.aws_s3_assets``: a file or directory that a deployment needs in a bucket (spec staging, section 8)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from lambda_assets.assembly.model import FileAssetPackaging, FileAssetSource
from lambda_assets.assembly.scope import Construct, Stack, name_in_stack
from lambda_assets.assembly.tokens import is_unresolved
from lambda_assets.aws_s3 import Bucket
from lambda_assets.errors import ValidationError
from lambda_assets.filesystem.options import path_text
from lambda_assets.staging import AssetStaging

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.template import CfnResource
    from lambda_assets.aws_lambda.protocols import Key
    from lambda_assets.bundling import BundlingOptions
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath
    from lambda_assets.staging import AssetHashType

__all__ = ["Asset", "AssetOptions", "AssetProps", "Grantee"]

METADATA_ENABLED = "aws:cdk:enable-asset-metadata"
_READ = ["s3:GetObject*", "s3:GetBucket*", "s3:List*"]


class Grantee(Protocol):
    """Somebody who may be allowed to read an asset."""

    def add_to_principal_policy(self, statement: Mapping[str, Any]) -> object:
        """Add a statement of a policy document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetOptions:
    """Options of an asset; see :class:`Asset`."""

    asset_hash: str | None = None
    asset_hash_type: AssetHashType | str | None = None
    bundling: BundlingOptions | Mapping[str, Any] | None = None
    exclude: Sequence[str] | None = None
    follow_symlinks: Follow | None = None
    ignore_mode: Ignore | None = None
    deploy_time: bool | None = None
    display_name: str | None = None
    readers: Sequence[Grantee] | None = None
    source_kms_key: Key | None = None
    staging: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetProps(AssetOptions):
    """Path and options of an asset; see :class:`Asset`."""

    path: StrPath


class Asset(Construct):
    """A file or directory, staged and listed in the asset manifest of its stack.

    Args:
        scope: Its parent in the tree.
        id: Its name there.
        path: The file or directory, relative to the current working directory.
        deploy_time: Whether it is needed during the deployment only.
        display_name: Its name in the manifest, the path in the tree below the stack if None.
        readers: Who may read the object.
        source_kms_key: For code: the key that decrypts the object.
        asset_hash: Hashed instead of the files.
        asset_hash_type: What is hashed.
        bundling: How the asset is built from the path.
        exclude: Patterns of what is left out.
        follow_symlinks: What to do with links.
        ignore_mode: The language of the patterns.
        staging: How it is staged: ``copy``, ``link``, ``zip`` or ``reference``; as the app says if None.

    Attributes:
        asset_hash: Its hash.
        asset_path: Where it is staged, relative to the directory of the template.
        bucket: The bucket.
        http_url: Its address with HTTPS.
        is_file: Whether it is uploaded as it is, not as a zip archive of a directory.
        is_zip_archive: Whether the object will be an archive.
        s3_bucket_name: The bucket's name, which may hold placeholders.
        s3_object_key: The object's key.
        s3_object_url: Its address with the scheme ``s3``.

    Raises:
        ValidationError: The path is empty or doesn't exist, or an option is wrong.
        AssetIOError: The system refuses something.
    """

    asset_hash: str
    asset_path: str
    bucket: Bucket
    http_url: str
    is_file: bool
    is_zip_archive: bool
    s3_bucket_name: str
    s3_object_key: str
    s3_object_url: str

    def __init__(  # noqa: PLR0913  the CDK's options
        self,
        scope: Construct,
        id: str,  # noqa: A002  the CDK's name
        *,
        path: StrPath,
        deploy_time: bool | None = None,
        display_name: str | None = None,
        readers: Sequence[Grantee] | None = None,
        source_kms_key: Key | None = None,  # noqa: ARG002  only the function shows it
        asset_hash: str | None = None,
        asset_hash_type: AssetHashType | str | None = None,
        bundling: BundlingOptions | Mapping[str, Any] | None = None,
        exclude: Sequence[str] | None = None,
        follow_symlinks: Follow | None = None,
        ignore_mode: Ignore | None = None,
        staging: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        if is_unresolved(display_name):
            raise ValidationError(
                f"'displayName' may not contain a Token, got: \"{display_name}\"",
                "DisplaynameContainToken",
            )
        text = path_text(path)
        if not text:
            raise ValidationError("Asset path cannot be empty", "AssetPathCannotEmpty")
        staged = AssetStaging(
            self,
            "Stage",
            source_path=os.path.abspath(text),
            asset_hash=asset_hash,
            asset_hash_type=asset_hash_type,
            bundling=bundling,
            exclude=exclude,
            follow=follow_symlinks,
            ignore_mode=ignore_mode,
            staging=staging,
        )
        stack = Stack.of(self)
        self._is_bundled = bundling is not None
        self.asset_hash = staged.asset_hash
        self.asset_path = staged.relative_staged_path(stack)
        self.is_file = staged.packaging is FileAssetPackaging.FILE
        self.is_zip_archive = staged.is_archive
        location = stack.add_file_asset(
            FileAssetSource(
                source_hash=staged.asset_hash,
                file_name=self.asset_path,
                packaging=staged.packaging,
                deploy_time=deploy_time,
                display_name=name_in_stack(self) if display_name is None else display_name,
            )
        )
        self.s3_bucket_name = location.bucket_name
        self.s3_object_key = location.object_key
        self.s3_object_url = location.s3_object_url
        self.http_url = location.http_url
        self.bucket = Bucket.from_bucket_name(self, "AssetBucket", location.bucket_name)
        for reader in readers or ():
            self.grant_read(reader)

    def add_resource_metadata(self, resource: CfnResource, resource_property: str) -> None:
        """Note on a resource where its asset comes from, if the context asks for it (spec api, section 9).

        Args:
            resource: The resource.
            resource_property: Its property that holds the asset.
        """
        if not is_truthy(self.node.try_get_context(METADATA_ENABLED)):
            return
        resource.add_metadata("aws:asset:path", self.asset_path)
        resource.add_metadata("aws:asset:is-bundled", self._is_bundled)
        resource.add_metadata("aws:asset:property", resource_property)

    def grant_read(self, grantee: Grantee) -> None:
        """Allow somebody to read the object.

        Args:
            grantee: Gets a statement for its own policy; the bucket's can't be changed from here.
        """
        arn = self.bucket.bucket_arn
        grantee.add_to_principal_policy(
            {"Action": _READ, "Effect": "Allow", "Resource": [arn, f"{arn}/*"]}
        )


def is_truthy(value: object) -> bool:
    """Whether JavaScript takes a value of the context for true: empty lists and the text ``false`` are.

    Args:
        value: The value.
    """
    return not (value is None or (isinstance(value, (bool, int, float, str)) and not value))
