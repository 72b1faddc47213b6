"""Build an image and say how: hash, tag and command (spec staging, section 10)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.model import DockerCacheOption
from lambda_assets.docker import program
from lambda_assets.errors import OptionError, OptionTypeError, ValidationError
from lambda_assets.filesystem.file_system import FileSystem
from lambda_assets.filesystem.options import path_text
from lambda_assets.staging.identity import js_json, js_order
from lambda_assets.structs import coerce

if TYPE_CHECKING:
    from lambda_assets.filesystem.options import StrPath

#: Key in the hashed JSON and option, in the order of the JSON.
_ORDER = (
    ("buildArgs", "build_args"),
    ("buildContexts", "build_contexts"),
    ("cacheDisabled", "cache_disabled"),
    ("cacheFrom", "cache_from"),
    ("cacheTo", "cache_to"),
    ("file", "file"),
    ("network", "network"),
    ("platform", "platform"),
    ("targetStage", "target_stage"),
    ("imagePath", "image_path"),
    ("outputPath", "output_path"),
)
_TEXTS = {"network", "platform", "target_stage", "image_path"}
_MAPPINGS = {"build_args", "build_contexts"}
_PATHS = {"file", "output_path"}


@dataclass(frozen=True, slots=True)
class Built:
    """An image that is there.

    Attributes:
        tag: Its name.
        image_hash: What stands for it in hashes.
    """

    tag: str
    image_hash: str


def build(path: StrPath, options: Mapping[str, Any]) -> Built:
    """Build an image, unless one of its name is there.

    The image is told by the files of the directory and every option, so one that is there is the right one. With build
    contexts it is built in any case: what they hold is not part of the name.

    Args:
        path: The build context.
        options: As in :meth:`DockerImage.from_build`; those of ``Code.from_docker_build`` are hashed too.

    Raises:
        OptionError: An option has a wrong type.
        ValidationError: The build fails, or the Dockerfile is not relative to the directory.
        EngineError: There is no ``docker``, or no engine.
        AssetIOError: The system refuses something.
    """
    directory = path_text(path)
    chosen = _checked(options)
    file = chosen.get("file")
    if file and os.path.isabs(file):
        raise ValidationError(
            f'"file" must be relative to the docker build directory. Got {file}',
            "MustBeFileRelativeDocker",
        )
    image_hash = FileSystem.fingerprint(directory, extra_hash=hashed(chosen))
    tag = f"cdk-{image_hash}"
    if chosen.get("build_contexts") or not program.succeeds(["image", "inspect", tag]):
        program.run(["build", *arguments(tag, directory, chosen)])
    return Built(tag, image_hash)


def hashed(options: Mapping[str, Any]) -> str:
    """The options as they are hashed.

    Args:
        options: The options, checked.
    """
    shown = {key: _plain(options[name]) for key, name in _ORDER if options.get(name) is not None}
    return js_json(shown)


def arguments(tag: str, directory: str, options: Mapping[str, Any]) -> list[str]:
    """The arguments of ``docker build``.

    Args:
        tag: The name of the image.
        directory: The build context.
        options: The options, checked.
    """
    words = ["-t", tag]
    if options.get("file"):
        words += ["-f", os.path.normpath(os.path.join(directory, options["file"]))]
    for flag, name in (("--platform", "platform"), ("--network", "network")):
        words += [flag, options[name]] if options.get(name) else []
    words += ["--target", options["target_stage"]] if options.get("target_stage") else []
    for cache in options.get("cache_from") or ():
        words += ["--cache-from", _cache(cache)]
    words += ["--cache-to", _cache(options["cache_to"])] if options.get("cache_to") else []
    words += ["--no-cache"] if options.get("cache_disabled") else []
    for flag, name in (("--build-arg", "build_args"), ("--build-context", "build_contexts")):
        given = options.get(name) or {}
        for key in js_order(given):
            words += [flag, f"{key}={given[key]}"]
    return [*words, directory]


def _cache(option: DockerCacheOption) -> str:
    if option.params is None:
        return f"type={option.type}"
    # Without parameters the comma stays, as upstream.
    return f"type={option.type}," + ",".join(
        f"{key}={option.params[key]}" for key in js_order(option.params)
    )


def _plain(value: Any) -> Any:  # noqa: ANN401  options of all types
    if isinstance(value, DockerCacheOption):
        return value.document()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _checked(options: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {name: value for name, value in options.items() if value is not None}
    for name in chosen.keys() & _PATHS:
        chosen[name] = path_text(chosen[name], name)
    for name in chosen.keys() & _MAPPINGS:
        chosen[name] = _mapping(name, chosen[name])
    for name in chosen.keys() & _TEXTS:
        if not isinstance(chosen[name], str):
            raise _wrong(name, "str", chosen[name])
    if not isinstance(chosen.get("cache_disabled", False), bool):
        raise _wrong("cache_disabled", "bool", chosen["cache_disabled"])
    caches = chosen.get("cache_from", [])
    if isinstance(caches, (str, bytes)) or not isinstance(caches, Sequence):
        raise _wrong("cache_from", "a sequence of DockerCacheOption", caches)
    if "cache_from" in chosen:
        chosen["cache_from"] = [_cache_option("cache_from", one) for one in caches]
    if "cache_to" in chosen:
        chosen["cache_to"] = _cache_option("cache_to", chosen["cache_to"])
    return chosen


def _cache_option(name: str, value: object) -> DockerCacheOption:
    given = coerce(DockerCacheOption, value, name)
    if given is None or not isinstance(given.type, str):
        raise _wrong(name, "DockerCacheOption", value)
    if given.params is None:
        return given
    return DockerCacheOption(type=given.type, params=_mapping(f"{name}.params", given.params))


def _mapping(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(
        isinstance(part, str) for pair in value.items() for part in pair
    ):
        raise _wrong(name, "a mapping of str to str", value)
    if "__proto__" in value:
        raise OptionError(f"{name} must not have the key '__proto__'")
    return dict(value)


def _wrong(name: str, kind: str, value: object) -> OptionTypeError:
    return OptionTypeError(f"{name} must be {kind}, not {type(value).__name__}")
