"""What may be given: paths, sequences and dicts of any kind, and the enums and structs of aws_cdk."""

from __future__ import annotations

import re
import warnings
from pathlib import Path, PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from lambda_assets import (
    App,
    AssetHashType,
    BundlingFileAccess,
    BundlingOptions,
    BundlingOutput,
    Construct,
    DockerImage,
    DockerVolume,
    DockerVolumeConsistency,
    FileAssetPackaging,
    IgnoreMode,
    OptionError,
    OptionTypeError,
    Stack,
    SymlinkFollowMode,
    ValidationError,
)
from lambda_assets.aws_ecr import Repository
from lambda_assets.aws_ecr_assets import DockerCacheOption, NetworkMode, Platform
from lambda_assets.aws_lambda import (
    Code,
    CodeConfig,
    CodeImageConfig,
    S3ObjectStorageMode,
    function_properties,
)

if TYPE_CHECKING:
    from collections.abc import Callable


OWN_RUNTIME = SimpleNamespace(name="own", supports_inline_code=True)


class Bundler:
    """Writes one file."""

    def try_bundle(self, output_dir: str, options: Any) -> bool:  # noqa: ARG002
        Path(output_dir, "out.py").write_text("y\n", encoding="utf-8")
        return True

    def cache_key(self) -> str:
        return "one file"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "index.py").write_text("x\n", encoding="utf-8")
    (tmp_path / "src" / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    return Stack(App(outdir=str(tmp_path / "cdk.out")), "S")


def _key(stack: Stack, name: str, path: Any, **options: Any) -> str:
    location = Code.from_asset(path, **options).bind(Construct(stack, name)).s3_location
    assert location is not None
    return location.object_key


def _tag(stack: Stack, name: str, path: Any, **options: Any) -> str:
    image = Code.from_asset_image(path, **options).bind(Construct(stack, name)).image
    assert image is not None
    return image.image_uri


# The same option in the CDK's form and in another.
SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"exclude": ["*.py", "x"]}, {"exclude": ("*.py", "x")}),
    ({"ignore_mode": IgnoreMode.GIT}, {"ignore_mode": "git"}),
    ({"ignore_mode": IgnoreMode.GIT}, {"ignore_mode": "GIT"}),
    ({"follow_symlinks": SymlinkFollowMode.BLOCK_EXTERNAL}, {"follow_symlinks": "internal-only"}),
    ({"asset_hash": "a", "asset_hash_type": AssetHashType.CUSTOM}, {"asset_hash": "a", "asset_hash_type": "CUSTOM"}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "other"), SAME)
def test_an_option_has_several_forms(
    stack: Stack, tmp_path: Path, given: dict[str, Any], other: dict[str, Any]
) -> None:
    source = str(tmp_path / "src")
    assert _key(stack, "F", source, **given) == _key(stack, "G", tmp_path / "src", **other)


def test_bundling_is_a_struct_or_a_dict_at_every_depth(stack: Stack, tmp_path: Path) -> None:
    volume = DockerVolume(
        host_path="/h", container_path="/c", consistency=DockerVolumeConsistency.CACHED
    )
    struct = BundlingOptions(
        image=DockerImage.from_registry("img:1"),
        command=["sh", "-c", "x"],
        environment={"A": "1"},
        local=Bundler(),
        output_type=BundlingOutput.NOT_ARCHIVED,
        bundling_file_access=BundlingFileAccess.BIND_MOUNT,
        volumes=[volume],
    )
    given = {
        "image": DockerImage.from_registry("img:1"),
        "command": ("sh", "-c", "x"),
        "environment": MappingProxyType({"A": "1"}),
        "local": Bundler(),
        "output_type": "not-archived",
        "bundling_file_access": "BIND_MOUNT",
        "volumes": ({"host_path": "/h", "container_path": "/c", "consistency": "cached"},),
    }
    source = tmp_path / "src"
    assert _key(stack, "F", source, bundling=struct) == _key(stack, "G", source, bundling=given)


