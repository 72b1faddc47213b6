"""Upload what changed and point the functions to it: ``python deploy.py BUCKET``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from lambda_assets.declaration import read_declaration, stage_all

HERE = Path(__file__).parent


def deploy(bucket: str) -> None:
    """Deploy every asset of the declaration to the function of its name."""
    declaration = read_declaration(HERE / "lambda-assets.toml")
    declaration = replace(declaration, stack={**declaration.stack, "bucket": bucket})
    outcome = stage_all(declaration, HERE / "cdk.out")
    for failed in outcome.failures:
        sys.exit(f"{failed.entry.name}: {failed.error}")
    s3, functions = boto3.client("s3"), boto3.client("lambda")
    for asset in outcome.results:
        if is_there(s3, bucket, asset.key):
            print(f"{asset.entry.name}: unchanged")
        else:
            s3.upload_file(asset.path, bucket, asset.key)
            print(f"{asset.entry.name}: uploaded {asset.size} bytes")
        answer = functions.update_function_code(
            FunctionName=asset.entry.name, S3Bucket=bucket, S3Key=asset.key
        )
        if answer["CodeSha256"] != asset.sha256_base64:
            sys.exit(f"{asset.entry.name}: another archive lies under {asset.key}")


def is_there(s3, bucket: str, key: str) -> bool:
    """Whether the bucket has the object."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return False
        raise
    return True


if __name__ == "__main__":
    deploy(sys.argv[1])
