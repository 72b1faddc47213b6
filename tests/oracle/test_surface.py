"""The API beside the installed aws_cdk, by introspection: names, kinds of argument, defaults, members and constants."""

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

# What the specification lists of the surface (spec api, api-surface.json), by module of aws_cdk. Ours has the same name
# below lambda_assets.
WANTED = {
    "aws_lambda": """Architecture AssetCode AssetImageCode AssetImageCodeProps BucketOptions CfnParametersCode
        CfnParametersCodeProps Code CodeConfig CodeImageConfig CustomCommandOptions DockerBuildAssetOptions DockerImageCode
        EcrImageCode EcrImageCodeProps Handler InlineCode ResourceBindOptions S3Code S3CodeV2 S3ObjectStorageMode""",
    "aws_s3_assets": "Asset AssetOptions AssetProps",
    "aws_s3": "Location",
    "aws_ecr_assets": """DockerCacheOption DockerImageAsset DockerImageAssetInvalidationOptions DockerImageAssetOptions
        DockerImageAssetProps NetworkMode Platform TarballImageAsset TarballImageAssetProps""",
    "": """AssetHashType AssetOptions AssetStaging AssetStagingProps BundlingFileAccess BundlingOptions BundlingOutput
        CopyOptions DockerBuildOptions DockerBuildSecret DockerCacheOption
        DockerIgnoreStrategy DockerImage DockerImageAssetLocation DockerImageAssetSource DockerRunOptions DockerVolume
        DockerVolumeConsistency Environment FileAssetLocation FileAssetPackaging FileAssetSource FileCopyOptions
        FileFingerprintOptions FileSystem FingerprintOptions GitIgnoreStrategy GlobIgnoreStrategy IgnoreMode
        IgnoreStrategy ILocalBundling SymlinkFollowMode""",
}
CLASSES = [(module, name) for module, names in WANTED.items() for name in names.split()]

# What aws_cdk has and we don't, or have otherwise: the class, the member (empty for all of it), and the reason.
ACCEPTED: dict[tuple[str, str], str] = {
    ("DockerImage", "__init__"): "the second parameter is private there",
    ("DockerImageCode", "__init__"): "only its factories make one",
    ("DockerImageAsset", "PROPERTY_INJECTION_ID"): "nothing is injected here",
    ("ILocalBundling", "try_bundle"): "a bundler may take the options as one value or by name",
    ("FileSystem", "rmrf"): "removes anything, and nothing here needs it",
}

# Options that only we have, for every method that has one.
ALONE = {"staging": "how an asset comes into the output directory; the hash is the same"}


@pytest.fixture(scope="module")
def cdk() -> Any:
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1")
    os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("aws_cdk")


@pytest.mark.parametrize(("module", "name"), CLASSES)
def test_a_class_offers_what_that_of_aws_cdk_offers(cdk: Any, module: str, name: str) -> None:
    theirs = getattr(importlib.import_module(f"aws_cdk.{module}") if module else cdk, name)
    home = importlib.import_module(f"lambda_assets.{module}" if module else "lambda_assets")
    ours = getattr(home, name, None)
    differences = {"": "missing"} if ours is None else dict(_differences(ours, theirs))
    accepted = {member for owner, member in ACCEPTED if owner == name}
    assert differences.keys() == accepted, differences


def test_every_exception_is_of_a_class_that_is_compared() -> None:
    assert {owner for owner, _ in ACCEPTED} <= {name for _, name in CLASSES}
    assert all(ACCEPTED.values())


def _differences(ours: Any, theirs: Any) -> Iterator[tuple[str, str]]:
    if issubclass(theirs, enum.Enum):
        if set(ours.__members__) != set(theirs.__members__):
            yield "members", f"{set(ours.__members__) ^ set(theirs.__members__)}"
        return
    there = _attributes(ours)
    struct = hasattr(theirs, "__jsii_name_mapping__")
    for name in vars(theirs):
        if name.startswith("_") and name != "__init__":
            continue
        if name not in there:
            yield name, "missing"
            continue
        member = getattr(theirs, name)
        if inspect.isroutine(member) and not _plain_constructor(ours, name):
            mine, yours = _parameters(getattr(ours, name)), _parameters(member)
            if mine != yours:
                yield name, f"ours {mine}, theirs {yours}"
        elif (
            not struct and _text(member) is not None and _text(getattr(ours, name)) != _text(member)
        ):
            yield name, f"ours {_text(getattr(ours, name))}, theirs {_text(member)}"


def _text(member: Any) -> str | None:
    """What a constant is worth, if it is text or stands for text."""
    for attribute in ("mode", "platform", "name"):
        inner = getattr(member, attribute, None)
        if isinstance(inner, str):
            return inner
    return member if isinstance(member, str) else None


def _plain_constructor(ours: Any, name: str) -> bool:
    """Whether this is a constructor that nobody calls, and that we don't define."""
    return name == "__init__" and (
        ours.__init__ is object.__init__ or getattr(ours, "_is_protocol", False)
    )


def _attributes(cls: Any) -> set[str]:
    """What an instance has: methods and properties, and what the constructor sets."""
    declared = {name for base in cls.__mro__ for name in vars(base).get("__annotations__", ())}
    source = inspect.getsource(cls)
    return declared | set(dir(cls)) | set(re.findall(r"self\.(\w+)(?:: [^=]+)? = ", source))


def _parameters(function: Any) -> tuple[list[tuple[str, Any]], dict[str, Any]]:
    """Positional parameters in order, and keyword-only ones; an enum's default by its name."""
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    positional = [(p.name, p.default) for p in parameters if p.kind is not p.KEYWORD_ONLY]
    named = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    return positional, {name: default for name, default in named.items() if name not in ALONE}
