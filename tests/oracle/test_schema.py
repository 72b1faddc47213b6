"""What the schema of the CDK refuses is not written: every field of real manifests, missing or of another type."""

from __future__ import annotations

import copy
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets.assembly.nested import NestedStack
from lambda_assets.assembly.scope import App, Stack, Stage
from lambda_assets.assembly.synthesizers import DefaultStackSynthesizer
from lambda_assets.assembly.validate import check_assets, check_manifest
from lambda_assets.aws_ecr_assets import DockerImageAsset, NetworkMode, Platform, TarballImageAsset
from lambda_assets.aws_s3_assets import Asset
from lambda_assets.errors import ValidationError
from support.oracle import DEFAULT_LOCATION, LOCATION_VARIABLE, Oracle

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parents[1] / "support" / "schema.cjs"
OTHERS: list[Any] = [1, True, "text", [], {}, [1], {"key": 1}, ["text"], {"key": "text"}]
ABSENT = object()

STRICTER = (
    "depends on",
    "is not written",
    "needs either",
    "has no environment",
    "neither file nor zip",
)
"""What the schema lets pass, and a tool can't use."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("schema")
    (root / "context").mkdir()
    (root / "context/Dockerfile").write_text("FROM scratch\n")
    (root / "image.tar").write_bytes(b"x")
    app = App(outdir=root / "out")
    tags = {"Tags": [{"Key": "k", "Value": "v"}]}
    synthesizer = DefaultStackSynthesizer(
        deploy_role_external_id="a",
        deploy_role_additional_options=tags,
        lookup_role_external_id="b",
        lookup_role_additional_options=tags,
        file_asset_publishing_external_id="c",
        file_asset_publishing_role_additional_options=tags,
        image_asset_publishing_external_id="d",
        image_asset_publishing_role_additional_options=tags,
    )
    stack = Stack(
        app,
        "S",
        env={"account": "123456789012", "region": "eu-west-1"},
        stack_name="named",
        synthesizer=synthesizer,
        tags={"k": "v"},
        notification_arns=["arn:aws:sns:eu-west-1:123456789012:t"],
    )
    Asset(stack, "File", path=root / "context")
    DockerImageAsset(
        stack,
        "Image",
        directory=root / "context",
        build_args={"A": "1"},
        build_contexts={"c": "docker-image://x"},
        build_secrets={"s": "src=x"},
        build_ssh="default",
        target="t",
        file="Dockerfile",
        network_mode=NetworkMode.HOST,
        platform=Platform.LINUX_ARM64,
        outputs=["type=docker"],
        cache_from=[{"type": "registry", "params": {"ref": "x"}}],
        cache_to={"type": "gha", "params": {"mode": "max"}},
        cache_disabled=False,
    )
    TarballImageAsset(stack, "Tar", tarball_file=root / "image.tar")
    NestedStack(stack, "Nested").add_resource("Q", {"Type": "AWS::SQS::Queue"})
    Stack(app, "T").add_stack_dependency(stack)
    Stack(Stage(app, "Prod"), "U")
    app.synth()
    return root / "out"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key in (
        value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    ):
        yield from places(value[key], (*path, key))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(document)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    if value is ABSENT:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return made


def verdicts(oracle: Oracle, cases: list[tuple[str, Any]]) -> list[str | None]:  # noqa: ARG001  the library is there
    location = os.environ.get(LOCATION_VARIABLE) or str(DEFAULT_LOCATION)
    done = subprocess.run(
        ["node", SCRIPT],
        input=json.dumps(cases),
        env=os.environ | {"NODE_PATH": location},
        capture_output=True,
        text=True,
        check=True,
    )
    answer: list[str | None] = json.loads(done.stdout)
    return answer


def ours(kind: str, document: Any, files: list[str]) -> str | None:
    try:
        if kind == "assets":
            check_assets(document)
        else:
            check_manifest(document, files)
    except ValidationError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("kind", "name"), [("assembly", "manifest.json"), ("assets", "S.assets.json")]
)
def test_every_field(oracle: Oracle, written: Path, kind: str, name: str) -> None:
    document = json.loads((written / name).read_text("utf-8"))
    files = os.listdir(written)
    # The three fields at the top are ours alone: no option of a user leads there.
    cases = [document] + [
        changed(document, path, value)
        for path in places(document)
        if len(path) > 1
        for value in (ABSENT, *OTHERS)
    ]
    theirs = verdicts(oracle, [(kind, case) for case in cases])
    mine = [ours(kind, case, files) for case in cases]
    assert (theirs[0], mine[0]) == (None, None)
    missed = [
        (their, case)
        for their, my, case in zip(theirs, mine, cases, strict=True)
        if their and not my
    ]
    assert not missed, missed[0]
    stricter = {my for their, my in zip(theirs, mine, strict=True) if my and not their}
    print(f"{len(cases)} documents, {sum(map(bool, theirs))} refused by the schema")
    # The schema has any of five shapes for the properties of an artifact, whatever its type says.
    known = (*STRICTER, "artifact '") if kind == "assembly" else STRICTER
    assert [text for text in stricter if not any(part in text for part in known)] == []
