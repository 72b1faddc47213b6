"""Everything that code refuses, said by aws_cdk and by this package: the same text, the name of the error as ``code``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import lambda_assets
import lambda_assets.aws_ecr_assets
import lambda_assets.aws_s3
from lambda_assets import aws_lambda

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass
class Ours:
    """This package, with what the cases need of an app."""

    base: Path
    cdk: Any = lambda_assets
    token: str = "${AWS::AccountId}"

    def __post_init__(self) -> None:
        self.app = self.cdk.App(outdir=str(self.base / "ours"))
        self.stack = self.cdk.Stack(self.app, "S")
        self.other = self.cdk.Stack(self.app, "T")
        self.code = self.cdk.aws_lambda.Code

    def scope(self, stack: Any = None, name: str = "F") -> Any:
        return self.cdk.Construct(self.stack if stack is None else stack, name)

    def orphan(self) -> Any:
        return self.cdk.Construct(self.app, "F")

    def resource(self) -> Any:
        return self.stack.add_resource("R", {"Type": "AWS::Lambda::Function"})

    def function(self, code: Any, handler: str = "i.h", runtime: str = "python3.12") -> None:
        aws_lambda.function_properties(code.bind(self.scope()), handler=handler, runtime=runtime)

    def layer(self, code: Any) -> None:
        aws_lambda.layer_content(code.bind(self.scope()))

    def bucket(self, name: str = "a-bucket") -> Any:
        return self.cdk.aws_s3.Bucket.from_bucket_name(self.stack, "B", name)

    def path(self, name: str) -> str:
        return str(self.base / name)


class Theirs(Ours):
    """The real library."""

    def scope(self, stack: Any = None, name: str = "F") -> Any:
        constructs = pytest.importorskip("constructs")
        return constructs.Construct(self.stack if stack is None else stack, name)

    def orphan(self) -> Any:
        return pytest.importorskip("constructs").Construct(self.app, "F")

    def resource(self) -> Any:
        return self.cdk.CfnResource(self.stack, "R", type="AWS::Lambda::Function")

    def function(self, code: Any, handler: str = "i.h", runtime: str = "python3.12") -> None:
        known = self.cdk.aws_lambda.Runtime
        runtimes = {
            "FROM_IMAGE": known.FROM_IMAGE,
            "java21": known.JAVA_21,
            "ruby3.3": known.RUBY_3_3,
        }
        chosen = runtimes.get(runtime, known.PYTHON_3_12)
        self.cdk.aws_lambda.Function(self.stack, "F", code=code, handler=handler, runtime=chosen)

    def layer(self, code: Any) -> None:
        self.cdk.aws_lambda.LayerVersion(self.stack, "F", code=code)


def _twice(of: Ours, code: Any) -> None:
    code.bind(of.scope(of.stack))
    code.bind(of.scope(of.other))


def _two(of: Ours, first: Any, second: Any) -> None:
    scope = of.scope()
    first.bind(scope)
    second.bind(scope)


def _asset(of: Ours, name: str = "src", **options: Any) -> None:
    if "asset_hash_type" in options:
        options["asset_hash_type"] = of.cdk.AssetHashType[options["asset_hash_type"]]
    of.code.from_asset(of.path(name) if name else "", **options).bind(of.scope())


def _image(of: Ours, name: str = "img", **options: Any) -> None:
    of.code.from_asset_image(of.path(name), **options).bind(of.scope())


def _with_token(of: Ours, option: str) -> None:
    _image(of, **{option: {"k": of.token}})


def _reference(of: Ours) -> None:
    mode = of.cdk.aws_lambda.S3ObjectStorageMode.REFERENCE
    of.code.from_bucket_v2(of.bucket(), "k", s3_object_storage_mode=mode)


def _list_parameter(of: Ours) -> None:
    wrong = of.cdk.CfnParameter(of.stack, "L", type="List<String>")
    of.code.from_cfn_parameters(bucket_name_param=wrong).bind(of.scope())


def _command(of: Ours, *words: str, **options: Any) -> None:
    of.code.from_custom_command("out", list(words), command_options=options or None)


# The number of the message in the specification (api, section 12), and what makes it appear.
CASES: dict[str, Callable[[Any], object]] = {
    "E1 asset": lambda of: _twice(of, of.code.from_asset(of.path("src"))),
    "E1 image": lambda of: _twice(of, of.code.from_asset_image(of.path("img"))),
    "E2 asset": lambda of: of.code.from_asset("x").bind_to_resource(of.resource()),
    "E2 image": lambda of: of.code.from_asset_image("x").bind_to_resource(of.resource()),
    "E3 py": lambda of: _asset(of, "a.py"),
    "E3 war": lambda of: _asset(of, "a.war"),
    "E3 none": lambda of: _asset(of, "a"),
    "E4": lambda of: of.code.from_inline(""),
    "E5 source": lambda of: _asset(of, asset_hash="a", asset_hash_type="SOURCE"),
    "E5 output": lambda of: _asset(of, asset_hash="a", asset_hash_type="OUTPUT"),
    "E6": lambda of: _asset(of, asset_hash_type="CUSTOM"),
    "E6 empty": lambda of: _asset(of, asset_hash="", asset_hash_type="CUSTOM"),
    "E7": lambda of: _asset(of, asset_hash_type="OUTPUT"),
    "no asset": lambda of: _asset(of, "missing"),
    "no path": lambda of: _asset(of, ""),
    "no path, but a hash": lambda of: _asset(of, "", asset_hash="a"),
    "E8 bucket": lambda of: of.code.from_cfn_parameters().bucket_name_param,
    "E8 key": lambda of: of.code.from_cfn_parameters().object_key_param,
    "E8 assign": lambda of: of.code.from_cfn_parameters().assign(bucket_name="b", object_key="k"),
    "E9 file": lambda of: _image(of, file=of.token),
    "E9 directory": lambda of: of.code.from_asset_image(of.token).bind(of.scope()),
    "E9 target": lambda of: _image(of, target=of.token),
    "E9 extra hash": lambda of: _image(of, extra_hash=of.token),
    "E9 display name": lambda of: _image(of, display_name=of.token),
    "E10 args": lambda of: _with_token(of, "build_args"),
    "E10 contexts": lambda of: _with_token(of, "build_contexts"),
    "E10 secrets": lambda of: _with_token(of, "build_secrets"),
    "E11": lambda of: _image(of, "missing"),
    "E12": lambda of: _image(of, file="missing"),
    "E12 below": lambda of: _image(of, file="../missing"),
    "E12 absolute": lambda of: _image(of, file="/etc/missing"),
    "E17": _command,
    "E18": lambda of: _command(of, "sh", "-c", "echo ' o1 '; echo ERR >&2; exit 3"),
    "E18 signal": lambda of: _command(of, "sh", "-c", "kill -9 $$"),
    "E18 bytes": lambda of: _command(of, "sh", "-c", r"printf '\377x'; exit 1"),
    "E18 ignored": lambda of: _command(of, "sh", "-c", "exit 1", stdio="ignore"),
    "E19 program": lambda of: _command(of, "no-such-program"),
    "E19 directory": lambda of: _command(of, "true", cwd="/no-such-directory"),
    "E19 time": lambda of: _command(of, "sleep", "5", timeout=50),
    "no program": lambda of: _command(of, ""),
    "E20": _reference,
    "list parameter": _list_parameter,
    "E21 nothing": lambda of: of.function(_own(of)),
    "E21 empty text": lambda of: of.function(_own(of, inline_code="")),
    "E21 two": lambda of: of.function(_own(of, inline_code="x", image={"image_uri": "u"})),
    "E22 handler": lambda of: of.function(of.code.from_inline("x"), handler="FROM_IMAGE"),
    "E22 image": lambda of: of.function(of.code.from_asset_image(of.path("img")), "i.h", "FROM_IMAGE"),
    "E22 both wrong": lambda of: of.function(of.code.from_asset_image(of.path("img"))),
    "E23 runtime": lambda of: of.function(of.code.from_inline("x"), runtime="FROM_IMAGE"),
    "E23 image": lambda of: of.function(of.code.from_asset_image(of.path("img")), "FROM_IMAGE"),
    "E24 java": lambda of: of.function(of.code.from_inline("x"), runtime="java21"),
    "E24 ruby": lambda of: of.function(of.code.from_inline("x"), runtime="ruby3.3"),
    "layer inline": lambda of: of.layer(of.code.from_inline("x")),
    "layer image": lambda of: of.layer(of.code.from_asset_image(of.path("img"))),
    "display name": lambda of: _asset(of, display_name=of.token),
    "no stack": lambda of: of.code.from_asset(of.path("src")).bind(of.orphan()),
    "no stack for an image": lambda of: of.code.from_asset_image(of.path("img")).bind(of.orphan()),
    "two assets": lambda of: _two(of, of.code.from_asset(of.path("src")), of.code.from_asset("x")),
    "two images": lambda of: _two(of, of.code.from_asset_image(of.path("img")), of.code.from_asset_image("x")),
    "abstract": lambda of: of.code(),
    "no bucket": lambda of: of.bucket(""),
    "short bucket": lambda of: of.bucket("a"),
    "long bucket": lambda of: of.bucket("a" * 64),
    "bucket of other letters": lambda of: of.bucket("a b\n"),
    "bucket with edges": lambda of: of.bucket("-ab_"),
    "bucket with neighbours": lambda of: of.bucket("a..b.-c"),
    "bucket like an address": lambda of: of.bucket("1.2.3.4"),
}  # fmt: skip


def _own(of: Ours, **config: Any) -> Any:
    """Code of a user."""
    if of.cdk is lambda_assets:
        config_class = aws_lambda.CodeConfig
        base: Any = aws_lambda.Code
    else:
        config_class, base = of.cdk.aws_lambda.CodeConfig, of.cdk.aws_lambda.Code

    class Own(base):  # type: ignore[misc]
        def bind(self, _scope: Any) -> Any:
            return config_class(**config)

    return Own()


@pytest.fixture(scope="module")
def cdk() -> Any:
    cdk = pytest.importorskip("aws_cdk")
    for module in ("aws_lambda", "aws_ecr_assets", "aws_s3"):
        pytest.importorskip(f"aws_cdk.{module}")
    return cdk


@pytest.mark.parametrize("name", CASES)
def test_a_refusal_reads_as_that_of_aws_cdk(cdk: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    for file in ("a.py", "a.war", "a"):
        (tmp_path / file).write_text("x", encoding="utf-8")
    theirs = _refusal(Theirs(tmp_path, cdk, cdk.Aws.ACCOUNT_ID), name)
    ours = _refusal(Ours(tmp_path), name)
    kind = TypeError if isinstance(theirs, TypeError) else RuntimeError
    assert isinstance(ours, kind)
    assert isinstance(theirs, kind)
    text, told = _neutral(str(ours)), _neutral(str(theirs))
    code = getattr(ours, "code", "")
    # What is thrown in a constructor comes without the name of the error, and errors of Node with its brackets.
    assert told in {text, f"{code}: {text}", f"TypeError [{code}]: {text}"}


def _refusal(library: Ours, name: str) -> Exception:
    with pytest.raises((RuntimeError, TypeError, lambda_assets.AssetError)) as caught:
        CASES[name](library)
    return caught.value


def _neutral(text: str) -> str:
    """Tokens and the numbered class names of jsii under one name each."""
    return re.sub(
        r"\b(Stack|Construct|DockerImageAsset)2\b", r"\1", re.sub(r"\$\{.*?\}", "<token>", text)
    )
