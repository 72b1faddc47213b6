"""Options of an image asset, the text that they add to its hash, and its exclude list (spec image, sections 2, 3, 9)."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lambda_assets.assembly.tokens import is_unresolved
from lambda_assets.errors import OptionTypeError, ValidationError, asset_io_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_INDEX_MAX = 4294967294
_SALT = "1.21.0"
"""A constant of the construct, not the version of the library."""


@dataclass(frozen=True, slots=True)
class NetworkMode:
    """The network that a build uses.

    Attributes:
        mode: As the command ``docker`` takes it.
    """

    mode: str
    DEFAULT: ClassVar[NetworkMode]
    HOST: ClassVar[NetworkMode]
    NONE: ClassVar[NetworkMode]

    @staticmethod
    def custom(mode: str) -> NetworkMode:
        """Any mode.

        Args:
            mode: As the command takes it.
        """
        return NetworkMode(mode)

    @staticmethod
    def from_container(container_id: str) -> NetworkMode:
        """The network of a container.

        Args:
            container_id: The container.
        """
        return NetworkMode(f"container:{container_id}")


NetworkMode.DEFAULT = NetworkMode("default")
NetworkMode.HOST = NetworkMode("host")
NetworkMode.NONE = NetworkMode("none")


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform that an image is built for.

    Attributes:
        platform: As the command ``docker`` takes it.
    """

    platform: str
    LINUX_AMD64: ClassVar[Platform]
    LINUX_ARM64: ClassVar[Platform]

    @staticmethod
    def custom(platform: str) -> Platform:
        """Any platform.

        Args:
            platform: As the command takes it.
        """
        return Platform(platform)


Platform.LINUX_AMD64 = Platform("linux/amd64")
Platform.LINUX_ARM64 = Platform("linux/arm64")


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerImageAssetInvalidationOptions:
    """Which options are hashed: all but those that are False here."""

    build_args: bool | None = None
    build_contexts: bool | None = None
    build_secrets: bool | None = None
    build_ssh: bool | None = None
    extra_hash: bool | None = None
    file: bool | None = None
    network_mode: bool | None = None
    outputs: bool | None = None
    platform: bool | None = None
    repository_name: bool | None = None
    target: bool | None = None


class DockerBuildSecret:
    """Where a secret of a build comes from."""

    @staticmethod
    def from_src(src: str) -> str:
        """A file.

        Args:
            src: Its path; a relative one is looked up from the staged copy of the context.
        """
        return f"src={src}"


def string_map(name: str, value: Mapping[str, str] | None) -> dict[str, str] | None:
    """A map of texts in the order in which JavaScript keeps it: array indices first.

    Args:
        name: The option.
        value: The map.

    Raises:
        OptionTypeError: A key or value is no text; the message holds none of them.
        ValidationError: One is known at deployment only.
    """
    if value is None:
        return None
    items = list(value.items())
    if not all(isinstance(k, str) and isinstance(v, str) for k, v in items):
        raise OptionTypeError(f"keys and values of {name} must be str")
    if any(is_unresolved(k) or is_unresolved(v) for k, v in items):
        first, *rest = name.split("_")
        shown = first + "".join(word.title() for word in rest)
        raise ValidationError(
            f'Cannot use tokens in keys or values of "{shown}" since they are needed before deployment',
            "CannotTokensKeysValues",
        )
    indices = [(k, v) for k, v in items if _INDEX.fullmatch(k) and int(k) <= _INDEX_MAX]
    known = {k for k, _ in indices}
    indices.sort(key=lambda item: int(item[0]))
    return dict([*indices, *((k, v) for k, v in items if k not in known)])


def hashed_text(
    options: Mapping[str, Any], invalidation: DockerImageAssetInvalidationOptions
) -> str:
    """The text that options add to the hash, compact JSON with the keys in a fixed order.

    Args:
        options: The options by their names.
        invalidation: What is left out.
    """
    network: NetworkMode | None = options["network_mode"]
    platform: Platform | None = options["platform"]
    rows = [
        ("extra_hash", "user", options["extra_hash"] or None),
        ("build_args", "buildArgs", options["build_args"]),
        ("build_contexts", "buildContexts", options["build_contexts"]),
        ("build_secrets", "buildSecrets", options["build_secrets"]),
        ("build_ssh", "buildSsh", options["build_ssh"] or None),
        ("target", "target", options["target"] or None),
        ("file", "file", options["file"] or None),
        ("network_mode", "networkMode", network and {"mode": network.mode}),
        ("platform", "platform", platform and {"platform": platform.platform}),
        ("outputs", "outputs", options["outputs"]),
    ]
    shown = {
        key: value
        for option, key, value in rows
        if value is not None and getattr(invalidation, option) is not False
    }
    shown["version"] = _SALT
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def exclude_list(directory: str, file: str, exclude: Sequence[str], outdir: str) -> list[str]:
    """The patterns of hash and copy in order, after the one that all assets have.

    Args:
        directory: The build context.
        file: The Dockerfile, as given.
        exclude: The caller's patterns.
        outdir: Output directory of the stage, as given: a text, never made relative to the context.

    Raises:
        AssetIOError: ``.dockerignore`` can't be read.
    """
    patterns = list(exclude)
    path = os.path.join(directory, ".dockerignore")
    if os.path.exists(path):
        try:
            with open(path, "rb") as stream:
                text = stream.read().decode("utf-8", "replace")
        except OSError as error:
            raise asset_io_error("read", error) from None
        patterns = [*filter(None, text.split("\n")), *patterns, "!.dockerignore"]
    name = os.path.basename(os.path.normpath(directory + "/" + file))
    return [*patterns, f"!{name}", outdir]
