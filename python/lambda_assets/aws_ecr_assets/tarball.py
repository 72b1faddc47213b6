"""``TarballImageAsset``: an image from an archive that ``docker load`` reads (spec image, section 10)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lambda_assets.assembly.model import DockerImageAssetSource
from lambda_assets.assembly.scope import Construct, Stack, Stage, name_in_stack
from lambda_assets.aws_ecr import Repository
from lambda_assets.aws_ecr_assets.image import image_way
from lambda_assets.errors import ValidationError
from lambda_assets.filesystem.options import path_text
from lambda_assets.settings import cdk_variable
from lambda_assets.staging import AssetStaging

if TYPE_CHECKING:
    from lambda_assets.filesystem.options import StrPath


class TarballImageAsset(Construct):
    """An image from an archive that ``docker load`` reads.

    Args:
        scope: Its parent in the tree.
        id: Its name there.
        tarball_file: The archive.
        display_name: What tools call it; the path in the tree below the stack if None.

    Attributes:
        asset_hash: Its hash.
        image_uri: What it is pulled by.
        image_tag: Its tag.
        repository: Its repository.

    Raises:
        ValidationError: The file does not exist.
        AssetIOError: The system refuses something.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  the CDK's name
        *,
        tarball_file: StrPath,
        display_name: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        given = path_text(tarball_file, "tarball_file")
        if not os.path.exists(given):
            raise ValidationError(f"Cannot find file at {given}")
        stack = Stack.of(self)
        staging = AssetStaging(
            self, "Staging", source_path=os.path.abspath(given), staging=image_way(self)
        )
        self.asset_hash = staging.asset_hash
        stage = Stage.of(self)
        outdir = os.path.abspath(stage.asset_outdir) if stage else ""
        # Relative to the directory of all assets also within an inner stage, and if it is not staged, as upstream.
        shown = os.path.relpath(staging.absolute_staged_path, outdir)
        location = stack.add_docker_image_asset(
            DockerImageAssetSource(
                source_hash=self.asset_hash,
                executable=_load_command(shown),
                display_name=name_in_stack(self) if display_name is None else display_name,
            )
        )
        self.image_uri = location.image_uri
        self.image_tag = location.image_tag or self.asset_hash
        self.repository: Repository = Repository.from_repository_name(
            self, "Repository", location.repository_name
        )


def _load_command(path: str) -> list[str]:
    docker = cdk_variable("CDK_DOCKER") or "docker"
    script = f'{docker} load -i "$1" | tail -n 1 | sed "s/Loaded image[^:]*: //g"'
    return ["sh", "-c", script, "cdk-tarball-image-asset", path]
