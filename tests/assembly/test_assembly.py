"""Names, environments and bytes of an assembly."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lambda_assets.assembly.model import DockerImageAssetSource, FileAssetPackaging, FileAssetSource
from lambda_assets.assembly.nested import NestedStack
from lambda_assets.assembly.scope import App, Construct, Stack, Stage
from lambda_assets.assembly.synthesizers import DefaultStackSynthesizer
from lambda_assets.errors import OptionError, OptionTypeError, ValidationError


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


def test_nothing_is_written_if_an_inner_or_outer_manifest_is_not_valid(app: App) -> None:
    Stack(Stage(app, "Prod"), "Good")
    wrong: Any = {"A": 1}
    Stack(app, "Bad").add_docker_image_asset(
        DockerImageAssetSource(source_hash="aa", directory_name="x", docker_build_args=wrong)
    )
    with pytest.raises(ValidationError):
        app.synth()
    assert os.listdir(app.outdir) == []


def test_text_that_is_not_unicode_is_refused(app: App) -> None:
    Stack(app, "S").add_output("Out", "a\udc80")
    with pytest.raises(ValidationError, match="not valid Unicode"):
        app.synth()
    assert os.listdir(app.outdir) == []


def test_a_second_synthesis_lists_the_new_template_only(app: App) -> None:
    stack = Stack(app, "S")
    nested = NestedStack(stack, "N")
    app.synth()
    stack.add_output("Out", "x")
    nested.add_output("Out", "x")
    app.synth()
    names = [entry["displayName"] for entry in stack.assets.files.values()]
    assert names == ["N Nested Stack Template", "S Template"]


def test_files_have_the_mode_of_the_user_and_leftovers_go(app: App) -> None:
    Stack(app, "S")
    left = Path(app.outdir) / ".lambda-assets-manifest-manifest.json.tmp"
    left.write_text("of a killed run")
    before = os.umask(0o027)
    try:
        app.synth()
    finally:
        os.umask(before)
    assert not left.exists()
    assert (Path(app.outdir) / "manifest.json").stat().st_mode & 0o777 == 0o640


def test_runs_at_once_write_one_after_the_other(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from lambda_assets import App, Stack\n"
        "app = App(outdir=sys.argv[1])\n"
        "for number in range(40):\n"
        "    Stack(app, f'S{number}').add_output('Out', sys.argv[2])\n"
        "app.synth()\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "for _ in range(10): app.synth()\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program, tmp_path, who],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in "abc"
    ]
    for run in runs:
        assert run.stdout
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin
        run.stdin.write("go\n")
        run.stdin.flush()
    for run in runs:
        run.communicate(timeout=120)
    assert [run.returncode for run in runs] == [0, 0, 0]
    texts = [path.read_text() for path in tmp_path.glob("*.template.json")]
    who = {json.loads(text)["Outputs"]["Out"]["Value"] for text in texts}
    assert (len(texts), len(who)) == (40, 1)
    listed = json.loads((tmp_path / "S0.assets.json").read_text())["files"]
    assert hashlib.sha256((tmp_path / "S0.template.json").read_bytes()).hexdigest() in listed


def test_what_is_the_same_is_not_written_again(app: App) -> None:
    Stack(app, "S")
    app.synth()
    before = {path.name: path.stat().st_ino for path in Path(app.outdir).iterdir()}
    app.synth()
    assert {path.name: path.stat().st_ino for path in Path(app.outdir).iterdir()} == before


def test_a_killed_run_leaves_nothing_that_tools_would_trust(
    tmp_path: Path, seed: int, scale: float
) -> None:
    print(f"repeat with LAMBDA_ASSETS_TEST_SEED={seed}")
    program = (
        "import sys\n"
        "from lambda_assets import App, NestedStack, Stack, Stage\n"
        "app = App(outdir=sys.argv[1])\n"
        "stacks = [Stack(Stage(app, f'P{n}') if n % 2 else app, f'S{n}') for n in range(12)]\n"
        "print('ready', flush=True)\n"
        "for turn in range(10**6):\n"
        "    for stack in stacks: stack.add_output(f'Out{turn}', f'{turn}')\n"
        "    app.synth()\n"
    )
    dice = random.Random(seed)
    incomplete = 0
    for _ in range(max(1, round(30 * scale))):
        with subprocess.Popen(
            [sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE
        ) as run:
            assert run.stdout
            run.stdout.readline()
            time.sleep(dice.uniform(0, 0.08))
            run.kill()
        for path in tmp_path.rglob("*.assets.json"):
            for digest, entry in json.loads(path.read_text())["files"].items():
                template = (path.parent / entry["source"]["path"]).read_bytes()
                assert hashlib.sha256(template).hexdigest() == digest
        incomplete += not (tmp_path / "manifest.json").exists()
        for path in tmp_path.rglob("manifest.json"):
            for artifact in json.loads(path.read_text())["artifacts"].values():
                named = artifact["properties"]
                for key in ("file", "templateFile"):
                    assert key not in named or (path.parent / named[key]).is_file()
    print(f"{incomplete} runs left no manifest")


def test_an_image_that_is_built_as_another_is_told(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    stack = Stack(app, "S")
    for number, target in enumerate(["one", "two"]):
        stack.add_docker_image_asset(
            DockerImageAssetSource(
                source_hash="aa",
                directory_name="asset.aa",
                display_name=f"I{number} in {app.outdir}",
                docker_build_target=target,
            )
        )
    assert [f"I1 in {app.outdir}" in record.getMessage() for record in caplog.records] == [True]


def test_context_of_the_cli_is_read_only_if_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = tmp_path / "more.json"
    more.write_text('{"b": "file"}')
    monkeypatch.setenv("CDK_CONTEXT_JSON", '{"a": "cli", "b": "cli"}')
    monkeypatch.setenv("CONTEXT_OVERFLOW_LOCATION_ENV", str(more))

    def values(**options: Any) -> list[Any]:
        app = App(outdir=tmp_path / "out", context={"a": "own", "c": "own"}, **options)
        return [app.node.try_get_context(key) for key in "abc"]

    assert values() == ["own", None, "own"]
    assert values(cli_context=True) == ["cli", "file", "own"]


@pytest.mark.parametrize("text", ["{", "[]", "1"])
def test_context_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CDK_CONTEXT_JSON", text)
    with pytest.raises(OptionError, match="the context in 'CDK_CONTEXT_JSON' is no JSON"):
        App(outdir=tmp_path, cli_context=True)
