"""``DockerImage``: an image that is run, or copied out of (spec staging, section 10)."""

from __future__ import annotations

import os
import re
import tempfile
from typing import TYPE_CHECKING, Any

from lambda_assets.errors import OptionTypeError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.model import DockerCacheOption
    from lambda_assets.bundling.options import DockerVolume
    from lambda_assets.filesystem.options import StrPath

#: Upstream takes the first word of this kind for the container's id.
_ID = re.compile(r"[0-9a-f]{16,}")


class DockerImage:
    """An image, by name.

    Args:
        image: Its name.
        image_hash: What stands for it in hashes, the name if None.

    Attributes:
        image: Its name.
    """

    def __init__(self, image: str, image_hash: str | None = None) -> None:
        if not isinstance(image, str):
            raise OptionTypeError(f"image must be str, not {type(image).__name__}")
        self.image = image
        self._image_hash = image_hash

    @staticmethod
    def from_registry(image: str) -> DockerImage:
        """An image of a registry, or one that the engine has.

        Args:
            image: Its name.
        """
        return DockerImage(image)

    @staticmethod
    def from_build(  # noqa: PLR0913  the CDK's options
        path: StrPath,
        *,
        build_args: Mapping[str, str] | None = None,
        build_contexts: Mapping[str, str] | None = None,
        cache_disabled: bool | None = None,
        cache_from: Sequence[DockerCacheOption | Mapping[str, Any]] | None = None,
        cache_to: DockerCacheOption | Mapping[str, Any] | None = None,
        file: StrPath | None = None,
        network: str | None = None,
        platform: str | None = None,
        target_stage: str | None = None,
    ) -> DockerImage:
        """Build an image now, unless it is there: its name tells the directory's files and all options.

        Args:
            path: The build context. Every file counts, whatever ``.dockerignore`` says.
            build_args: ``--build-arg``; their order is part of the hash.
            build_contexts: ``--build-context``; with one, the image is built each time.
            cache_disabled: ``--no-cache``.
            cache_from: ``--cache-from``.
            cache_to: ``--cache-to``.
            file: The Dockerfile, relative to the directory.
            network: ``--network``.
            platform: ``--platform``.
            target_stage: ``--target``.

        Raises:
            OptionError: An option has a wrong type.
            ValidationError: The build fails, or ``file`` is absolute.
            EngineError: There is no ``docker``, or no engine.
            AssetIOError: The system refuses something.
        """
        from lambda_assets.docker.build import build  # noqa: PLC0415  uses what uses this module

        built = build(
            path,
            {
                "build_args": build_args,
                "build_contexts": build_contexts,
                "cache_disabled": cache_disabled,
                "cache_from": cache_from,
                "cache_to": cache_to,
                "file": file,
                "network": network,
                "platform": platform,
                "target_stage": target_stage,
            },
        )
        return DockerImage(built.tag, built.image_hash)

    def run(  # noqa: PLR0913  the CDK's options
        self,
        *,
        command: Sequence[str] | None = None,
        entrypoint: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
        network: str | None = None,
        platform: str | None = None,
        security_opt: str | None = None,
        user: str | None = None,
        volumes: Sequence[DockerVolume | Mapping[str, Any]] | None = None,
        volumes_from: Sequence[str] | None = None,
        working_directory: str | None = None,
    ) -> None:
        """Run a container to its end; what it says goes to stderr, and nothing of it stays.

        Args:
            command: What runs.
            entrypoint: What runs it, instead of the image's.
            environment: Variables.
            network: Its network.
            platform: The platform of the image.
            security_opt: A security option.
            user: User and group, the image's if None.
            volumes: Directories of the host.
            volumes_from: Containers whose volumes are mounted too.
            working_directory: Where it runs, as the image says if None.

        Raises:
            OptionError: An option has a wrong type.
            ValidationError: It fails, or the engine refuses it.
            EngineError: There is no engine.
        """
        # The options are those of bundling, which stands on this module.
        from lambda_assets.bundling.container import run_image  # noqa: PLC0415

        run_image(
            {
                "image": self,
                "command": command,
                "entrypoint": entrypoint,
                "environment": environment,
                "network": network,
                "platform": platform,
                "security_opt": security_opt,
                "user": user,
                "volumes": volumes,
                "volumes_from": volumes_from,
                "working_directory": working_directory,
            }
        )

    def cp(self, image_path: str, output_path: StrPath | None = None) -> str:
        """Copy a file or directory out of the image, as ``docker cp`` does.

        Args:
            image_path: The path in the image; with ``/.`` at its end, what is in the directory.
            output_path: Where to; a new temporary directory if None, which is yours to remove.

        Returns:
            ``output_path``, or the temporary directory.

        Raises:
            OptionTypeError: A path is no text.
            ValidationError: The copy fails.
            EngineError: There is no ``docker``, or no engine.
        """
        from lambda_assets.filesystem.options import path_text  # noqa: PLC0415

        source = path_text(image_path, "image_path")
        if output_path is not None:
            target = path_text(output_path, "output_path")
            self._copy(source, target)
            return target
        target = os.path.realpath(tempfile.mkdtemp(prefix="cdk-docker-cp-"))
        try:
            self._copy(source, target)
        except BaseException:
            import shutil  # noqa: PLC0415

            shutil.rmtree(target, ignore_errors=True)
            raise
        return target

    def to_json(self) -> str:
        """What stands for the image in hashes."""
        return self.image if self._image_hash is None else self._image_hash

    def _copy(self, source: str, target: str) -> None:
        from lambda_assets.docker import program  # noqa: PLC0415  starts processes

        container = self._create()
        try:
            program.run(["cp", f"{container}:{source}", target])
        except ValidationError as error:
            raise ValidationError(
                f"Failed to copy files from {container}:{source} to {target}: CommandExecutionFailed: {error}",
                "FailedToFailedCopyFiles",
            ) from error
        finally:
            # As upstream, a container that stays is an error, and replaces any other.
            program.run(["rm", "-v", container])

    def _create(self) -> str:
        from lambda_assets.docker import program  # noqa: PLC0415

        try:
            said = program.output(["create", self.image])
        except ValidationError as error:
            if "no command specified" not in str(error).lower():
                raise
            # It is never started: any word makes the engine take an image that has no command.
            said = program.output(["create", self.image, "none"])
        found = _ID.search(said)
        if found is None:
            raise ValidationError(
                "Failed to extract container ID from Docker create output",
                "FailedToFailedExtractContainer",
            )
        return found.group()
