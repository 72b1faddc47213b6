"""Names, environments and bytes of an assembly."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lambda_assets.assembly.model import DockerImageAssetSource, FileAssetPackaging, FileAssetSource
from lambda_assets.assembly.scope import App, Construct, Stack, Stage
from lambda_assets.assembly.synthesizers import DefaultStackSynthesizer
from lambda_assets.errors import OptionTypeError, ValidationError


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(outdir=tmp_path / "out")


def image(hash_: str = "aa", name: str | None = None) -> DockerImageAssetSource:
    return DockerImageAssetSource(source_hash=hash_, directory_name="asset.aa", display_name=name)


def test_a_stack_in_the_app_is_called_by_its_id(app: App) -> None:
    stack = Stack(app, "S")
    assert (stack.artifact_id, stack.stack_name) == ("S", "S")


def test_a_stack_below_others_gets_a_hash(app: App) -> None:
    assert Stack(Construct(app, "C"), "S").artifact_id == "CSA08ABFAC"
    prod = Stage(app, "Prod")
    inner = Stack(Stage(prod, "Inner"), "Q")
    assert Stack(prod, "S").artifact_id == "ProdSE3C5559C"
    assert (inner.artifact_id, inner.stack_name) == ("ProdInnerQF78F3A7A", "Prod-Inner-Q")


@pytest.mark.parametrize(
    ("env", "shown"),
    [
        (None, "aws://unknown-account/unknown-region"),
        ({"region": "us-east-1"}, "aws://unknown-account/us-east-1"),
        ({"account": "1", "region": "us-east-1"}, "aws://1/us-east-1"),
    ],
)
def test_environment(app: App, env: dict[str, str] | None, shown: str) -> None:
    assert Stack(app, "S", env=env).environment == shown


def test_a_stage_hands_its_environment_down(app: App) -> None:
    stage = Stage(app, "Prod", env={"account": "1", "region": "eu-west-1"})
    assert Stack(stage, "S").environment == "aws://1/eu-west-1"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda a: Stack(a, "My_Stack"), "/^[A-Za-z][A-Za-z0-9-]*$/, got 'My_Stack'"),
        (lambda a: Stack(a, "S", stack_name="x" * 129), "Stack name must be <= 128 characters"),
        (lambda a: Stack(a, ""), "Only root constructs may have an empty ID"),
        (lambda a: Stage(a, "1x"), 'invalid stage name "1x"'),
        (lambda a: Stage(a, "P", outdir="x"), '"outdir" cannot be specified for nested stages'),
        (lambda a: Stack.of(Construct(a, "C")), "no Stack found"),
        (
            lambda a: Stack(a, "S", synthesizer=DefaultStackSynthesizer(qualifier="${AWS::X}")),
            "DefaultStackSynthesizer property 'qualifier' cannot contain tokens",
        ),
    ],
)
def test_refused(app: App, make: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make(app)
    assert message in str(caught.value)


def test_two_children_of_one_name(app: App) -> None:
    Stack(app, "S")
    with pytest.raises(ValidationError, match="There is already a Construct with name 'S' in App"):
        Stack(app, "S")


def test_unknown_field_of_a_struct(app: App) -> None:
    with pytest.raises(OptionTypeError, match="env has no field 'acount'"):
        Stack(app, "S", env={"acount": "1"})


@pytest.mark.parametrize(
    ("path", "key"),
    [("asset.aa.tar.gz", "aa.gz"), ("asset.aa", "aa.aa"), ("asset.aa.zip", "aa.zip")],
)
def test_key_of_a_file(app: App, path: str, key: str) -> None:
    source = FileAssetSource(source_hash="aa", file_name=path, packaging=FileAssetPackaging.FILE)
    assert Stack(app, "S").add_file_asset(source).object_key == key


def test_first_registration_decides(app: App) -> None:
    stack = Stack(app, "S")
    stack.add_docker_image_asset(image(name="first"))
    stack.add_docker_image_asset(image(name="second"))
    (entry,) = stack.assets.docker_images.values()
    assert entry["displayName"] == "first"
    assert len(entry["destinations"]) == 1


def test_the_stack_depends_on_its_assets_and_nothing_half_written_stays(app: App) -> None:
    stack = Stack(app, "S")
    stack.add_docker_image_asset(image())
    assembly = app.synth()
    assert assembly.manifest["artifacts"]["S"]["dependencies"] == ["S.assets"]
    assert sorted(os.listdir(assembly.directory)) == [
        "S.assets.json",
        "S.metadata.json",
        "S.template.json",
        "cdk.out",
        "manifest.json",
    ]
    assert (Path(assembly.directory) / "cdk.out").read_bytes() == b'{"version":"21.0.0"}'


def test_bad_values_are_refused_before_anything_is_written(app: App) -> None:
    stack = Stack(app, "S")
    wrong: Any = {"A": 1}
    stack.add_docker_image_asset(
        DockerImageAssetSource(source_hash="aa", directory_name="x", docker_build_args=wrong)
    )
    with pytest.raises(ValidationError, match="dockerBuildArgs has a wrong type"):
        app.synth()
    assert os.listdir(app.outdir) == []
