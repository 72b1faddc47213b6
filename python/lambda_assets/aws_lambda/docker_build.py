"""``Code.from_docker_build``: code that an image's build made (spec api, section 7)."""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.aws_lambda.asset_code import AssetCode
from lambda_assets.docker.build import build
from lambda_assets.docker.image import DockerImage
from lambda_assets.errors import ValidationError
from lambda_assets.filesystem.options import path_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambda_assets.filesystem.options import StrPath

_DEFAULT = "/asset"


@dataclass(frozen=True, slots=True)
class _Filled:
    """An output directory: the image whose files it has, and the code that is to be made of it."""

    image: str
    code: weakref.ReferenceType[AssetCode]


_filled: dict[str, _Filled] = {}


def copy_of_build(path: StrPath, options: Mapping[str, Any]) -> AssetCode:
    """Build an image and copy a directory out of it.

    Args:
        path: The build context.
        options: As in :meth:`Code.from_docker_build`, all of them.

    Raises:
        OptionError: An option has a wrong type.
        ValidationError: The build or the copy fails, or the output path is taken.
        EngineError: There is no ``docker``, or no engine.
        AssetIOError: The system refuses something.
    """
    built = build(path, options)
    given = options["output_path"]
    target = None if given is None else path_text(given, "output_path")
    if target is not None:
        _refuse_taken(target, built.tag)
    image = DockerImage(built.tag, built.image_hash)
    code = AssetCode(image.cp(_contents(options["image_path"]), target))
    if target is not None:
        _filled[os.path.realpath(target)] = _Filled(built.tag, weakref.ref(code))
    return code


def _contents(image_path: str | None) -> str:
    """The path for ``docker cp`` that means what is in a directory."""
    path = _DEFAULT if image_path is None else image_path
    if path.endswith("/."):
        return path
    return f"{path}." if path.endswith("/") else f"{path}/."


def _refuse_taken(target: str, tag: str) -> None:
    """Two builds into one directory would both deploy what the second has added to the first (upstream does so)."""
    earlier = _filled.get(os.path.realpath(target))
    code = earlier and earlier.code()
    if earlier and code and earlier.image != tag and not code.is_bound:
        raise ValidationError(
            f"output_path {target!r} has the files of another from_docker_build that is not bound yet",
            "OutputPathTaken",
        ).with_hint("give each its own output_path, or none")
