"""``AssetImageCode``: an image that is built from a directory (spec api, section 6; image, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambda_assets.aws_ecr_assets import DockerImageAsset
from lambda_assets.aws_lambda.asset_code import bind_first, check_same_stack
from lambda_assets.aws_lambda.code import Code
from lambda_assets.aws_lambda.structs import CodeConfig, CodeImageConfig
from lambda_assets.filesystem.options import path_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.scope import Construct
    from lambda_assets.assembly.template import CfnResource
    from lambda_assets.aws_ecr_assets import NetworkMode, Platform
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath


class AssetImageCode(Code):
    """An image that is built from a directory when it is published.

    Args: see :meth:`Code.from_asset_image`.
    """

    def __init__(  # noqa: PLR0913  the CDK's options
        self,
        directory: StrPath,
        *,
        cmd: Sequence[str] | None = None,
        entrypoint: Sequence[str] | None = None,
        working_directory: str | None = None,
        asset_name: str | None = None,
        build_args: Mapping[str, str] | None = None,
        build_contexts: Mapping[str, str] | None = None,
        build_secrets: Mapping[str, str] | None = None,
        build_ssh: str | None = None,
        cache_disabled: bool | None = None,
        cache_from: Sequence[Any] | None = None,
        cache_to: Any = None,  # noqa: ANN401  DockerCacheOption of three homes
        display_name: str | None = None,
        file: StrPath | None = None,
        invalidation: Any = None,  # noqa: ANN401  a struct or a dict
        network_mode: NetworkMode | None = None,
        outputs: Sequence[str] | None = None,
        platform: Platform | None = None,
        target: str | None = None,
        extra_hash: str | None = None,
        exclude: Sequence[str] | None = None,
        follow_symlinks: Follow | None = None,
        ignore_mode: Ignore | None = None,
    ) -> None:
        self._directory = path_text(directory, "directory")
        self._cmd = cmd
        self._entrypoint = entrypoint
        self._working_directory = working_directory
        self._options: dict[str, Any] = {
            "asset_name": asset_name,
            "build_args": build_args,
            "build_contexts": build_contexts,
            "build_secrets": build_secrets,
            "build_ssh": build_ssh,
            "cache_disabled": cache_disabled,
            "cache_from": cache_from,
            "cache_to": cache_to,
            "display_name": display_name,
            "file": None if file is None else path_text(file, "file"),
            "invalidation": invalidation,
            "network_mode": network_mode,
            "outputs": outputs,
            "platform": platform,
            "target": target,
            "extra_hash": extra_hash,
            "exclude": exclude,
            "follow_symlinks": follow_symlinks,
            "ignore_mode": ignore_mode,
        }
        self._asset: DockerImageAsset | None = None

    @property
    def is_inline(self) -> bool:
        """False: the code is not in the template."""
        return False

    def bind(self, scope: Construct) -> CodeConfig:
        """Stage the build context for the stack of a scope.

        Args:
            scope: The function: the asset becomes its child ``AssetImage``. The second time, nothing new is made.

        Returns:
            The image, and what the function changes in it.

        Raises:
            ValidationError: The code belongs to another stack already, the directory or the Dockerfile does not exist, or
                an option is wrong.
            AssetIOError: The system refuses something.
        """
        if self._asset is None:
            self._asset = DockerImageAsset(
                scope, "AssetImage", directory=self._directory, **self._options
            )
        else:
            check_same_stack(self._asset, scope)
        image = CodeImageConfig(
            image_uri=self._asset.image_uri,
            cmd=self._cmd,
            entrypoint=self._entrypoint,
            working_directory=self._working_directory,
        )
        return CodeConfig(image=image)

    def bind_to_resource(
        self, resource: CfnResource, *, resource_property: str | None = None
    ) -> None:
        """Note context and options of the build on a resource, if the context asks for it.

        Args:
            resource: The resource.
            resource_property: Its property that holds the code, ``Code.ImageUri`` if None or empty.

        Raises:
            ValidationError: ``bind`` was not called.
        """
        if self._asset is None:
            raise bind_first()
        self._asset.add_resource_metadata(resource, resource_property or "Code.ImageUri")
