"""Checks of our own manifests before they are written: the tools accept much that then publishes nothing (spec assembly, 2).

The shapes are those of the schema that comes with the CDK, as far as this package writes it; a test compares verdicts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class _Object:
    """An object with known fields; others may be there."""

    required: Mapping[str, Any] = field(default_factory=dict)
    optional: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Each:
    """A list or map (``kind``) whose values have one shape."""

    kind: type
    of: Any


_TEXTS = _Each(list, str)
_TEXT_MAP = _Each(dict, str)
_CACHE = _Object({"type": str}, {"params": _TEXT_MAP})
_ROLE = {"assumeRoleArn": str, "assumeRoleExternalId": str, "assumeRoleAdditionalOptions": dict}
_FILE = _Object(
    {
        "source": _Object({}, {"path": str, "packaging": str, "executable": _TEXTS}),
        "destinations": _Each(
            dict, _Object({"bucketName": str, "objectKey": str}, {"region": str, **_ROLE})
        ),
    },
    {"displayName": str},
)
_IMAGE = _Object(
    {
        "source": _Object(
            {},
            {
                "directory": str,
                "executable": _TEXTS,
                "dockerFile": str,
                "dockerBuildTarget": str,
                "dockerBuildArgs": _TEXT_MAP,
                "dockerBuildContexts": _TEXT_MAP,
                "dockerBuildSecrets": _TEXT_MAP,
                "dockerBuildSsh": str,
                "networkMode": str,
                "platform": str,
                "dockerOutputs": _TEXTS,
                "cacheFrom": _Each(list, _CACHE),
                "cacheTo": _CACHE,
                "cacheDisabled": bool,
            },
        ),
        "destinations": _Each(
            dict, _Object({"repositoryName": str, "imageTag": str}, {"region": str, **_ROLE})
        ),
    },
    {"displayName": str},
)
_BOOTSTRAP = {"requiresBootstrapStackVersion": int, "bootstrapStackVersionSsmParameter": str}
_PROPERTIES = {
    "aws:cloudformation:stack": _Object(
        {"templateFile": str},
        {
            **_ROLE,
            **_BOOTSTRAP,
            "tags": _TEXT_MAP,
            "notificationArns": _TEXTS,
            "stackName": str,
            "terminationProtection": bool,
            "validateOnSynth": bool,
            "cloudFormationExecutionRoleArn": str,
            "stackTemplateAssetObjectUrl": str,
            "lookupRole": _Object(
                {"arn": str},
                {**_BOOTSTRAP, "assumeRoleExternalId": str, "assumeRoleAdditionalOptions": dict},
            ),
        },
    ),
    "cdk:asset-manifest": _Object({"file": str}, _BOOTSTRAP),
    "cdk:cloud-assembly": _Object({"directoryName": str}, {"displayName": str}),
}
_ARTIFACT = {
    "environment": str,
    "dependencies": _TEXTS,
    "additionalMetadataFile": str,
    "displayName": str,
}


def check_manifest(manifest: dict[str, Any], files: Collection[str]) -> None:
    """Check the content of ``manifest.json``.

    Args:
        manifest: The content.
        files: Names of the files that are written beside it.

    Raises:
        ValidationError: The version is not valid, a field is missing or has a wrong type, or an artifact needs an artifact
            or a file that is not there.
    """
    _version(manifest)
    artifacts = manifest["artifacts"]
    for name, artifact in artifacts.items():
        what = f"artifact '{name}'"
        _check(what, _Object({"type": str, "properties": dict}, _ARTIFACT), artifact)
        kind = artifact["type"]
        if kind not in _PROPERTIES:
            raise ValidationError(f"{what} has an unknown type")
        _check(what, _PROPERTIES[kind], artifact["properties"], "properties")
        if kind == "aws:cloudformation:stack" and "environment" not in artifact:
            raise ValidationError(f"{what} has no environment")
        for needed in artifact.get("dependencies", ()):
            if needed not in artifacts:
                raise ValidationError(f"{what} depends on '{needed}', which is not there")
        places = (
            artifact.get("additionalMetadataFile"),
            *(artifact["properties"].get(key) for key in ("templateFile", "file")),
        )
        for place in places:
            if place is not None and place not in files:
                raise ValidationError(f"{what} needs the file '{place}', which is not written")


def check_assets(document: dict[str, Any]) -> None:
    """Check the content of ``<stack>.assets.json``; no value of an option gets into a message.

    Args:
        document: The content.

    Raises:
        ValidationError: A field has a wrong type, or a required one is missing.
    """
    _version(document)
    for name, entry in document["files"].items():
        what = f"file asset '{name}'"
        _check(what, _FILE, entry)
        _sources(what, entry["source"], "path")
        if "path" in entry["source"] and entry["source"].get("packaging") not in {"file", "zip"}:
            raise ValidationError(f"{what}: packaging is neither file nor zip")
        _places(what, entry, ("bucketName", "objectKey"))
    for name, entry in document["dockerImages"].items():
        what = f"image asset '{name}'"
        _check(what, _IMAGE, entry)
        _sources(what, entry["source"], "directory")
        _places(what, entry, ("repositoryName", "imageTag"))


def _version(document: dict[str, Any]) -> None:
    if not _VERSION.fullmatch(str(document.get("version"))):
        raise ValidationError(f"schema version {document.get('version')!r} is not like 21.0.0")


def _check(what: str, shape: Any, value: object, key: str = "entry") -> None:  # noqa: ANN401  a shape
    kind: type = dict if isinstance(shape, _Object) else shape
    if isinstance(shape, _Each):
        kind = shape.kind
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValidationError(f"{what}: {key} has a wrong type")
    if isinstance(shape, _Object) and isinstance(value, dict):
        for name in shape.required:
            if name not in value:
                raise ValidationError(f"{what}: {key} has no {name}")
        for name, inner in {**shape.required, **shape.optional}.items():
            if name in value:
                _check(what, inner, value[name], name)
    elif isinstance(shape, _Each) and isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            _check(what, shape.of, one, key)


def _sources(what: str, source: dict[str, Any], key: str) -> None:
    if bool(source.get(key)) == bool(source.get("executable")):
        raise ValidationError(f"{what} needs either {key} or executable")


def _places(what: str, entry: dict[str, Any], required: tuple[str, str]) -> None:
    for destination in entry["destinations"].values():
        for key in required:
            if not destination[key]:
                raise ValidationError(f"{what}: a destination has no {key}")
