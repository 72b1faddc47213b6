"""What needs Docker, once with aws_cdk and once with this package: the names are the same in both.

Run as a program, it answers questions with aws_cdk, one JSON line each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from types import SimpleNamespace
from typing import Any

import lambda_assets
from lambda_assets import aws_lambda
from lambda_assets.assembly.scope import App, Construct, Stack
from lambda_assets.bundling import BundlingFileAccess, BundlingOptions, BundlingOutput
from lambda_assets.docker.image import DockerImage
from lambda_assets.staging import AssetHashType, AssetStaging

OURS = SimpleNamespace(
    App=App,
    AssetHashType=AssetHashType,
    AssetStaging=AssetStaging,
    BundlingFileAccess=BundlingFileAccess,
    BundlingOptions=BundlingOptions,
    BundlingOutput=BundlingOutput,
    Construct=Construct,
    DockerImage=DockerImage,
    Stack=Stack,
    aws_lambda=aws_lambda,
    errors=lambda_assets.AssetError,
)


def stage(cdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Stage what a container bundles."""
    options = dict(asked["options"])
    for name, enumeration in (
        ("bundling_file_access", cdk.BundlingFileAccess),
        ("output_type", cdk.BundlingOutput),
    ):
        if name in options:
            options[name] = enumeration[options[name]]
    image = cdk.DockerImage.from_registry(asked["image"])
    try:
        staged = cdk.AssetStaging(
            cdk.Stack(cdk.App(outdir=asked["out"]), "S"),
            "A",
            source_path=asked["source"],
            asset_hash_type=cdk.AssetHashType[asked["kind"]],
            bundling=cdk.BundlingOptions(image=image, **options),
        )
    except cdk.errors as error:
        return {"error": str(error)}
    name = os.path.relpath(staged.absolute_staged_path, asked["out"])
    return {"hash": staged.asset_hash, "staged": name, "packaging": staged.packaging.name}


def image(cdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Build an image and copy out of it."""
    made = cdk.DockerImage.from_build(asked["path"], **asked["options"])
    made.cp("/asset", asked["out"])
    return {"image": made.image, "hash": made.to_json()}


def code(cdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Stage code that a build made."""
    made = cdk.aws_lambda.Code.from_docker_build(asked["path"], **asked["options"])
    scope = cdk.Construct(cdk.Stack(cdk.App(outdir=asked["out"]), "S"), "F")
    key = made.bind(scope).s3_location.object_key
    return {"path": made.path, "hash": key.removesuffix(".zip")}


def run(cdk: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Run a container; what it says is told by the caller."""
    cdk.DockerImage.from_registry(asked["image"]).run(**asked["options"])
    return {}


class Worker:
    """aws_cdk in a process of its own."""

    def __init__(self) -> None:
        environment = os.environ | {
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.cdk_docker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment,
            text=True,
        )

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to a question, with what was said on stderr meanwhile."""
        assert self._process.stdin
        assert self._process.stdout
        before = os.fstat(self._said.fileno()).st_size
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if question["do"] == "run":
            self._said.seek(before)
            answer["said"] = self._said.read().decode()
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
        self._said.close()


def main() -> None:
    """Answer with aws_cdk."""
    import aws_cdk  # noqa: PLC0415  for this process only
    import constructs  # noqa: PLC0415
    from aws_cdk import aws_lambda  # noqa: F401, PLC0415  loaded as an attribute

    cdk = SimpleNamespace(**vars(aws_cdk), Construct=constructs.Construct, errors=RuntimeError)
    cdk.aws_lambda = aws_cdk.aws_lambda
    cdk.App = lambda outdir: aws_cdk.App(outdir=outdir, analytics_reporting=False)
    # What the library says on stdout must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        aws_cdk.AssetStaging.clear_asset_hash_cache()
        do = {"stage": stage, "image": image, "code": code, "run": run}[asked["do"]]
        try:
            answer = do(cdk, asked)
        except (RuntimeError, TypeError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
