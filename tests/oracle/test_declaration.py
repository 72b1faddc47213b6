"""A declaration in TOML gives, byte for byte, the manifest and template of the same app written for aws_cdk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.commands import run

cdk = pytest.importorskip("aws_cdk")
jsii = pytest.importorskip("jsii")
s3 = pytest.importorskip("aws_cdk.aws_s3_assets")
ecr = pytest.importorskip("aws_cdk.aws_ecr_assets")

COMMAND = ["sh", "-c", "printf x > $0/made", "{output}"]
DECLARED = f"""
[stack]
name = "S"
account = "123456789012"
region = "eu-west-1"
bucket = "my-bucket"
bucket_prefix = "p/"
file_asset_publishing_role_arn = ""

[asset.plain]
path = "tree"
exclude = ["Dockerfile"]
ignore_mode = "git"

[asset.built]
path = "tree"
bundling = {{ command = {json.dumps(COMMAND)}, environment = {{ A = "1" }}, output_type = "not-archived" }}

[asset.out]
path = "tree"
asset_hash_type = "output"
bundling = {{ command = {json.dumps(COMMAND)} }}

[image.web]
directory = "tree"
target = "t"
platform = "linux/arm64"
build_args = {{ A = "1" }}
invalidation = {{ build_args = false }}
cache_from = [{{ type = "registry", params = {{ ref = "r" }} }}]
"""


@jsii.implements(cdk.ILocalBundling)
class Bundler:
    """Makes what the declared command makes."""

    def try_bundle(self, output_dir: str, options: Any) -> bool:  # noqa: ARG002
        Path(output_dir, "made").write_text("x")
        return True


def stock(tree: Path, outdir: Path) -> None:
    app = cdk.App(outdir=str(outdir), analytics_reporting=False)
    stack = cdk.Stack(
        app,
        "S",
        env=cdk.Environment(account="123456789012", region="eu-west-1"),
        synthesizer=cdk.DefaultStackSynthesizer(
            file_assets_bucket_name="my-bucket",
            bucket_prefix="p/",
            file_asset_publishing_role_arn="",
        ),
    )
    image, path = cdk.DockerImage.from_registry("local"), str(tree)
    s3.Asset(stack, "plain", path=path, exclude=["Dockerfile"], ignore_mode=cdk.IgnoreMode.GIT)
    s3.Asset(
        stack,
        "built",
        path=path,
        bundling=cdk.BundlingOptions(
            image=image,
            command=COMMAND,
            environment={"A": "1"},
            local=Bundler(),
            output_type=cdk.BundlingOutput.NOT_ARCHIVED,
        ),
    )
    s3.Asset(
        stack,
        "out",
        path=path,
        asset_hash_type=cdk.AssetHashType.OUTPUT,
        bundling=cdk.BundlingOptions(image=image, command=COMMAND, local=Bundler()),
    )
    ecr.DockerImageAsset(
        stack,
        "web",
        directory=path,
        target="t",
        platform=ecr.Platform.LINUX_ARM64,
        build_args={"A": "1"},
        invalidation=ecr.DockerImageAssetInvalidationOptions(build_args=False),
        cache_from=[ecr.DockerCacheOption(type="registry", params={"ref": "r"})],
    )
    app.synth()


def test_a_declaration_equals_the_program(tree: Path) -> None:
    (tree / "Dockerfile").write_bytes(b"FROM scratch\n")
    place = tree.parent
    (place / "assets.toml").write_text(DECLARED)
    code, _, err = run("stage", "--file", place / "assets.toml", "-o", place / "ours")
    assert code == 0, err
    stock(tree, place / "theirs")

    def manifest(name: str) -> str:
        found = json.loads((place / name / "S.assets.json").read_text())
        found.pop("version")  # ours is lower, so that more tools accept it
        return json.dumps(found)  # with the order of the keys

    assert manifest("ours") == manifest("theirs")
    templates = [(place / name / "S.template.json").read_bytes() for name in ("ours", "theirs")]
    assert templates[0] == templates[1]
