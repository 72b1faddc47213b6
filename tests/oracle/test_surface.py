"""The API beside the installed aws_cdk, by introspection: names, order, keyword-only arguments and defaults."""

from __future__ import annotations

import enum
import importlib
import inspect
import os
import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Every class that has to be there: our module, then the names. The second module is that of aws_cdk.
CLASSES = [
    ("aws_lambda", "aws_lambda", name)
    for name in (
        "Architecture", "AssetCode", "AssetImageCode", "AssetImageCodeProps", "BucketOptions", "CfnParametersCode",
        "CfnParametersCodeProps", "Code", "CodeConfig", "CodeImageConfig", "CustomCommandOptions",
        "DockerImageCode", "EcrImageCode", "EcrImageCodeProps", "InlineCode",
        "ResourceBindOptions", "S3Code", "S3CodeV2", "S3ObjectStorageMode",
    )
] + [
    ("aws_s3_assets", "aws_s3_assets", "Asset"),
    ("aws_s3_assets", "aws_s3_assets", "AssetOptions"),
    ("aws_s3_assets", "aws_s3_assets", "AssetProps"),
    ("aws_s3", "aws_s3", "Location"),
    ("aws_ecr_assets", "aws_ecr_assets", "DockerImageAsset"),
    ("aws_ecr_assets", "aws_ecr_assets", "TarballImageAsset"),
    ("aws_ecr_assets", "aws_ecr_assets", "DockerImageAssetInvalidationOptions"),
    ("aws_ecr_assets", "aws_ecr_assets", "DockerCacheOption"),
    ("aws_ecr_assets", "aws_ecr_assets", "NetworkMode"),
    ("aws_ecr_assets", "aws_ecr_assets", "Platform"),
] + [
    (home, "", name)
    for home, name in (
        ("", "FileAssetPackaging"), ("", "FileSystem"), ("", "IgnoreMode"), ("", "SymlinkFollowMode"),
        ("aws_ecr_assets", "DockerBuildSecret"), ("aws_ecr_assets", "DockerCacheOption"),
        ("bundling", "BundlingFileAccess"), ("bundling", "BundlingOptions"), ("bundling", "BundlingOutput"),
        ("bundling", "DockerVolume"), ("bundling", "DockerVolumeConsistency"),
        ("docker.image", "DockerImage"), ("staging", "AssetHashType"), ("staging", "AssetStaging"),
    )
]  # fmt: skip

# What aws_cdk has and we don't, or have otherwise, each with its reason.
ACCEPTED: dict[str, str] = {
    "AssetStaging.__init__": "also takes how an asset is staged",
    "DockerImageCode.__init__": "only its factories make one",
    "DockerImageAsset.PROPERTY_INJECTION_ID": "nothing is injected here",
    "DockerImage.__init__": "the second parameter is private there",
    "FileSystem.rmrf": "removes anything, and nothing here needs it",
}


@pytest.fixture(scope="module")
def cdk() -> Any:
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1")
    os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("aws_cdk")


@pytest.mark.parametrize(("ours", "theirs", "name"), CLASSES)
def test_a_class_offers_what_that_of_aws_cdk_offers(
    cdk: Any, ours: str, theirs: str, name: str
) -> None:
    their_class = getattr(importlib.import_module(f"aws_cdk.{theirs}") if theirs else cdk, name)
    our_module = importlib.import_module(f"lambda_assets.{ours}" if ours else "lambda_assets")
    our_class = getattr(our_module, name, None)
    assert our_class is not None, "missing"
    differences = dict(_differences(our_class, their_class))
    accepted = {k.partition(".")[2] for k in ACCEPTED if k.partition(".")[0] == name}
    assert differences.keys() == accepted, differences


def _differences(ours: Any, theirs: Any) -> Iterator[tuple[str, str]]:
    if issubclass(theirs, enum.Enum):
        if set(ours.__members__) != set(theirs.__members__):
            yield "members", f"{set(ours.__members__) ^ set(theirs.__members__)}"
        return
    there = _attributes(ours)
    for name, member in vars(theirs).items():
        if name.startswith("_") and name != "__init__":
            continue
        if name not in there:
            yield name, "missing"
        elif inspect.isroutine(member) and not _plain_constructor(ours, name):
            mine, yours = _parameters(getattr(ours, name)), _parameters(getattr(theirs, name))
            if mine != yours:
                yield name, f"ours {mine}, theirs {yours}"


def _plain_constructor(ours: Any, name: str) -> bool:
    """Whether this is a constructor that nobody calls, and that we don't define."""
    return name == "__init__" and ours.__init__ is object.__init__


def _attributes(cls: Any) -> set[str]:
    """What an instance has: methods and properties, and what the constructor sets."""
    declared = {name for base in cls.__mro__ for name in vars(base).get("__annotations__", ())}
    source = inspect.getsource(cls)
    return declared | set(dir(cls)) | set(re.findall(r"self\.(\w+)(?:: [^=]+)? = ", source))


def _parameters(function: Any) -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    """Positional parameters in order, and keyword-only ones; an enum's default by its name."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    positional = [(p.name, p.default) for p in parameters if p.kind is not p.KEYWORD_ONLY]
    return positional, {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
