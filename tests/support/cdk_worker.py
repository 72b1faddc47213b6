"""Builds apps with aws_cdk: one process, one JSON line for each app and one for each answer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import aws_cdk
import jsii
from aws_cdk import aws_ecr_assets, aws_lambda  # noqa: F401  loaded as attributes of aws_cdk

from support import apps


@jsii.implements(aws_cdk.ILocalBundling)
class Bundler:
    """Writes some files."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def try_bundle(self, output_dir: str, options: Any) -> bool:  # noqa: ARG002
        apps.write_output(self._files, output_dir)
        return True


def build(app: dict[str, Any], base: Path, outdir: Path) -> dict[str, Any]:
    root = aws_cdk.App(outdir=str(outdir), context=app["context"], analytics_reporting=False)
    env = app["env"] and aws_cdk.Environment(**app["env"])
    stack = aws_cdk.Stack(root, "S", env=env)
    for function in app["functions"]:
        code = apps.code_of(function, base, aws_cdk, Bundler)
        if function["kind"] == "image":
            runtime, handler = aws_lambda.Runtime.FROM_IMAGE, aws_lambda.Handler.FROM_IMAGE
        else:
            runtime, handler = aws_lambda.Runtime.PYTHON_3_12, "index.handler"
        aws_lambda.Function(stack, function["id"], code=code, handler=handler, runtime=runtime)
    root.synth()
    template = json.loads((outdir / "S.template.json").read_text(encoding="utf-8"))
    functions = []
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            properties, metadata = resource["Properties"], resource.get("Metadata", {})
            names = ("Code", "ImageConfig", "PackageType")
            functions.append(
                {
                    "properties": {n: properties[n] for n in names if n in properties},
                    "metadata": {k: v for k, v in metadata.items() if k.startswith("aws:asset")},
                }
            )
    return {"functions": functions, **apps.assembly_of(outdir)}


def main() -> None:
    # What the library says on stdout must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = build(question["app"], Path(question["base"]), Path(question["outdir"]))
        except (RuntimeError, TypeError) as error:
            answer = {"error": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
