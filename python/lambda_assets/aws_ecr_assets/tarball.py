"""``TarballImageAsset``: an image from an archive that ``docker load`` reads (spec image, section 10)."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from lambda_assets.assembly.model import DockerImageAssetSource
from lambda_assets.assembly.scope import Construct, Stack, Stage
from lambda_assets.aws_ecr import Repository
from lambda_assets.aws_ecr_assets.image import DISABLED_CONTEXT, SALT_CONTEXT, _no_stage
from lambda_assets.aws_ecr_assets.place import _rename, _scratch
from lambda_assets.errors import ValidationError, asset_io_error
from lambda_assets.filesystem.file_system import FileSystem
from lambda_assets.filesystem.options import path_text
from lambda_assets.settings import cdk_variable

if TYPE_CHECKING:
    from lambda_assets.filesystem.options import StrPath

_ARCHIVES = (".tar.gz", ".zip", ".jar", ".tar", ".tgz")


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
        stack, stage = Stack.of(self), Stage.of(self) or _no_stage(self)
        source = os.path.abspath(given)
        salt = self.node.try_get_context(SALT_CONTEXT)
        self.asset_hash = FileSystem.fingerprint(source, extra_hash=salt or None)
        if self.node.try_get_context(DISABLED_CONTEXT):
            shown = source
        else:
            # Relative to the directory of all assets, also within an inner stage, as upstream.
            shown = f"asset.{self.asset_hash}{_extension(source)}"
            _copy(source, os.path.join(stage.asset_outdir, shown), stage.asset_outdir)
        above = len(stack.node.components)
        location = stack.add_docker_image_asset(
            DockerImageAssetSource(
                source_hash=self.asset_hash,
                executable=_load_command(shown),
                display_name="/".join(self.node.components[above:])
                if display_name is None
                else display_name,
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


def _extension(path: str) -> str:
    if os.path.isdir(path):
        return ""
    lower = path.lower()
    known = next((end for end in _ARCHIVES if lower.endswith(end)), None)
    if known:
        return known
    name = os.path.basename(path)
    dot = name.rfind(".")
    return name[dot:] if dot > 0 else ""


def _copy(source: str, target: str, outdir: str) -> None:
    if os.path.lexists(target):
        return
    scratch = _scratch(outdir)
    try:
        made = os.path.join(scratch, "file")
        if os.path.isdir(source):
            os.mkdir(made)
            FileSystem.copy_directory(source, made)
        else:
            shutil.copy(source, made)
        _rename(made, target)
    except OSError as error:
        raise asset_io_error("copy", error) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
