"""``DockerImageCode`` and ``Architecture``: what ``DockerImageFunction`` takes (spec api, section 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lambda_assets.aws_ecr_assets import Platform
from lambda_assets.aws_lambda.code import Code

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lambda_assets.aws_ecr_assets import NetworkMode
    from lambda_assets.aws_lambda.protocols import RepositoryLike
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath


@dataclass(frozen=True, slots=True)
class Architecture:
    """The processor of a function.

    Attributes:
        name: Its name in a template.
        docker_platform: The platform of images for it.
    """

    name: str
    docker_platform: str

    ARM_64: ClassVar[Architecture]
    X86_64: ClassVar[Architecture]

    @classmethod
    def custom(cls, name: str, docker_platform: str | None = None) -> Architecture:
        """A processor that has no member here.

        Args:
            name: Its name in a template.
            docker_platform: The platform of images for it, ``linux/amd64`` if None.
        """
        return cls(name, docker_platform or "linux/amd64")

    def to_string(self) -> str:
        """Its name in a template."""
        return self.name

    __str__ = to_string


Architecture.ARM_64 = Architecture("arm64", "linux/arm64")
Architecture.X86_64 = Architecture("x86_64", "linux/amd64")


class DockerImageCode:
    """The image of a ``DockerImageFunction``; made by its factories."""

    def __init__(self, make: Callable[[Architecture | None], Code]) -> None:
        self._make = make

    def code(self, architecture: Architecture | None = None) -> Code:
        """The code to bind.

        Args:
            architecture: The processor, if the function names one: an image that is built gets its platform, unless
                it has one already.
        """
        return self._make(architecture)

    @classmethod
    def from_ecr(
        cls,
        repository: RepositoryLike,
        *,
        cmd: Sequence[str] | None = None,
        entrypoint: Sequence[str] | None = None,
        tag: str | None = None,
        tag_or_digest: str | None = None,
        working_directory: str | None = None,
    ) -> DockerImageCode:
        """An image that is in a repository already; see :meth:`Code.from_ecr_image`."""
        return cls(
            lambda _architecture: Code.from_ecr_image(
                repository,
                cmd=cmd,
                entrypoint=entrypoint,
                tag=tag,
                tag_or_digest=tag_or_digest,
                working_directory=working_directory,
            )
        )

    @classmethod
    def from_image_asset(  # noqa: PLR0913  the CDK's options
        cls,
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
    ) -> DockerImageCode:
        """An image that is built from a directory; see :meth:`Code.from_asset_image`."""

        def make(architecture: Architecture | None) -> Code:
            chosen = platform
            if chosen is None and architecture is not None:
                chosen = Platform.custom(architecture.docker_platform)
            return Code.from_asset_image(
                directory,
                cmd=cmd,
                entrypoint=entrypoint,
                working_directory=working_directory,
                asset_name=asset_name,
                build_args=build_args,
                build_contexts=build_contexts,
                build_secrets=build_secrets,
                build_ssh=build_ssh,
                cache_disabled=cache_disabled,
                cache_from=cache_from,
                cache_to=cache_to,
                display_name=display_name,
                file=file,
                invalidation=invalidation,
                network_mode=network_mode,
                outputs=outputs,
                platform=chosen,
                target=target,
                extra_hash=extra_hash,
                exclude=exclude,
                follow_symlinks=follow_symlinks,
                ignore_mode=ignore_mode,
            )

        return cls(make)
