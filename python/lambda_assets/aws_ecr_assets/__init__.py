"""``aws_cdk.aws_ecr_assets``: images that a deployment needs in a repository (spec image)."""

from __future__ import annotations

from lambda_assets.assembly.model import DockerCacheOption
from lambda_assets.aws_ecr_assets.image import DockerImageAsset
from lambda_assets.aws_ecr_assets.options import (
    DockerBuildSecret,
    DockerImageAssetInvalidationOptions,
    NetworkMode,
    Platform,
)
from lambda_assets.aws_ecr_assets.tarball import TarballImageAsset
from lambda_assets.props import (
    DockerImageAssetOptions,
    DockerImageAssetProps,
    TarballImageAssetProps,
)

__all__ = [
    "DockerBuildSecret",
    "DockerCacheOption",
    "DockerImageAsset",
    "DockerImageAssetInvalidationOptions",
    "DockerImageAssetOptions",
    "DockerImageAssetProps",
    "NetworkMode",
    "Platform",
    "TarballImageAsset",
    "TarballImageAssetProps",
]
