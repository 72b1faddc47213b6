"""Builds apps with aws_cdk: one process, one JSON line for each app and one for each answer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import aws_cdk
import jsii
from aws_cdk import aws_ecr, aws_ecr_assets, aws_lambda, aws_s3  # noqa: F401  loaded as attributes of aws_cdk

from support import appbuild

_RUNTIMES = {
    "python3.12": aws_lambda.Runtime.PYTHON_3_12,
    "nodejs20.x": aws_lambda.Runtime.NODEJS_20_X,
    "java21": aws_lambda.Runtime.JAVA_21,
    "FROM_IMAGE": aws_lambda.Runtime.FROM_IMAGE,
}


@jsii.implements(aws_cdk.ILocalBundling)
class StructBundler:
    """Writes some files; takes the options as one value."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def try_bundle(self, output_dir: str, options: Any) -> bool:
        assert options.image.image == "img:1"
        appbuild.write_output(self._files, output_dir)
        return True


@jsii.implements(aws_cdk.ILocalBundling)
class KeywordBundler:
    """Writes some files; takes the options by name."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def try_bundle(self, output_dir: str, *, image: Any, user: str | None = None) -> bool:
        assert image.image == "img:1"
        assert user in {None, "1000:1000"}
        appbuild.write_output(self._files, output_dir)
        return True


def _app(outdir: str, context: dict[str, Any]) -> aws_cdk.App:
    return aws_cdk.App(
        outdir=outdir, context=context, analytics_reporting=False, tree_metadata=False
    )


def _function(scope: Any, name: str, code: Any, handler: str, runtime: str) -> Any:
    chosen = _RUNTIMES[runtime]
    made = aws_lambda.Function(scope, name, code=code, handler=handler, runtime=chosen)
    return made.node.default_child


def _layer(scope: Any, name: str, code: Any) -> Any:
    return aws_lambda.LayerVersion(scope, name, code=code).node.default_child


def _bundler(given: dict[str, Any]) -> Any:
    kind = StructBundler if given["shape"] == "struct" else KeywordBundler
    return kind(given["writes"])


LIBRARY = appbuild.Library(
    cdk=aws_cdk,
    app=_app,
    function=_function,
    layer=_layer,
    bundler=_bundler,
    errors=RuntimeError,
    read_error=lambda error: {"text": str(error)},
)


def main() -> None:
    # What the library says on stdout must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = appbuild.build(
                question["app"], Path(question["base"]), Path(question["outdir"]), LIBRARY
            )
        except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
            answer = {"broken": repr(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
