"""The stock ``cdk-assets`` and ``cdk`` accept an assembly written by this package: they list, publish and deploy it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import stat
import sys
import zipfile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.assembly.nested import NestedStack
from lambda_assets.assembly.outputs import asset_outputs
from lambda_assets.assembly.scope import STOCK_SCHEMA_VERSION, App, Stack, Stage
from lambda_assets.assembly.synthesizers import CliCredentialsStackSynthesizer
from lambda_assets.aws_ecr_assets import DockerImageAsset
from lambda_assets.aws_s3_assets import Asset
from lambda_assets.staging.asset_staging import WAYS
from support.stock import ACCOUNT, BUCKET, REGION

if TYPE_CHECKING:
    from pathlib import Path

    from support.stock import Aws, Programs

ENV = {"account": ACCOUNT, "region": REGION}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
FILES = {"index.py": b"def handler(event, context): ...\n", "lib/data.bin": bytes(range(256))}


def function(asset: Asset) -> dict[str, Any]:
    code = {"S3Bucket": asset.s3_bucket_name, "S3Key": asset.s3_object_key}
    properties = {"Code": code, "Handler": "index.handler", "Role": ROLE, "Runtime": "python3.12"}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def build(root: Path, schema: dict[str, str]) -> SimpleNamespace:
    source, image, file = root / "source", root / "image", root / "big.txt"
    for name, content in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    (source / "index.py").chmod(0o755)
    image.mkdir()
    (image / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    file.write_bytes(b"x" * 100_000)
    app = App(outdir=root / "cdk.out", **schema)
    data = Stack(app, "Data", env=ENV, tags={"team": "a"}, description="é")
    data.add_resource("Queue", {"Type": "AWS::SQS::Queue"})
    big = Asset(data, "Big", path=file)
    code = Stack(app, "Code", env=ENV, stack_name="named-code")
    copied = Asset(code, "Copied", path=source)
    code.add_resource("Copied", function(copied))
    code.add_stack_dependency(data)
    apart = Stack(app, "Apart", env=ENV, synthesizer=CliCredentialsStackSynthesizer())
    apart.node.set_context("lambda-assets:staging", "reference")
    referenced = Asset(apart, "Referenced", path=source, exclude=["lib"])
    apart.add_resource("Referenced", function(referenced))
    prod = Stage(app, "Prod", env=ENV)
    site = Stack(prod, "Site")
    site.add_resource("Queue", {"Type": "AWS::SQS::Queue"})
    nested = NestedStack(site, "Inner")
    nested.add_resource("Fn", function(Asset(nested, "Code", path=source)))
    images = Stack(app, "Images", env=ENV)
    images.add_resource("Queue", {"Type": "AWS::SQS::Queue"})
    made = DockerImageAsset(
        images,
        "Image",
        directory=image,
        build_args={"A": "1"},
        cache_from=[{"type": "registry", "params": {"ref": "x"}}],
        outputs=["type=docker"],
    )
    app.synth()
    return SimpleNamespace(
        outdir=root / "cdk.out",
        source=source,
        big=big,
        copied=copied,
        referenced=referenced,
        image=made,
        code=code,
        site=site,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return build(tmp_path_factory.mktemp("app"), {})


def assets_of(made: Any, stack: str) -> Path:
    found: Path = made.outdir / f"{stack}.assets.json"
    return found


def object_of(aws: Aws, key: str) -> bytes:
    content: bytes = aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return content


def unzipped(content: bytes) -> dict[str, tuple[bytes, bool]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            info.filename: (archive.read(info), bool(info.external_attr >> 16 & stat.S_IXUSR))
            for info in archive.infolist()
            if not info.is_dir()
        }


@pytest.mark.parametrize("stack", ["Data", "Code", "Apart", "Images", "assembly-Prod/ProdSite"])
def test_cdk_assets_lists_every_asset(made: Any, stock: Programs, stack: str) -> None:
    (path,) = made.outdir.glob(f"{stack}*.assets.json")
    listed = stock("cdk-assets", "-p", path, "ls")
    document = json.loads(path.read_text())
    names = [*document["files"], *document["dockerImages"]]
    assert names
    assert all(f"{name} " in listed for name in names)


def test_cdk_assets_publishes_files_and_directories(made: Any, stock: Programs, aws: Aws) -> None:
    stock("cdk-assets", "-p", assets_of(made, "Data"), "publish")
    stock("cdk-assets", "-p", assets_of(made, "Code"), "publish")
    assert object_of(aws, made.big.s3_object_key) == b"x" * 100_000
    archived = unzipped(object_of(aws, made.copied.s3_object_key))
    assert archived == {
        "index.py": (FILES["index.py"], True),
        "lib/data.bin": (FILES["lib/data.bin"], False),
    }


def test_a_template_is_published_as_it_was_written(made: Any, stock: Programs, aws: Aws) -> None:
    stock("cdk-assets", "-p", assets_of(made, "Code"), "publish")
    manifest = json.loads((made.outdir / "manifest.json").read_text())
    url = manifest["artifacts"]["Code"]["properties"]["stackTemplateAssetObjectUrl"]
    key = url.removeprefix(f"s3://{BUCKET}/")
    assert object_of(aws, key) == (made.outdir / "Code.template.json").read_bytes()


def test_cdk_assets_publishes_from_an_inner_assembly(made: Any, stock: Programs, aws: Aws) -> None:
    inner = made.outdir / "assembly-Prod"
    (path,) = inner.glob("*.assets.json")
    stock("cdk-assets", "-p", path, "publish")
    (template,) = inner.glob("*.nested.template.json")
    names = [o["Key"] for o in aws.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert template.read_bytes() in [object_of(aws, n) for n in names if n.endswith(".json")]


def test_outputs_name_what_was_published(made: Any, stock: Programs, aws: Aws) -> None:
    stock("cdk-assets", "-p", assets_of(made, "Code"), "publish")
    rows = [row for rows in asset_outputs(made.code)["files"].values() for row in rows]
    assert len(rows) == 1
    for row in rows:
        assert aws.client("s3").head_object(Bucket=row["bucket"], Key=row["key"])


def test_cdk_lists_all_stacks(made: Any, stock: Programs) -> None:
    listed = json.loads(stock("cdk", "ls", "--app", made.outdir, "--long", "--json"))
    assert [(row["id"], row["name"]) for row in listed] == [
        ("Data", "Data"),
        ("Code (named-code)", "named-code"),
        ("Apart", "Apart"),
        ("Images", "Images"),
        ("Prod/Site (Prod-Site)", "Prod-Site"),
    ]


def test_cdk_knows_dependencies(made: Any, stock: Programs) -> None:
    shown = json.loads(
        stock("cdk", "ls", "--app", made.outdir, "Code", "--show-dependencies", "--json")
    )
    needed = {row["id"]: [d["id"] for d in row["dependencies"]] for row in shown}
    assert needed["Code (named-code)"] == ["Data"]


@pytest.mark.parametrize("stack", ["Data", "Apart", "Images", "Prod/Site"])
def test_cdk_shows_the_template(made: Any, stock: Programs, stack: str) -> None:
    shown = stock("cdk", "synth", "--app", made.outdir, stack, "--json")
    named = made.outdir.rglob(f"{stack.replace('/', '')}*.template.json")
    (path,) = [path for path in named if ".nested." not in path.name]
    template = json.loads(path.read_text(encoding="utf-8"))
    template.pop("Rules", None)  # the CLI hides the check of its own version
    assert json.loads(shown) == template


@pytest.mark.parametrize(
    ("stack", "name", "resources"),
    [
        ("Data", "Data", {"Queue"}),
        ("Code", "named-code", {"Copied"}),
        ("Apart", "Apart", {"Referenced"}),
        ("Prod/Site", "Prod-Site", {"Queue", "InnerNestedStackInnerNestedStackResource745E041B"}),
    ],
)
def test_cdk_deploys_up_to_the_change_set(
    made: Any, stock: Programs, aws: Aws, stack: str, name: str, resources: set[str]
) -> None:
    stock(
        "cdk",
        "deploy",
        "--app",
        made.outdir,
        stack,
        "--exclusively",
        "--method=prepare-change-set",
        "--change-set-name=checked",
        "--require-approval=never",
        "--no-notices",
    )
    cloud = aws.client("cloudformation")
    described = cloud.describe_change_set(ChangeSetName="checked", StackName=name)
    changes = [change["ResourceChange"] for change in described["Changes"]]
    assert {change["LogicalResourceId"] for change in changes} == resources


@pytest.mark.parametrize("way", WAYS)
def test_an_asset_is_published_however_it_is_staged(
    stock: Programs, aws: Aws, tmp_path: Path, way: str
) -> None:
    source = tmp_path / "source"
    (source / "lib").mkdir(parents=True)
    (source / "index.py").write_text(f"{way}\n")
    (source / "index.py").chmod(0o755)
    (source / "lib/data.bin").write_bytes(FILES["lib/data.bin"])
    app = App(outdir=tmp_path / "out", context={"lambda-assets:staging": way})
    stack = Stack(app, "S", env=ENV)
    asset = Asset(stack, "Asset", path=source)
    app.synth()
    manifest = tmp_path / "out" / "S.assets.json"
    assert asset.asset_hash in stock("cdk-assets", "-p", manifest, "ls")
    stock("cdk-assets", "-p", manifest, "publish")
    content = object_of(aws, f"{asset.asset_hash}.zip")
    assert unzipped(content) == {
        "index.py": (f"{way}\n".encode(), True),
        "lib/data.bin": (FILES["lib/data.bin"], False),
    }
    ((row,),) = asset_outputs(stack, checksums=True)["files"].values()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    # Of a directory the program makes an archive of its own.
    assert (row["source_code_hash"] == digest) is (row["packaging"] == "file")


def test_the_number_of_stock_is_too_high_for_cdk_assets_and_fine_for_cdk(
    stock: Programs, tmp_path: Path
) -> None:
    made = build(tmp_path, {"schema_version": STOCK_SCHEMA_VERSION})
    refused = stock("cdk-assets", "-p", assets_of(made, "Data"), "ls", fails=True)
    assert "Maximum schema version supported is 54" in refused
    assert "Data" in stock("cdk", "ls", "--app", made.outdir).split(os.linesep)


APP = """
from lambda_assets import App, Stack
from lambda_assets.aws_s3_assets import Asset
app = App(cli_context=True)
stack = Stack(app, "Run")
asset = Asset(stack, "A", path={path!r})
stack.add_output("Key", asset.s3_object_key)
stack.add_output("Given", app.node.try_get_context("given"))
asset.add_resource_metadata(stack.add_resource("Q", {{"Type": "AWS::SQS::Queue"}}), "Code")
app.synth()
"""


def test_cdk_runs_a_program_that_writes_the_assembly(
    made: Any, stock: Programs, tmp_path: Path
) -> None:
    program = tmp_path / "app.py"
    program.write_text(APP.format(path=str(made.source)))
    command = f"{sys.executable} {program}"
    shown = json.loads(stock("cdk", "synth", "--app", command, "--context", "given=x", "--json"))
    assert shown["Outputs"] == {
        "Key": {"Value": made.copied.s3_object_key},
        "Given": {"Value": "x"},
    }
    # The CLI asks for it by its context.
    assert shown["Resources"]["Q"]["Metadata"]["aws:asset:property"] == "Code"
