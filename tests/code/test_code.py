"""Code and its factories: hashes, template fragments, laziness, and every documented error."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_assets import OptionError, OptionTypeError, ValidationError, aws_lambda
from lambda_assets.assembly.parameter import CfnParameter
from lambda_assets.assembly.scope import App, Construct, Stack
from lambda_assets.assembly.template import CfnResource
from lambda_assets.aws_ecr import Repository
from lambda_assets.aws_ecr_assets import NetworkMode, Platform
from lambda_assets.aws_lambda import Code, CodeConfig, CodeImageConfig, S3ObjectStorageMode
from lambda_assets.aws_s3 import Bucket, Location
from lambda_assets.aws_s3_assets import Asset

# Hashes of aws-cdk-lib 2.275.0 (spec api, sections 6 and 11).
SOURCE = "811492c7d8c8ad7a0e96d64e824426a6b7d7b67ccb4a779766e95ec670dc4c48"
IMAGE = "d063478d3f2b3a4bc93f9d3c3cb1996058d43ace46e538bb3c752602504c00e6"

ENVIRONMENT = {"account": "111111111111", "region": "eu-west-1"}
KEY = SimpleNamespace(key_arn="arn:aws:kms:eu-west-1:111111111111:key/k")
WARNING = "aws:cdk:warning"


def resource(kind: str = "AWS::Lambda::Function", **properties: Any) -> CfnResource:
    return CfnResource("R", {"Type": kind, "Properties": properties})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "src"
    root.mkdir()
    (root / "index.py").write_bytes(b"def handler(e,c): return 1\n")
    return root


@pytest.fixture
def image(tmp_path: Path) -> Path:
    root = tmp_path / "img"
    (root / "sub").mkdir(parents=True)
    (root / "Dockerfile").write_bytes(b"FROM scratch\n")
    (root / "app.py").write_bytes(b"x=1\n")
    (root / "sub" / "Dockerfile.alt").write_bytes(b"FROM scratch\n")
    return root


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(outdir=str(tmp_path / "cdk.out"))


@pytest.fixture
def stack(app: App) -> Stack:
    return Stack(app, "S")


@pytest.fixture
def function(stack: Stack) -> Construct:
    return Construct(stack, "F")


def code_property(config: CodeConfig) -> Any:
    return aws_lambda.function_properties(config)["Code"]


@pytest.mark.parametrize(
    ("options", "digest"),
    [
        ({}, SOURCE),
        ({"asset_hash": ""}, SOURCE),
        (
            {"follow_symlinks": "ALWAYS"},
            "d23706a91590ea1129722888c9f0e7e41c4044f18098c006860b0498171e7668",
        ),
        (
            {"ignore_mode": "GIT"},
            "d096b8d54bcfb20394c3e8402125a49ea91a7f6b16a7d3fadb8c0b84fb5d7f7f",
        ),
        (
            {"asset_hash": "abc"},
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        ({"exclude": ("**",)}, "1ebc9d3ac2033816c4abb63e4afd69d350b4aba8704cc9236b82ea520b74f4b0"),
    ],
)
def test_from_asset_has_the_hash_of_the_real_library(
    function: Construct, source: Path, options: dict[str, Any], digest: str
) -> None:
    config = Code.from_asset(source, **options).bind(function)
    assert config.s3_location is not None
    assert config.s3_location.object_key == f"{digest}.zip"


@pytest.mark.parametrize(
    ("options", "digest"),
    [
        ({}, IMAGE),
        ({"cmd": ["a"], "asset_name": "n", "display_name": "d", "cache_disabled": True}, IMAGE),
        (
            {"platform": Platform.LINUX_ARM64},
            "1c1455bc12f38c87925650bd01be917b1e2b058b89d7f3075e96d6f2e1a27e25",
        ),
        (
            {"network_mode": NetworkMode.HOST},
            "11c9200cc5e896c06a24e7b7e360f2cecc66434c2fa6f10bbfc673bf5e04c0e0",
        ),
        (
            {"build_args": {"A": "1", "B": "2"}},
            "6afaebf22077e5c77e0b96e7a712cdacaaaf2b9512debeebdb5fe581d68b67f3",
        ),
        (
            {"build_args": {"B": "2", "A": "1"}},
            "865850d68c026294389774cd367a2f20579834959f24ecdb295a8cb931fdb74e",
        ),
        (
            {"build_args": {"b": "0", "10": "a", "2": "b"}},
            "f26b928c1042ad24c0048d4fc3f2d89ae411cc7af27dc36356d1aff36a1a8e7b",
        ),
        (
            {"file": "sub/Dockerfile.alt"},
            "4024088d6055e22ee8c329d43f4f9f37c63d1b0df96fb24cef0e6c69be11a21b",
        ),
        (
            {"file": "Dockerfile"},
            "237305b6ad4db5d35df5a78d9ac1e5d5fb6abc374c8dabd5852bac3561195798",
        ),
        (
            {"extra_hash": "eh"},
            "9b437f7592b2336066d53f1cb029ed49c1468be380bef0b95364078b5b6a7a70",
        ),
        (
            {"exclude": ["*.py"]},
            "aedb79f9f05f38ad168ea5b70971ca7ef1d6b521cbea6d30fe9e487963928701",
        ),
        (
            {"ignore_mode": "GLOB"},
            "8de8a1241696696982e91a04e596e8773c9f44a5a585d575fed3506be66fb80b",
        ),
    ],
)
def test_from_asset_image_has_the_hash_of_the_real_library(
    function: Construct, image: Path, options: dict[str, Any], digest: str
) -> None:
    config = Code.from_asset_image(image, **options).bind(function)
    assert config.image is not None
    assert config.image.image_uri.endswith(f":{digest}")


def test_fragments_of_a_template_without_an_environment(
    function: Construct, source: Path, image: Path
) -> None:
    assert code_property(Code.from_asset(source).bind(function)) == {
        "S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"},
        "S3Key": f"{SOURCE}.zip",
    }
    repository = "cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}"
    address = "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}"
    code = Code.from_asset_image(image, cmd=["a"], entrypoint=("e", "f"), working_directory="/w")
    assert aws_lambda.function_properties(code.bind(function)) == {
        "Code": {"ImageUri": {"Fn::Sub": f"{address}/{repository}:{IMAGE}"}},
        "ImageConfig": {"Command": ["a"], "EntryPoint": ["e", "f"], "WorkingDirectory": "/w"},
        "PackageType": "Image",
    }


def test_fragments_of_a_template_with_an_environment(app: App, source: Path, image: Path) -> None:
    function = Construct(Stack(app, "E", env=ENVIRONMENT), "F")
    assert code_property(Code.from_asset(source).bind(function)) == {
        "S3Bucket": "cdk-hnb659fds-assets-111111111111-eu-west-1",
        "S3Key": f"{SOURCE}.zip",
    }
    uri = (
        "111111111111.dkr.ecr.eu-west-1.${AWS::URLSuffix}"
        f"/cdk-hnb659fds-container-assets-111111111111-eu-west-1:{IMAGE}"
    )
    assert code_property(Code.from_asset_image(image).bind(function)) == {
        "ImageUri": {"Fn::Sub": uri}
    }


def test_nothing_is_read_before_bind(function: Construct) -> None:
    code = Code.from_asset("/nonexistent")
    assert code.path == "/nonexistent"
    Code.from_asset_image("/nonexistent")
    with pytest.raises(ValidationError, match=r"^Cannot find asset at /nonexistent$"):
        code.bind(function)


def test_is_inline_is_true_for_inline_code_only(stack: Stack) -> None:
    bucket = Bucket.from_bucket_name(stack, "B", "a-bucket")
    repository = Repository.from_repository_name(stack, "R", "r")
    others = [
        Code.from_asset("x"), Code.from_asset_image("x"), Code.from_bucket(bucket, "k", "1"),
        Code.from_bucket_v2(bucket, "k", object_version="1"), Code.from_cfn_parameters(),
        Code.from_ecr_image(repository),
    ]  # fmt: skip
    assert Code.from_inline("x").is_inline
    assert [code.is_inline for code in others] == [False] * 6
    assert not hasattr(Code, "is_inline")


def test_code_is_abstract_and_factories_are_inherited() -> None:
    with pytest.raises(TypeError, match=r"abstract"):
        Code()  # type: ignore[abstract]
    assert isinstance(aws_lambda.AssetCode.from_inline("x"), aws_lambda.InlineCode)
    with pytest.raises(TypeError, match=r"positional"):
        Code.from_asset("x", {})  # type: ignore[misc]


def test_the_second_bind_in_a_stack_makes_nothing_new(stack: Stack, source: Path) -> None:
    code = Code.from_asset(source)
    first, second = Construct(stack, "F"), Construct(stack, "G")
    assert code.bind(first) == code.bind(second)
    assert [child.node.id for child in first.node.children] == ["Code"]
    assert second.node.children == []


@pytest.mark.parametrize("kind", ["asset", "image"])
def test_one_code_in_two_stacks_is_an_error(
    app: App, stack: Stack, source: Path, image: Path, kind: str
) -> None:
    code = Code.from_asset(source) if kind == "asset" else Code.from_asset_image(image)
    code.bind(Construct(stack, "F"))
    with pytest.raises(ValidationError) as caught:
        code.bind(Construct(Stack(app, "T"), "F"))
    assert str(caught.value) == (
        "Asset is already associated with another stack 'S'. Create a new Code instance for every stack."
    )
    assert caught.value.code == "AssetAlreadyAssociatedWithStack"
    assert isinstance(caught.value, RuntimeError)


def test_two_codes_in_one_scope_are_an_error(function: Construct, source: Path) -> None:
    Code.from_asset(source).bind(function)
    with pytest.raises(ValidationError, match=r"There is already a Construct with name 'Code' in"):
        Code.from_asset(source).bind(function)


@pytest.mark.parametrize("code", [Code.from_asset("x"), Code.from_asset_image("x")])
def test_bind_to_resource_before_bind_is_an_error(code: Code) -> None:
    with pytest.raises(
        ValidationError, match=r"^bindToResource\(\) must be called after bind\(\)$"
    ):
        code.bind_to_resource(resource())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a.zip", ".zip"),
        ("a.ZIP", ".zip"),
        ("a.jar", ".jar"),
        ("a.tar.gz", ".gz"),
        ("a.tgz", ".tgz"),
    ],
)
def test_archives_are_uploaded_as_they_are(
    function: Construct, tmp_path: Path, name: str, key: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK")
    config = Code.from_asset(path).bind(function)
    assert config.s3_location is not None
    digest, dot, extension = config.s3_location.object_key.partition(".")
    assert (len(digest), dot + extension) == (64, key)


@pytest.mark.parametrize("name", ["a.war", "a.py", "a"])
def test_another_file_is_refused(function: Construct, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    with pytest.raises(ValidationError) as caught:
        Code.from_asset(path).bind(function)
    assert str(caught.value) == f"Asset must be a .zip file or a directory ({path})"
    assert caught.value.code == "AssetMustBeZipFile"


@pytest.mark.parametrize("enabled", [True, "false", 1, None, False, ""])
def test_metadata_of_a_resource_is_written_if_the_context_is_true_in_javascript(
    tmp_path: Path, source: Path, enabled: Any
) -> None:
    app = App(outdir=str(tmp_path / "cdk.out"), context={"aws:cdk:enable-asset-metadata": enabled})
    code = Code.from_asset(source)
    code.bind(Construct(Stack(app, "S"), "F"))
    function = resource()
    code.bind_to_resource(function, resource_property="")
    expected = {
        "aws:asset:path": f"asset.{SOURCE}",
        "aws:asset:is-bundled": False,
        "aws:asset:property": "Code",
    }
    assert function.document.get("Metadata") == (expected if enabled else None)
    code.bind_to_resource(function, resource_property="Content")
    metadata = function.document.get("Metadata", {})
    assert metadata.get("aws:asset:property") == ("Content" if enabled else None)


def test_a_key_is_shown_for_functions_and_not_for_layers(function: Construct, source: Path) -> None:
    config = Code.from_asset(source, source_kms_key=KEY).bind(function)
    assert code_property(config)["SourceKMSKeyArn"] == KEY.key_arn
    assert "SourceKMSKeyArn" not in aws_lambda.layer_content(config)
    reference = SimpleNamespace(key_ref=KEY)
    code = Code.from_cfn_parameters(source_kms_key=reference)
    assert code.bind(function).source_kms_key_arn == KEY.key_arn


def test_inline_code(function: Construct) -> None:
    text = "def handler(e, c): return '${x}'"
    assert code_property(Code.from_inline(text).bind(function)) == {"ZipFile": text}
    with pytest.raises(ValidationError, match=r"^Lambda inline code cannot be empty$") as caught:
        Code.from_inline("")
    assert caught.value.code == "LambdaInlineCodeCannotBeEmpty"
    with pytest.raises(OptionTypeError, match=r"code must be str, not bytes"):
        Code.from_inline(b"x")  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match=r"Lambda refuses more than 4194304"):
        Code.from_inline("x" * 5_000_000)


def test_an_object_in_a_bucket(stack: Stack, function: Construct) -> None:
    bucket = Bucket.from_bucket_name(stack, "B", "bucket")
    code = Code.from_bucket(bucket, "k/x.zip", "ver1")
    expected = {"S3Bucket": "bucket", "S3Key": "k/x.zip", "S3ObjectVersion": "ver1"}
    assert code_property(code.bind(function)) == expected
    assert bucket.node.metadata == []
    second = Code.from_bucket_v2(
        bucket, "k/x.zip", object_version="v1", s3_object_storage_mode="COPY", source_kms_key=KEY
    )
    assert code_property(second.bind(function)) == {
        "S3Bucket": "bucket",
        "S3Key": "k/x.zip",
        "S3ObjectStorageMode": "COPY",
        "S3ObjectVersion": "v1",
        "SourceKMSKeyArn": KEY.key_arn,
    }


@pytest.mark.parametrize(
    ("factory", "named"),
    [
        ("from_bucket", ("objectVersion", "S3Code.fromBucket()")),
        ("from_bucket_v2", ("options.objectVersion", "S3Code.fromBucketV2()")),
    ],
)
def test_an_object_without_a_version_gives_the_bucket_a_warning(
    stack: Stack, factory: str, named: tuple[str, str]
) -> None:
    bucket = Bucket.from_bucket_name(stack, "B", "bucket")
    getattr(Code, factory)(bucket, "k")
    option, call = named
    (entry,) = bucket.node.metadata
    assert entry.type == WARNING
    assert entry.data.startswith(f"{option} is not defined for {call}. The lambda will")
    assert entry.data.endswith(
        f"or set {option}. [ack: @aws-cdk/aws-lambda:codeFromBucketObjectVersionNotSpecified]"
    )
    aws_lambda.S3Code(bucket, "k")
    assert len(bucket.node.metadata) == 1


def test_reference_needs_a_version_and_warns_about_policies() -> None:
    bucket = SimpleNamespace(bucket_name="b", encryption_key=KEY)
    with pytest.raises(ValidationError, match=r"^set objectVersion when using") as caught:
        aws_lambda.S3CodeV2(bucket, "k", s3_object_storage_mode=S3ObjectStorageMode.REFERENCE)
    assert caught.value.code == "S3ObjectStorageModeReferenceRequiresObjectVersion"
    with pytest.raises(OptionError, match=r"unknown s3_object_storage_mode 'MOVE'"):
        aws_lambda.S3CodeV2(bucket, "k", s3_object_storage_mode="MOVE")
    code = aws_lambda.S3CodeV2(bucket, "k", object_version="1", s3_object_storage_mode="REFERENCE")
    assert _said(code, resource()) == ["WildcardSourceArn", "BucketPolicy", "KeyPolicy"]
    assert _said(code, resource(FunctionName="f")) == ["BucketPolicy", "KeyPolicy"]
    assert _said(code, resource("AWS::Lambda::LayerVersion")) == [
        "WildcardSourceArn", "BucketPolicy", "KeyPolicy",
    ]  # fmt: skip
    assert _said(code, resource("AWS::S3::Bucket")) == []


def _said(code: Code, target: CfnResource) -> list[str]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        code.bind_to_resource(target)
    names = ("WildcardSourceArn", "BucketPolicy", "KeyPolicy")
    return [next(n for n in names if f"{n}]" in str(each.message)) for each in said]


def test_a_bucket_without_a_name_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"^bucketName is undefined for the provided bucket$"):
        aws_lambda.S3Code(SimpleNamespace(bucket_name=""), "k")


def test_parameters(function: Construct) -> None:
    code = Code.from_cfn_parameters()
    with pytest.raises(ValidationError, match=r"before accessing the bucketNameParam property$"):
        code.bucket_name_param  # noqa: B018
    with pytest.raises(ValidationError, match=r"before accessing the objectKeyParam property$"):
        code.object_key_param  # noqa: B018
    with pytest.raises(ValidationError, match=r"before accessing the bucketNameParam property$"):
        code.assign(bucket_name="b", object_key="k")
    assert code_property(code.bind(function)) == {
        "S3Bucket": {"Ref": "FLambdaSourceBucketNameParameter3390DEA0"},
        "S3Key": {"Ref": "FLambdaSourceObjectKeyParameter2BA6896A"},
    }
    assert code.assign(bucket_name="b", object_key="k", object_version="v") == {
        "FLambdaSourceBucketNameParameter3390DEA0": "b",
        "FLambdaSourceObjectKeyParameter2BA6896A": "k",
    }
    code.bind(function)
    assert len(function.node.children) == 2


def test_parameters_that_are_given_are_in_the_template(app: App, stack: Stack) -> None:
    name = CfnParameter(stack, "Name", default="x")
    code = Code.from_cfn_parameters(bucket_name_param=name)
    assert code.bucket_name_param == "Name"
    code.bind(Construct(stack, "F"))
    app.synth()
    template = json.loads(Path(app.outdir, "S.template.json").read_text(encoding="utf-8"))
    assert template["Parameters"]["Name"] == {"Type": "String", "Default": "x"}
    assert template["Parameters"]["FLambdaSourceObjectKeyParameter2BA6896A"] == {"Type": "String"}


def test_a_list_parameter_is_refused(stack: Stack) -> None:
    wrong = CfnParameter(stack, "L", type="List<String>")
    with pytest.raises(
        ValidationError, match=r"^Parameter type \(List<String>\) is not a string or number type$"
    ):
        Code.from_cfn_parameters(bucket_name_param=wrong).bind(Construct(stack, "F"))


@pytest.mark.parametrize(
    ("options", "suffix"),
    [
        ({}, ":latest"),
        ({"tag": "t"}, ":t"),
        ({"tag": "t", "tag_or_digest": "u"}, ":u"),
        ({"tag_or_digest": "sha256:ab"}, "@sha256:ab"),
        ({"tag_or_digest": ""}, ""),
    ],
)
def test_an_image_in_a_repository(stack: Stack, options: dict[str, str], suffix: str) -> None:
    repository = Repository.from_repository_name(stack, "R", "my/repo")
    config = Code.from_ecr_image(repository, cmd=["a"], **options).bind(stack)
    address = "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/my/repo"
    assert config == CodeConfig(image=CodeImageConfig(image_uri=address + suffix, cmd=["a"]))


def test_structs_are_instances_or_dicts() -> None:
    config = CodeConfig(s3_location={"bucket_name": "b", "object_key": "k"})  # type: ignore[arg-type]
    assert config.s3_location == Location(bucket_name="b", object_key="k")
    assert repr(CodeConfig(inline_code="x")) == "CodeConfig(inline_code='x')"
    with pytest.raises(OptionTypeError):
        CodeConfig(image={"uri": "x"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "config",
    [
        CodeConfig(),
        CodeConfig(inline_code=""),
        CodeConfig(inline_code="x", image=CodeImageConfig(image_uri="u")),
    ],
)
def test_a_function_has_exactly_one_kind_of_code(config: CodeConfig) -> None:
    with pytest.raises(ValidationError, match=r"^lambda.Code must specify exactly one of: "):
        aws_lambda.function_properties(config)


def test_layers_refuse_inline_code_and_images() -> None:
    with pytest.raises(
        ValidationError, match=r"^Inline code is not supported for AWS Lambda layer"
    ):
        aws_lambda.layer_content(CodeConfig(inline_code="x"))
    with pytest.raises(ValidationError, match=r"^Code must define an S3 location$"):
        aws_lambda.layer_content(CodeConfig(image=CodeImageConfig(image_uri="u")))


def test_docker_image_code_takes_the_platform_of_the_architecture(
    function: Construct, image: Path
) -> None:
    code = aws_lambda.DockerImageCode.from_image_asset(image)
    config = code.code(aws_lambda.Architecture.ARM_64).bind(function)
    assert config.image is not None
    assert config.image.image_uri.endswith(
        ":1c1455bc12f38c87925650bd01be917b1e2b058b89d7f3075e96d6f2e1a27e25"
    )


def test_an_asset_knows_its_place(stack: Stack, source: Path) -> None:
    statements: list[Any] = []
    reader = SimpleNamespace(add_to_principal_policy=statements.append)
    asset = Asset(stack, "A", path=source, readers=[reader])
    assert (asset.asset_hash, asset.asset_path) == (SOURCE, f"asset.{SOURCE}")
    assert (asset.is_file, asset.is_zip_archive) == (False, True)
    bucket = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
    assert asset.bucket.bucket_name == asset.s3_bucket_name == bucket
    assert asset.s3_object_url == f"s3://{bucket}/{SOURCE}.zip"
    suffix = "https://s3.${AWS::Region}.${AWS::URLSuffix}"
    assert asset.http_url == f"{suffix}/{bucket}/{SOURCE}.zip"
    arn = f"arn:${{AWS::Partition}}:s3:::{bucket}"
    actions = ["s3:GetObject*", "s3:GetBucket*", "s3:List*"]
    assert statements == [{"Action": actions, "Effect": "Allow", "Resource": [arn, f"{arn}/*"]}]
    with pytest.raises(ValidationError, match=r"^Asset path cannot be empty$"):
        Asset(stack, "E", path="")
