"""Outputs for users without the CDK: every field, with and without account and region."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.archive import zip_directory
from lambda_assets.assembly.nested import NestedStack
from lambda_assets.assembly.outputs import app_outputs, asset_outputs
from lambda_assets.assembly.scope import App, Stack, Stage
from lambda_assets.aws_ecr_assets import DockerImageAsset
from lambda_assets.aws_s3_assets import Asset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    root.mkdir()
    (root / "index.py").write_text("x = 1\n")
    (root / "Dockerfile").write_text("FROM scratch\n")
    return root


def built(tmp_path: Path, source: Path, env: dict[str, str] | None) -> tuple[Stack, Asset, Any]:
    app = App(outdir=tmp_path / "out")
    stack = Stack(app, "S", env=env)
    file, image = (
        Asset(stack, "File", path=source),
        DockerImageAsset(stack, "Image", directory=source, asset_name="web"),
    )
    app.synth()
    return stack, file, image


def test_with_a_known_environment_nothing_is_left_to_the_deployment(
    tmp_path: Path, source: Path
) -> None:
    stack, file, image = built(tmp_path, source, {"account": "1", "region": "cn-north-1"})
    shown = json.loads(json.dumps(asset_outputs(stack)))
    out = tmp_path / "out"
    bucket = "cdk-hnb659fds-assets-1-cn-north-1"
    repository = "cdk-hnb659fds-container-assets-1-cn-north-1"
    assert shown["files"] == {
        file.asset_hash: [
            {
                "name": "File",
                "hash": file.asset_hash,
                "path": f"{out}/asset.{file.asset_hash}",
                "packaging": "zip",
                "bucket": bucket,
                "key": f"{file.asset_hash}.zip",
                "url": f"s3://{bucket}/{file.asset_hash}.zip",
                "code": {"S3Bucket": bucket, "S3Key": f"{file.asset_hash}.zip"},
            }
        ]
    }
    place = f"{repository}:{image.asset_hash}"
    assert shown["images"] == {
        f"web-{image.asset_hash}": [
            {
                "name": "web",
                "hash": image.asset_hash,
                "path": f"{out}/asset.{image.asset_hash}",
                "repository": repository,
                "tag": image.asset_hash,
                "uri": f"1.dkr.ecr.cn-north-1.amazonaws.com.cn/{place}",
                "code": {
                    "ImageUri": {"Fn::Sub": f"1.dkr.ecr.cn-north-1.${{AWS::URLSuffix}}/{place}"}
                },
            }
        ]
    }


def test_without_one_there_are_placeholders(tmp_path: Path, source: Path) -> None:
    stack, file, _ = built(tmp_path, source, None)
    ((row,),) = asset_outputs(stack)["files"].values()
    bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
    assert row["bucket"] == bucket
    assert row["code"] == {"S3Bucket": {"Fn::Sub": bucket}, "S3Key": f"{file.asset_hash}.zip"}


@pytest.mark.parametrize(
    ("region", "suffix"),
    [
        ("eu-west-1", "amazonaws.com"),
        ("us-gov-east-1", "amazonaws.com"),
        ("us-iso-east-1", "c2s.ic.gov"),
    ],
)
def test_suffix_of_a_region(tmp_path: Path, source: Path, region: str, suffix: str) -> None:
    stack, _, _ = built(tmp_path, source, {"account": "1", "region": region})
    ((row,),) = asset_outputs(stack)["images"].values()
    assert row["uri"].startswith(f"1.dkr.ecr.{region}.{suffix}/")


def test_checksum_of_a_directory_is_that_of_our_archive(tmp_path: Path, source: Path) -> None:
    stack, file, _ = built(tmp_path, source, None)
    ((row,),) = asset_outputs(stack, checksums=True)["files"].values()
    zip_directory(tmp_path / "out" / f"asset.{file.asset_hash}", tmp_path / "made.zip")
    digest = hashlib.sha256((tmp_path / "made.zip").read_bytes()).digest()
    assert row["source_code_hash"] == base64.b64encode(digest).decode()


def test_checksum_of_a_file_is_its_own(tmp_path: Path) -> None:
    path = tmp_path / "layer.zip"
    path.write_bytes(b"PK")
    stack = Stack(App(outdir=tmp_path / "out"), "S")
    Asset(stack, "File", path=path)
    ((row,),) = asset_outputs(stack, checksums=True)["files"].values()
    assert row["packaging"] == "file"
    digest = hashlib.sha256(b"PK").digest()
    assert row["source_code_hash"] == base64.b64encode(digest).decode()


def test_an_app_has_all_stacks_and_what_is_nested_in_them(tmp_path: Path, source: Path) -> None:
    app = App(outdir=tmp_path / "out")
    nested = NestedStack(Stack(Stage(app, "Prod"), "S"), "N")
    file = Asset(nested, "File", path=source)
    Stack(app, "T")
    shown = app_outputs(app)
    assert {path: list(found["files"]) for path, found in shown.items()} == {
        "Prod/S": [file.asset_hash],
        "T": [],
    }
    assert shown["Prod/S"]["files"][file.asset_hash][0]["name"] == "N/File"
