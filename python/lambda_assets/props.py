"""Structs of ``aws_cdk`` that only name the options of a class here (spec api, section 3).

Nothing here takes one: as upstream, options are keywords. They are for annotations, and for ``**vars`` of a caller's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.model import DockerCacheOption
    from lambda_assets.aws_ecr_assets import (
        DockerImageAssetInvalidationOptions,
        NetworkMode,
        Platform,
    )
    from lambda_assets.bundling import BundlingOptions, DockerVolume
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath
    from lambda_assets.staging import AssetHashType


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetOptions:
    """What is hashed and how it is built; see :class:`lambda_assets.staging.AssetStaging`."""

    asset_hash: str | None = None
    asset_hash_type: AssetHashType | str | None = None
    bundling: BundlingOptions | Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCopyOptions:
    """Which files of a directory are part of an asset."""

    exclude: Sequence[str] | None = None
    follow_symlinks: Follow | None = None
    ignore_mode: Ignore | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFingerprintOptions(FileCopyOptions):
    """The same, and text that goes into the hash besides them."""

    extra_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetStagingProps(AssetOptions):
    """Options of :class:`lambda_assets.staging.AssetStaging`."""

    source_path: StrPath
    exclude: Sequence[str] | None = None
    extra_hash: str | None = None
    follow: Follow | None = None
    ignore_mode: Ignore | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerImageAssetOptions(FileFingerprintOptions):
    """Options of :class:`lambda_assets.aws_ecr_assets.DockerImageAsset`, which describes them."""

    asset_name: str | None = None
    build_args: Mapping[str, str] | None = None
    build_contexts: Mapping[str, str] | None = None
    build_secrets: Mapping[str, str] | None = None
    build_ssh: str | None = None
    cache_disabled: bool | None = None
    cache_from: Sequence[DockerCacheOption | Mapping[str, Any]] | None = None
    cache_to: DockerCacheOption | Mapping[str, Any] | None = None
    display_name: str | None = None
    file: StrPath | None = None
    invalidation: DockerImageAssetInvalidationOptions | Mapping[str, Any] | None = None
    network_mode: NetworkMode | None = None
    outputs: Sequence[str] | None = None
    platform: Platform | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerImageAssetProps(DockerImageAssetOptions):
    """The same, with the directory."""

    directory: StrPath


@dataclass(frozen=True, slots=True, kw_only=True)
class TarballImageAssetProps:
    """Options of :class:`lambda_assets.aws_ecr_assets.TarballImageAsset`."""

    tarball_file: StrPath
    display_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerBuildOptions:
    """Options of :meth:`lambda_assets.DockerImage.from_build`, which describes them."""

    build_args: Mapping[str, str] | None = None
    build_contexts: Mapping[str, str] | None = None
    cache_disabled: bool | None = None
    cache_from: Sequence[DockerCacheOption | Mapping[str, Any]] | None = None
    cache_to: DockerCacheOption | Mapping[str, Any] | None = None
    file: StrPath | None = None
    network: str | None = None
    platform: str | None = None
    target_stage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerBuildAssetOptions(DockerBuildOptions):
    """Options of :meth:`lambda_assets.aws_lambda.Code.from_docker_build`."""

    image_path: str | None = None
    output_path: StrPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerRunOptions:
    """Options of :meth:`lambda_assets.DockerImage.run`, which describes them."""

    command: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    environment: Mapping[str, str] | None = None
    network: str | None = None
    platform: str | None = None
    security_opt: str | None = None
    user: str | None = None
    volumes: Sequence[DockerVolume | Mapping[str, Any]] | None = None
    volumes_from: Sequence[str] | None = None
    working_directory: str | None = None
