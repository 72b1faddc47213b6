"""What a user without the CDK needs to know of the assets of a stack: plain JSON for Terraform, Pulumi, SAM or a script."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from typing import TYPE_CHECKING, Any

from lambda_assets.archive import zip_directory
from lambda_assets.assembly.scope import Stack, Stage
from lambda_assets.assembly.tokens import PARTITION, URL_SUFFIX, is_token, to_cfn
from lambda_assets.errors import asset_io_error

if TYPE_CHECKING:
    from lambda_assets.assembly.scope import Construct

_DIGITS = 64
_PARTITIONS = (
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("", "aws", "amazonaws.com"),
)


def asset_outputs(stack: Stack, *, checksums: bool = False) -> dict[str, Any]:
    """Where the assets of a stack are and where they go.

    Args:
        stack: The stack.
        checksums: Whether ``source_code_hash`` is there, for which a directory is archived to a temporary file and
            dropped: base64 of the SHA-256 of what :func:`zip_directory` makes of it, which Terraform and Lambda compare
            with what was uploaded. It holds if that archive is published, as with the staging ``zip``; stock tools
            make another one of a directory.

    Returns:
        ``files`` and ``images``, each by id with one row for each destination.

        Both have ``name``, ``hash``, ``path`` (staged, absolute) and ``code``, the fragment for a template: the property
        ``Code`` of ``AWS::Lambda::Function``. Files have ``packaging``, ``bucket``, ``key`` and ``url``, images have
        ``repository``, ``tag`` and ``uri``. What only the deployment knows is a placeholder such as
        ``${AWS::Region}``; with account and region of the stack there is none. Templates are not among the files.

    Raises:
        AssetIOError: ``checksums``, and the system refuses something.
    """
    stage = Stage.of(stack)
    outdir = os.path.abspath(stage.outdir) if stage else ""
    files: dict[str, list[dict[str, Any]]] = {}
    for asset_id, entry in stack.assets.files.items():
        if asset_id not in stack.assets.templates:
            more = _checksum(outdir, entry["source"]) if checksums else {}
            files[asset_id] = [
                {**_file(stack, outdir, asset_id, entry, place), **more}
                for place in entry["destinations"].values()
            ]
    images = {
        asset_id: [
            _image(stack, outdir, asset_id, entry, place)
            for place in entry["destinations"].values()
        ]
        for asset_id, entry in stack.assets.docker_images.items()
    }
    return {"files": files, "images": images}


def app_outputs(app: Stage, *, checksums: bool = False) -> dict[str, Any]:
    """The same for all stacks of an app, inner stages included.

    Args:
        app: The app, or a stage of it.
        checksums: As with :func:`asset_outputs`.

    Returns:
        :func:`asset_outputs` of each stack that is not nested, by its path in the tree.

    Raises:
        AssetIOError: ``checksums``, and the system refuses something.
    """
    every: list[Construct] = list(app.node.find_all())
    return {
        stack.node.path: asset_outputs(stack, checksums=checksums)
        for stack in every
        if isinstance(stack, Stack) and stack.nested_stack_parent is None
    }


def _file(
    stack: Stack, outdir: str, asset_id: str, entry: dict[str, Any], place: dict[str, Any]
) -> dict[str, Any]:
    bucket, key = place["bucketName"], place["objectKey"]
    return {
        "name": entry.get("displayName"),
        "hash": asset_id,
        "path": _path(outdir, entry["source"].get("path")),
        "packaging": entry["source"].get("packaging"),
        "bucket": _known(stack, bucket),
        "key": _known(stack, key),
        "url": _known(stack, f"s3://{bucket}/{key}"),
        "code": {"S3Bucket": to_cfn(bucket), "S3Key": to_cfn(key)},
    }


def _image(
    stack: Stack, outdir: str, asset_id: str, entry: dict[str, Any], place: dict[str, Any]
) -> dict[str, Any]:
    repository, tag = place["repositoryName"], place["imageTag"]
    uri = f"{stack.account}.dkr.ecr.{stack.region}.{URL_SUFFIX}/{repository}:{tag}"
    return {
        "name": entry.get("displayName"),
        # Before it stands the asset's name, if it has one.
        "hash": asset_id[-_DIGITS:],
        "path": _path(outdir, entry["source"].get("directory")),
        "repository": _known(stack, repository),
        "tag": _known(stack, tag),
        "uri": _known(stack, uri),
        "code": {"ImageUri": to_cfn(uri)},
    }


def _known(stack: Stack, text: str) -> str:
    """A text with what follows from the region: upstream leaves that to the deployment, others have no other way."""
    if is_token(stack.region):
        return text
    found = (p for p in _PARTITIONS if stack.region.startswith(p[0]))
    _, partition, suffix = next(found)
    return text.replace(PARTITION, partition).replace(URL_SUFFIX, suffix)


def _path(outdir: str, path: str | None) -> str | None:
    return None if path is None else os.path.abspath(os.path.join(outdir, path))


def _checksum(outdir: str, source: dict[str, Any]) -> dict[str, str]:
    path = _path(outdir, source.get("path"))
    if path is None:
        return {}
    try:
        if source["packaging"] == "zip":
            with tempfile.TemporaryDirectory(prefix="lambda-assets-") as scratch:
                report = zip_directory(path, os.path.join(scratch, "asset.zip"))
            digest = bytes.fromhex(report.sha256)
        else:
            with open(path, "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise asset_io_error("read", error) from None
    return {"source_code_hash": base64.b64encode(digest).decode()}
