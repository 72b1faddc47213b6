"""``Code.from_docker_build``: code that an image's build made (spec api, section 7)."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any

from lambda_assets.errors import ValidationError
from lambda_assets.filesystem.options import path_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.model import DockerCacheOption
    from lambda_assets.aws_lambda.asset_code import AssetCode
    from lambda_assets.filesystem.options import StrPath

_DEFAULT = "/asset"


#: Code whose output directory the caller chose: the directory, and the image whose files it has.
_filled: weakref.WeakKeyDictionary[AssetCode, tuple[str, str]] = weakref.WeakKeyDictionary()


class DockerBuildFactory:
    """The one factory of :class:`Code` that needs Docker."""

    @staticmethod
    def from_docker_build(  # noqa: PLR0913  the CDK's options
        path: StrPath,
        *,
        image_path: str | None = None,
        output_path: StrPath | None = None,
        build_args: Mapping[str, str] | None = None,
        build_contexts: Mapping[str, str] | None = None,
        cache_disabled: bool | None = None,
        cache_from: Sequence[DockerCacheOption | Mapping[str, Any]] | None = None,
        cache_to: DockerCacheOption | Mapping[str, Any] | None = None,
        file: StrPath | None = None,
        network: str | None = None,
        platform: str | None = None,
        target_stage: str | None = None,
    ) -> AssetCode:
        """Build an image now, and use what lies in one of its directories.

        Args:
            path: The build context.
            image_path: The directory in the image, ``/asset`` if None.
            output_path: Where to copy it to, a new temporary directory if None. What lies there already stays, and is
                part of the code, as upstream.
            build_args: As in :meth:`DockerImage.from_build`, like all that follow.
            build_contexts: As above.
            cache_disabled: As above.
            cache_from: As above.
            cache_to: As above.
            file: As above.
            network: As above.
            platform: As above.
            target_stage: As above.

        Raises:
            OptionError: An option has a wrong type.
            ValidationError: The build or the copy fails, or the output path is that of other code that nobody has bound yet.
            EngineError: There is no ``docker``, or no engine.
            AssetIOError: The system refuses something.
        """
        options = {
            "build_args": build_args,
            "build_contexts": build_contexts,
            "cache_disabled": cache_disabled,
            "cache_from": cache_from,
            "cache_to": cache_to,
            "file": file,
            "network": network,
            "platform": platform,
            "target_stage": target_stage,
            "image_path": image_path,
            "output_path": output_path,
        }
        return _copy_of_build(path, options)


def _copy_of_build(path: StrPath, options: Mapping[str, Any]) -> AssetCode:
    from lambda_assets.aws_lambda.asset_code import AssetCode  # noqa: PLC0415  a subclass of Code
    from lambda_assets.docker.build import build  # noqa: PLC0415  starts processes
    from lambda_assets.docker.image import DockerImage  # noqa: PLC0415

    built = build(path, options)
    given = options["output_path"]
    target = None if given is None else path_text(given, "output_path")
    if target is not None:
        _refuse_taken(target, built.tag)
    image = DockerImage(built.tag, built.image_hash)
    code = AssetCode(image.cp(_contents(options["image_path"]), target))
    if target is not None:
        _filled[code] = (os.path.realpath(target), built.tag)
    return code


def _contents(image_path: str | None) -> str:
    """The path for ``docker cp`` that means what is in a directory."""
    path = _DEFAULT if image_path is None else image_path
    if path.endswith("/."):
        return path
    return f"{path}." if path.endswith("/") else f"{path}/."


def _refuse_taken(target: str, tag: str) -> None:
    """Two builds into one directory would both deploy what the second has added to the first (upstream does so)."""
    place = os.path.realpath(target)
    waiting = (of for code, of in _filled.items() if not code.is_bound)
    if any(directory == place and image != tag for directory, image in waiting):
        raise ValidationError(
            f"output_path {target!r} has the files of another from_docker_build that is not bound yet",
            "OutputPathTaken",
        ).with_hint("give each its own output_path, or none")
