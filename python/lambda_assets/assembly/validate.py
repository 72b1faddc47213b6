"""Checks of our own manifests before they are written: the tools accept much that then publishes nothing (spec assembly, 2)."""

from __future__ import annotations

import re
from typing import Any

from lambda_assets.errors import ValidationError

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_MAPS = ("dockerBuildArgs", "dockerBuildContexts", "dockerBuildSecrets")
_LISTS = ("executable", "dockerOutputs")
_TEXTS = (
    "path",
    "packaging",
    "directory",
    "dockerBuildSsh",
    "dockerBuildTarget",
    "dockerFile",
    "networkMode",
    "platform",
)


def check_manifest(manifest: dict[str, Any]) -> None:
    """Check the content of ``manifest.json``.

    Args:
        manifest: The content.

    Raises:
        ValidationError: The version is not valid, or an artifact depends on one that is not there.
    """
    _version(manifest)
    artifacts = manifest["artifacts"]
    for name, artifact in artifacts.items():
        for needed in artifact.get("dependencies", ()):
            if needed not in artifacts:
                raise ValidationError(
                    f"artifact '{name}' depends on '{needed}', which is not there"
                )


def check_assets(document: dict[str, Any]) -> None:
    """Check the content of ``<stack>.assets.json``; no value of an option gets into a message.

    Args:
        document: The content.

    Raises:
        ValidationError: A field has a wrong type, or a required one is missing.
    """
    _version(document)
    for name, entry in document["files"].items():
        _source(f"file asset '{name}'", entry["source"])
        _destinations(f"file asset '{name}'", entry, ("bucketName", "objectKey"))
    for name, entry in document["dockerImages"].items():
        _source(f"image asset '{name}'", entry["source"])
        _destinations(f"image asset '{name}'", entry, ("repositoryName", "imageTag"))


def _version(document: dict[str, Any]) -> None:
    if not _VERSION.fullmatch(str(document.get("version"))):
        raise ValidationError(f"schema version {document.get('version')!r} is not like 21.0.0")


def _source(what: str, source: dict[str, Any]) -> None:
    for key, value in source.items():
        if key in _TEXTS:
            good = isinstance(value, str)
        elif key in _LISTS:
            good = isinstance(value, list) and all(isinstance(v, str) for v in value)
        elif key in _MAPS:
            good = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        elif key == "cacheDisabled":
            good = isinstance(value, bool)
        else:
            good = True
        if not good:
            raise ValidationError(f"{what}: {key} has a wrong type")


def _destinations(what: str, entry: dict[str, Any], required: tuple[str, str]) -> None:
    for destination in entry["destinations"].values():
        for key in required:
            if not isinstance(destination.get(key), str) or not destination[key]:
                raise ValidationError(f"{what}: a destination has no {key}")