def test_options_of_images_have_several_forms(stack: Stack, tmp_path: Path) -> None:
    cache = DockerCacheOption(type="gha", params={"a": "1"})
    struct = _tag(
        stack,
        "F",
        str(tmp_path / "src"),
        cache_from=[cache],
        platform=Platform.LINUX_ARM64,
        network_mode=NetworkMode.HOST,
        invalidation={"platform": True},
        file="Dockerfile",
        outputs=["type=tar"],
    )
    other = _tag(
        stack,
        "G",
        tmp_path / "src",
        cache_from=({"type": "gha", "params": {"a": "1"}},),
        platform="linux/arm64",
        network_mode="host",
        file=PurePosixPath("Dockerfile"),
        outputs=("type=tar",),
    )
    assert struct == other


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda _: Code.from_asset(b"src"), OptionTypeError, "path must be str, not bytes"),
        (lambda _: Code.from_asset(None), OptionTypeError, "path must be str or os.PathLike, not NoneType"),
        (lambda _: Code.from_asset("a\0"), OptionError, "path must not contain a NUL character"),
        (lambda _: Code.from_asset_image(1), OptionTypeError, "directory must be str or os.PathLike, not int"),
        (lambda s: _key(s, "F", ".", exclude="*.py"), OptionTypeError, "exclude must be a sequence of patterns"),
        (lambda s: _key(s, "F", ".", ignore_mode="perl"), OptionError, "unknown ignore_mode 'perl'"),
        (lambda s: _key(s, "F", ".", asset_hash_type="all"), OptionError, "unknown asset_hash_type 'all'"),
        (lambda s: _key(s, "F", ".", bundling={}), OptionTypeError, "bundling needs the field 'image'"),
        (
            lambda s: _key(s, "F", ".", bundling={"image": "x", "workingDirectory": "/"}),
            OptionTypeError,
            "bundling has no field 'workingDirectory'",
        ),
        (lambda s: _key(s, "F", ".", bundling={"image": "x"}), OptionTypeError, "bundling.image must be DockerImage"),
        (lambda _: CodeConfig(image={"uri": "x"}), OptionTypeError, "image has no field 'uri'"),
        (lambda _: CodeConfig(s3_location="x"), OptionTypeError, "s3_location must be Location or a dict, not str"),
        (lambda _: CodeConfig(s3_object_storage_mode=1), OptionTypeError, "must be an S3ObjectStorageMode, not int"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_refused_by_name(
    stack: Stack, call: Callable[[Stack], object], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=re.escape(text)):
        call(stack)


def test_a_bundler_needs_no_source_if_the_hash_is_given(stack: Stack, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "bundling": {"image": DockerImage.from_registry("img:1"), "local": Bundler()},
        "asset_hash": "v1",
    }
    code = Code.from_asset(None, **given)
    assert code.path == ""
    location = code.bind(Construct(stack, "F")).s3_location
    assert location is not None
    assert location.object_key == _key(stack, "G", tmp_path / "src", **given)
    (staged,) = (tmp_path / "cdk.out").glob("asset.*")
    assert [path.name for path in staged.iterdir()] == ["out.py"]
    for missing in given:
        with pytest.raises(OptionTypeError, match="path must be str"):
            Code.from_asset(None, **{k: v for k, v in given.items() if k != missing})


def test_every_option_is_a_keyword() -> None:
    for call in (
        Code.from_asset,
        Code.from_asset_image,
        Code.from_ecr_image,
        Code.from_cfn_parameters,
    ):
        with pytest.raises(TypeError, match="positional"):
            call("x", {"exclude": []}, {})  # type: ignore[operator]
    with pytest.raises(TypeError, match="unexpected keyword argument 'nope'"):
        Code.from_asset("x", nope=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("member", "wire"),
    [
        (AssetHashType.SOURCE, "source"), (AssetHashType.OUTPUT, "output"), (AssetHashType.CUSTOM, "custom"),
        (BundlingOutput.ARCHIVED, "archived"), (BundlingOutput.NOT_ARCHIVED, "not-archived"),
        (BundlingOutput.AUTO_DISCOVER, "auto-discover"), (BundlingOutput.SINGLE_FILE, "single-file"),
        (BundlingFileAccess.VOLUME_COPY, "VOLUME_COPY"), (BundlingFileAccess.BIND_MOUNT, "BIND_MOUNT"),
        (DockerVolumeConsistency.CONSISTENT, "consistent"), (DockerVolumeConsistency.DELEGATED, "delegated"),
        (DockerVolumeConsistency.CACHED, "cached"), (FileAssetPackaging.ZIP_DIRECTORY, "zip"),
        (FileAssetPackaging.FILE, "file"), (S3ObjectStorageMode.COPY, "COPY"),
        (S3ObjectStorageMode.REFERENCE, "REFERENCE"),
    ],
)  # fmt: skip
def test_members_have_the_values_of_the_manifests(member: Any, wire: str) -> None:
    assert member.value == wire


def test_parameters_belong_to_one_stack(stack: Stack) -> None:
    code = Code.from_cfn_parameters()
    code.bind(Construct(stack, "F"))
    with pytest.raises(ValidationError, match=r"belongs to the stack 'S'") as caught:
        code.bind(Construct(Stack(stack.node.root, "T"), "F"))
    assert caught.value.code == "ParameterOfAnotherStack"


def test_an_address_in_a_repository_is_joined(stack: Stack) -> None:
    repository = Repository.from_repository_name(stack, "R", "my/repo")
    config = Code.from_ecr_image(repository, tag_or_digest="sha256:ab").bind(stack)
    parts = [
        {"Ref": "AWS::AccountId"}, ".dkr.ecr.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"},
        "/my/repo@sha256:ab",
    ]  # fmt: skip
    assert function_properties(config)["Code"] == {"ImageUri": {"Fn::Join": ["", parts]}}


