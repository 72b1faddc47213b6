"""``aws_cdk.aws_lambda`` as far as code is concerned: where it comes from, and what a template says about it."""

from __future__ import annotations

from lambda_assets.aws_lambda.asset_code import AssetCode
from lambda_assets.aws_lambda.code import Code
from lambda_assets.aws_lambda.docker_image_code import Architecture, DockerImageCode
from lambda_assets.aws_lambda.ecr_image_code import EcrImageCode
from lambda_assets.aws_lambda.fragment import Handler, function_properties, layer_content
from lambda_assets.aws_lambda.image_code import AssetImageCode
from lambda_assets.aws_lambda.inline_code import InlineCode
from lambda_assets.aws_lambda.parameters_code import CfnParametersCode
from lambda_assets.aws_lambda.s3_code import S3Code, S3CodeV2
from lambda_assets.aws_lambda.structs import (
    AssetImageCodeProps,
    BucketOptions,
    CfnParametersCodeProps,
    CodeConfig,
    CodeImageConfig,
    CustomCommandOptions,
    EcrImageCodeProps,
    ResourceBindOptions,
    S3ObjectStorageMode,
)
from lambda_assets.aws_s3 import Location
from lambda_assets.props import DockerBuildAssetOptions

__all__ = [
    "Architecture",
    "AssetCode",
    "AssetImageCode",
    "AssetImageCodeProps",
    "BucketOptions",
    "CfnParametersCode",
    "CfnParametersCodeProps",
    "Code",
    "CodeConfig",
    "CodeImageConfig",
    "CustomCommandOptions",
    "DockerBuildAssetOptions",
    "DockerImageCode",
    "EcrImageCode",
    "EcrImageCodeProps",
    "Handler",
    "InlineCode",
    "Location",
    "ResourceBindOptions",
    "S3Code",
    "S3CodeV2",
    "S3ObjectStorageMode",
    "function_properties",
    "layer_content",
]
