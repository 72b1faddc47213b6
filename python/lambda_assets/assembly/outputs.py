"""What a user without the CDK needs to know of the assets of a stack: plain JSON for Terraform, Pulumi, SAM or a script."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.scope import Stage

if TYPE_CHECKING:
    from lambda_assets.assembly.scope import Stack


def asset_outputs(stack: Stack) -> dict[str, Any]:
    """Where the assets of a stack are and where they go.

    Args:
        stack: The stack.

    Returns:
        ``files`` and ``images``, each by id with one row for each destination: ``name``, ``hash`` or ``tag``, place,
        and the staged path. What only the deployment knows is a placeholder.
    """
    stage = Stage.of(stack)
    outdir = stage.outdir if stage else ""
    files = {
        asset_id: [
            {
                "name": entry.get("displayName"),
                "path": _path(outdir, entry["source"].get("path")),
                "bucket": place["bucketName"],
                "key": place["objectKey"],
            }
            for place in entry["destinations"].values()
        ]
        for asset_id, entry in stack.assets.files.items()
    }
    host = f"{stack.account}.dkr.ecr.{stack.region}.${{AWS::URLSuffix}}"
    images = {
        asset_id: [
            {
                "name": entry.get("displayName"),
                "path": _path(outdir, entry["source"].get("directory")),
                "repository": place["repositoryName"],
                "tag": place["imageTag"],
                "uri": f"{host}/{place['repositoryName']}:{place['imageTag']}",
            }
            for place in entry["destinations"].values()
        ]
        for asset_id, entry in stack.assets.docker_images.items()
    }
    return {"files": files, "images": images}


def _path(outdir: str, path: str | None) -> str | None:
    return None if path is None else os.path.abspath(os.path.join(outdir, path))
