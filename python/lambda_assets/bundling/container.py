"""Bundle in a container (spec staging, section 9).

VOLUME_COPY needs no helper: the bundling container itself has two anonymous volumes, the source is unpacked into one before
it starts, and the output is read from the other after it has ended. Upstream makes two named volumes and a container of an
image that it downloads, drops the option ``network``, and leaves all three behind when a step fails.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lambda_assets.bundling.options import (
    BundlingFileAccess,
    DockerVolume,
    DockerVolumeConsistency,
    bundling_options,
)
from lambda_assets.docker import archive, engine, program
from lambda_assets.staging.identity import js_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.bundling.options import BundlingOptions

INPUT = "/asset-input"
OUTPUT = "/asset-output"


def bundle(options: BundlingOptions, source: str, output: str) -> None:
    """Bundle a directory in a container, of which nothing stays whatever happens.

    Args:
        options: The options of the asset.
        source: The directory; a bind mount lets the container write to it, as upstream.
        output: Where the result comes to lie: a directory that exists.

    Raises:
        ValidationError: The container fails, or the engine refuses it.
        EngineError: There is no engine.
        AssetIOError: The system refuses something.
    """
    user = options.user or engine.default_user()
    directory = INPUT if options.working_directory is None else options.working_directory
    if options.bundling_file_access is not BundlingFileAccess.VOLUME_COPY:
        mounts = [
            DockerVolume(host_path=source, container_path=INPUT),
            DockerVolume(host_path=output, container_path=OUTPUT),
        ]
        engine.run(_container(options, user, directory, [*mounts, *(options.volumes or ())]))
        return
    owner = engine.numeric_owner(user)
    engine.run(
        _container(options, user, directory, options.volumes or (), volumes=(INPUT, OUTPUT)),
        bring=[
            archive.pack(source, INPUT[1:], owner),
            [archive.empty(OUTPUT[1:], owner)],
        ],
        fetch=(OUTPUT, lambda chunks: archive.unpack(chunks, output)),
    )


def run_image(options: Mapping[str, Any]) -> None:
    """Run a container without the rules of bundling.

    Args:
        options: As in :meth:`DockerImage.run`, and ``image``.

    Raises:
        OptionError: An option has a wrong type.
        ValidationError: The container fails, or the engine refuses it.
        EngineError: There is no engine.
    """
    given = bundling_options(dict(options))
    if given is not None:
        user, directory = given.user or "", given.working_directory or ""
        engine.run(_container(given, user, directory, given.volumes or ()))


def _container(
    options: BundlingOptions,
    user: str,
    directory: str,
    mounts: Sequence[DockerVolume],
    volumes: tuple[str, ...] = (),
) -> engine.Container:
    entrypoint = list(options.entrypoint or ())
    environment = options.environment or {}
    # As upstream: the rest counts only if the second word is not empty.
    rest = entrypoint[1:] if len(entrypoint) > 1 and entrypoint[1] else []
    return engine.Container(
        image=options.image.image,
        words=(*rest, *(options.command or ())),
        entrypoint=entrypoint[0] if entrypoint else "",
        environment=tuple(f"{name}={environment[name]}" for name in js_order(environment)),
        user=user,
        directory=directory,
        network=options.network or "",
        platform=options.platform or "",
        security_opt=options.security_opt or "",
        binds=_binds(mounts),
        volumes=volumes,
        volumes_from=tuple(options.volumes_from or ()),
    )


def _binds(mounts: Sequence[DockerVolume]) -> tuple[str, ...]:
    if not mounts:
        return ()
    label = "z," if program.has_selinux() else ""
    return tuple(
        f"{_host_path(mount.host_path)}:{mount.container_path}:{label}"
        f"{(mount.consistency or DockerVolumeConsistency.DELEGATED).value}"
        for mount in mounts
    )


def _host_path(path: str) -> str:
    """A path as the command resolves it; a plain word is the name of a volume."""
    return os.path.abspath(path) if path.startswith(".") else path
