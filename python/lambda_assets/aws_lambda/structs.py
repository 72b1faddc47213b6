"""Structs and enums of ``aws_cdk.aws_lambda`` that belong to code (spec api, section 3).

Each is a frozen value with the CDK's field names. Where one is expected, a dict with the same keys does as well.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any

from lambda_assets import structs
from lambda_assets.aws_s3 import Location
from lambda_assets.errors import OptionError, OptionTypeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.aws_lambda.protocols import Key, Parameter


class S3ObjectStorageMode(Enum):
    """How Lambda keeps the code of an object in a bucket."""

    COPY = "COPY"
    """Lambda makes a copy; the default."""

    REFERENCE = "REFERENCE"
    """Lambda reads the object in the bucket, which has to be a version of its own."""


class Struct:
    """What the structs share: only fields that are set are shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        values = ((field.name, getattr(self, field.name)) for field in fields(self))  # type: ignore[arg-type]  # subclasses are dataclasses
        shown = ", ".join(f"{name}={value!r}" for name, value in values if value is not None)
        return f"{type(self).__name__}({shown})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CodeImageConfig(Struct):
    """The image of a function.

    Attributes:
        image_uri: Where it is pulled from.
        cmd: Instead of the image's CMD.
        entrypoint: Instead of the image's ENTRYPOINT.
        working_directory: Instead of the image's WORKDIR.
    """

    image_uri: str
    cmd: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    working_directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CodeConfig(Struct):
    """Where the code of a function is: exactly one of image, inline code and object.

    Attributes:
        image: An image; a dict becomes a :class:`CodeImageConfig`.
        inline_code: The code itself.
        s3_location: An object in a bucket; a dict becomes a :class:`Location`.
        s3_object_storage_mode: How Lambda keeps the object.
        source_kms_key_arn: The key that decrypts the object.
    """

    image: CodeImageConfig | None = None
    inline_code: str | None = None
    s3_location: Location | None = None
    s3_object_storage_mode: S3ObjectStorageMode | None = None
    source_kms_key_arn: str | None = None

    def __post_init__(self) -> None:
        image = structs.coerce(CodeImageConfig, self.image, "image")
        location = structs.coerce(Location, self.s3_location, "s3_location")
        object.__setattr__(self, "image", image)
        object.__setattr__(self, "s3_location", location)
        mode = storage_mode(self.s3_object_storage_mode)
        object.__setattr__(self, "s3_object_storage_mode", mode)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ResourceBindOptions(Struct):
    """Options of ``bind_to_resource``.

    Attributes:
        resource_property: The property of the resource that holds the code.
    """

    resource_property: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CfnParametersCodeProps(Struct):
    """Options of ``Code.from_cfn_parameters``; see :class:`CfnParametersCode`."""

    bucket_name_param: Parameter | None = None
    object_key_param: Parameter | None = None
    source_kms_key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EcrImageCodeProps(Struct):
    """Options of ``Code.from_ecr_image``; see :class:`EcrImageCode`."""

    cmd: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    tag: str | None = None
    tag_or_digest: str | None = None
    working_directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BucketOptions(Struct):
    """Options of ``Code.from_bucket_v2``; see :class:`S3CodeV2`."""

    object_version: str | None = None
    s3_object_storage_mode: S3ObjectStorageMode | None = None
    source_kms_key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AssetImageCodeProps(Struct):
    """Options of ``Code.from_asset_image``: those of an image asset, and what the function changes in the image.

    The first eighteen fields are described at :class:`lambda_assets.aws_ecr_assets.DockerImageAsset`.
    """

    exclude: Sequence[str] | None = None
    follow_symlinks: Any = None
    ignore_mode: Any = None
    extra_hash: str | None = None
    asset_name: str | None = None
    build_args: Mapping[str, str] | None = None
    build_contexts: Mapping[str, str] | None = None
    build_secrets: Mapping[str, str] | None = None
    build_ssh: str | None = None
    cache_disabled: bool | None = None
    cache_from: Sequence[Any] | None = None
    cache_to: Any = None
    display_name: str | None = None
    file: str | None = None
    invalidation: Any = None
    network_mode: Any = None
    outputs: Sequence[str] | None = None
    platform: Any = None
    target: str | None = None
    cmd: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    working_directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CustomCommandOptions(Struct):
    """Options of ``Code.from_custom_command``: those of an asset, and how the command runs.

    Attributes:
        command_options: See :func:`lambda_assets.aws_lambda.command.run`. The others: see
            :class:`lambda_assets.aws_s3_assets.Asset`.
    """

    asset_hash: str | None = None
    asset_hash_type: Any = None
    bundling: Any = None
    exclude: Sequence[str] | None = None
    follow_symlinks: Any = None
    ignore_mode: Any = None
    deploy_time: bool | None = None
    display_name: str | None = None
    readers: Sequence[Any] | None = None
    source_kms_key: Key | None = None
    command_options: Mapping[str, Any] | None = None


def storage_mode(value: object) -> S3ObjectStorageMode | None:
    """The storage mode, given as ours, as that of ``aws_cdk``, or as text.

    Args:
        value: What the caller passed.

    Raises:
        OptionTypeError: Neither a member nor text.
        OptionError: There is no such mode.
    """
    if value is None or isinstance(value, S3ObjectStorageMode):
        return value
    name = value.name if isinstance(value, Enum) else value
    if not isinstance(name, str):
        kind = type(value).__name__
        raise OptionTypeError(f"s3_object_storage_mode must be an S3ObjectStorageMode, not {kind}")
    if name not in S3ObjectStorageMode.__members__:
        raise OptionError(f"unknown s3_object_storage_mode {name!r}").with_hint(
            "use S3ObjectStorageMode.COPY or S3ObjectStorageMode.REFERENCE"
        )
    return S3ObjectStorageMode[name]
