"""Random apps, written once as data, built with aws_cdk and with this package: the same assemblies."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import lambda_assets
from lambda_assets import AssetError, aws_ecr_assets, aws_lambda
from lambda_assets.assembly.scope import STOCK_SCHEMA_VERSION, App, Construct, Stack
from lambda_assets.bundling import BundlingFileAccess, BundlingOptions, BundlingOutput
from lambda_assets.docker.image import DockerImage
from lambda_assets.staging import AssetHashType
from support import apps

if TYPE_CHECKING:
    from collections.abc import Iterator

APPS = 300

OURS = SimpleNamespace(
    aws_lambda=aws_lambda,
    aws_ecr_assets=aws_ecr_assets,
    AssetHashType=AssetHashType,
    BundlingFileAccess=BundlingFileAccess,
    BundlingOptions=BundlingOptions,
    BundlingOutput=BundlingOutput,
    DockerImage=DockerImage,
    IgnoreMode=lambda_assets.IgnoreMode,
    SymlinkFollowMode=lambda_assets.SymlinkFollowMode,
)


class Worker:
    """aws_cdk in a process of its own."""

    def __init__(self) -> None:
        tests = str(Path(apps.__file__).parents[1])
        silent = {
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "PYTHONPATH": tests,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.cdk_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | silent,
            text=True,
        )

    def build(self, app: dict[str, Any], base: Path, outdir: Path) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        question = {"app": app, "base": str(base), "outdir": str(outdir)}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout
        self._process.stdout.close()


class Bundler:
    """Writes some files."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def try_bundle(self, output_dir: str, options: Any) -> bool:  # noqa: ARG002
        apps.write_output(self._files, output_dir)
        return True

    def cache_key(self) -> str:
        return json.dumps(self._files)


def build(app: dict[str, Any], base: Path, outdir: Path) -> dict[str, Any]:
    root = App(outdir=str(outdir), context=app["context"], schema_version=STOCK_SCHEMA_VERSION)
    stack = Stack(root, "S", env=app["env"])
    functions = []
    for function in app["functions"]:
        code = apps.code_of(function, base, OURS, Bundler)
        config = code.bind(Construct(stack, function["id"]))
        properties = aws_lambda.function_properties(config)
        document = {"Type": "AWS::Lambda::Function", "Properties": properties}
        resource = stack.add_resource(function["id"], document)
        code.bind_to_resource(resource)
        metadata = resource.document.get("Metadata", {})
        functions.append({"properties": properties, "metadata": metadata})
    root.synth()
    return {"functions": functions, **apps.assembly_of(outdir)}


def outcome(app: dict[str, Any], base: Path, outdir: Path) -> dict[str, Any]:
    try:
        return build(app, base, outdir)
    except AssetError as error:
        return {"error": str(error)}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    if importlib.util.find_spec("aws_cdk") is None:
        pytest.skip("aws_cdk is not installed")
    process = Worker()
    yield process
    process.close()


def test_random_apps_become_the_same_assemblies(
    worker: Worker, seed: int, scale: float, tmp_path: Path
) -> None:
    print(f"repeat with LAMBDA_ASSETS_TEST_SEED={seed}")
    dice = random.Random(f"{seed} apps")
    built = 0
    for number in range(max(1, round(APPS * scale))):
        app = apps.random_app(dice.randrange(1 << 32))
        base = tmp_path / str(number)
        base.mkdir()
        apps.write_trees(app, base)
        theirs = _neutral(worker.build(app, base, base / "theirs"), "theirs")
        ours = _neutral(outcome(app, base, base / "ours"), "ours")
        assert ours == theirs, json.dumps(app, ensure_ascii=False)
        built += "error" not in theirs
    print(f"{number + 1} apps, {built} of them without an error")
    assert built


def _neutral(answer: dict[str, Any], name: str) -> Any:
    """Both output directories under one name; the order of keys counts."""
    return json.dumps(answer, ensure_ascii=False).replace(f"/{name}", "/cdk.out").split(",")