@pytest.mark.parametrize(
    ("config", "handler", "runtime", "shown"),
    [
        (CodeConfig(inline_code="x"), "i.h", "python3.13", {"Handler": "i.h", "Runtime": "python3.13"}),
        (CodeConfig(inline_code="x"), "i.h", OWN_RUNTIME, {"Handler": "i.h", "Runtime": "own"}),
        (CodeConfig(inline_code="x"), None, None, {}),
        (CodeConfig(image=CodeImageConfig(image_uri="u")), "FROM_IMAGE", "FROM_IMAGE", {"PackageType": "Image"}),
    ],
)  # fmt: skip
def test_handler_and_runtime_are_shown_where_they_are_given(
    config: CodeConfig, handler: str | None, runtime: object, shown: dict[str, str]
) -> None:
    properties = function_properties(config, handler=handler, runtime=runtime)
    assert {key: value for key, value in properties.items() if key != "Code"} == shown


@pytest.mark.aws_cdk
def test_enums_and_structs_of_aws_cdk_are_accepted(stack: Stack, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cdk = pytest.importorskip("aws_cdk")
        images = pytest.importorskip("aws_cdk.aws_ecr_assets")
        functions = pytest.importorskip("aws_cdk.aws_lambda")
    source = tmp_path / "src"
    theirs: dict[str, Any] = {
        "exclude": ["x"],
        "ignore_mode": cdk.IgnoreMode.DOCKER,
        "follow_symlinks": cdk.SymlinkFollowMode.NEVER,
        "asset_hash_type": cdk.AssetHashType.SOURCE,
        "bundling": cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("img:1"),
            output_type=cdk.BundlingOutput.NOT_ARCHIVED,
            local=None,
            volumes=[cdk.DockerVolume(host_path="/h", container_path="/c")],
        ),
    }
    given = BundlingOptions(
        image=DockerImage.from_registry("img:1"),
        output_type=BundlingOutput.NOT_ARCHIVED,
        volumes=[DockerVolume(host_path="/h", container_path="/c")],
    )
    ours = {
        "exclude": ["x"],
        "ignore_mode": IgnoreMode.DOCKER,
        "follow_symlinks": SymlinkFollowMode.NEVER,
        "asset_hash_type": AssetHashType.SOURCE,
        "bundling": given,
    }
    # Nothing is built for a stack that is not selected.
    stack.node.set_context("aws:cdk:bundling-stacks", [])
    assert _key(stack, "F", source, **theirs) == _key(stack, "G", source, **ours)
    assert _tag(
        stack,
        "I",
        source,
        platform=images.Platform.LINUX_ARM64,
        network_mode=images.NetworkMode.HOST,
        cache_from=[images.DockerCacheOption(type="gha")],
        invalidation=images.DockerImageAssetInvalidationOptions(target=False),
    ) == _tag(stack, "J", source, platform=Platform.LINUX_ARM64, network_mode=NetworkMode.HOST)
    config = CodeConfig(
        s3_location=functions.CodeConfig(
            s3_location={"bucket_name": "b", "object_key": "k"}
        ).s3_location,
        s3_object_storage_mode=functions.S3ObjectStorageMode.COPY,
    )
    assert function_properties(config)["Code"] == {
        "S3Bucket": "b",
        "S3Key": "k",
        "S3ObjectStorageMode": "COPY",
    }
