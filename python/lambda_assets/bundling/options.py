"""How an asset is built from its source (spec staging, sections 2 and 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from lambda_assets.docker.image import DockerImage
from lambda_assets.errors import OptionError, OptionTypeError
from lambda_assets.structs import coerce

if TYPE_CHECKING:
    Member = TypeVar("Member", bound=Enum)


class BundlingOutput(Enum):
    """What the bundler must produce."""

    ARCHIVED = "archived"
    """One archive."""

    NOT_ARCHIVED = "not-archived"
    """A directory."""

    AUTO_DISCOVER = "auto-discover"
    """One archive, or else a directory; the default."""

    SINGLE_FILE = "single-file"
    """One file of any kind."""


class BundlingFileAccess(Enum):
    """How files come into the container."""

    VOLUME_COPY = "VOLUME_COPY"
    """By copies into volumes and out of them."""

    BIND_MOUNT = "BIND_MOUNT"
    """By mounts of the directories; the default."""


class DockerVolumeConsistency(Enum):
    """How fast both sides of a mount see what the other writes; of use on macOS only."""

    CONSISTENT = "consistent"
    """At once."""

    DELEGATED = "delegated"
    """The container leads; the default."""

    CACHED = "cached"
    """The host leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerVolume:
    """A directory of the host in the container.

    Attributes:
        host_path: The directory.
        container_path: Where the container sees it.
        consistency: DELEGATED if None.
    """

    host_path: str
    container_path: str
    consistency: DockerVolumeConsistency | None = None


@runtime_checkable
class ILocalBundling(Protocol):
    """Bundles without a container."""

    def try_bundle(self, output_dir: str, options: BundlingOptions) -> bool:
        """Bundle, or say that it can't be done here.

        Args:
            output_dir: Where to write to.
            options: The options of the asset.

        Returns:
            Whether the asset is done.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlingOptions:
    """How an asset is built; names and meaning are those of ``aws_cdk``.

    Attributes:
        image: The image of the container.
        command: What runs there.
        entrypoint: What runs it.
        environment: Variables; their order is part of the hash.
        local: Tried first.
        network: The network of the container.
        output_type: What comes out.
        platform: The platform of the image.
        security_opt: Security options of the container.
        user: User and group in it.
        volumes: More directories.
        volumes_from: Containers whose volumes are mounted too.
        working_directory: The directory in the container.
        bundling_file_access: How files get there.
    """

    image: DockerImage
    command: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    environment: Mapping[str, str] | None = None
    local: Any = None
    network: str | None = None
    output_type: BundlingOutput | None = None
    platform: str | None = None
    security_opt: str | None = None
    user: str | None = None
    volumes: Sequence[DockerVolume] | None = None
    volumes_from: Sequence[str] | None = None
    working_directory: str | None = None
    bundling_file_access: BundlingFileAccess | None = None


#: Key in the hashed JSON and field, in the order of the JSON.
_ORDER = (
    ("image", "image"),
    ("bundlingFileAccess", "bundling_file_access"),
    ("command", "command"),
    ("entrypoint", "entrypoint"),
    ("environment", "environment"),
    ("local", "local"),
    ("network", "network"),
    ("outputType", "output_type"),
    ("platform", "platform"),
    ("securityOpt", "security_opt"),
    ("user", "user"),
    ("volumes", "volumes"),
    ("volumesFrom", "volumes_from"),
    ("workingDirectory", "working_directory"),
)


def bundling_options(value: object) -> BundlingOptions | None:
    """Read what a caller passed: an instance, a dict, or the struct of ``aws_cdk``; members by name or text too.

    Args:
        value: The options, or None.

    Raises:
        OptionTypeError: A field is unknown, missing, or has a wrong type.
        OptionError: A field has a value that does not exist.
    """
    given = coerce(BundlingOptions, value, "bundling")
    if given is None:
        return None
    values = {field.name: getattr(given, field.name) for field in fields(given)}
    values["image"] = _image(values["image"])
    values["output_type"] = member(BundlingOutput, values["output_type"], "output_type")
    values["bundling_file_access"] = member(
        BundlingFileAccess, values["bundling_file_access"], "bundling_file_access"
    )
    for name in ("command", "entrypoint", "volumes_from"):
        values[name] = _texts(values[name], name)
    values["environment"] = _environment(values["environment"])
    if values["volumes"] is not None:
        values["volumes"] = [_volume(volume) for volume in values["volumes"]]
    return BundlingOptions(**values)


def document(options: BundlingOptions) -> dict[str, Any]:
    """The options as the hashed JSON has them; None is left out, empty values stay.

    Args:
        options: The options, read by :func:`bundling_options`.
    """
    shown: dict[str, Any] = {}
    for key, name in _ORDER:
        value = getattr(options, name)
        if value is not None:
            shown[key] = _plain(value, name)
    return shown


def member(kind: type[Member], value: object, name: str) -> Member | None:
    """A member of an enum: itself, that of ``aws_cdk``, its name or its text.

    Args:
        kind: The enum.
        value: What was passed.
        name: The option, for messages.

    Raises:
        OptionTypeError: Neither a member nor a text.
        OptionError: There is no such member.
    """
    if value is None or isinstance(value, kind):
        return value
    if isinstance(value, Enum) and type(value).__name__ == kind.__name__:
        value = value.name
    if not isinstance(value, str):
        raise OptionTypeError(f"{name} must be {kind.__name__}, not {type(value).__name__}")
    for one in kind:
        if value in {one.name, one.value}:
            return one
    raise OptionError(f"unknown {name} {value!r}").with_hint("use " + ", ".join(kind.__members__))


def _plain(value: Any, name: str) -> Any:  # noqa: ANN401  fields of all types
    if name == "local":
        return {}
    if isinstance(value, DockerImage):
        return value.to_json()
    if isinstance(value, Enum):
        return value.value
    if name == "volumes":
        return [_plain_volume(volume) for volume in value]
    return value


def _plain_volume(volume: DockerVolume) -> dict[str, str]:
    shown = {"containerPath": volume.container_path, "hostPath": volume.host_path}
    if volume.consistency is not None:
        shown["consistency"] = volume.consistency.value
    return shown


def _image(value: object) -> DockerImage:
    if isinstance(value, DockerImage):
        return value
    name, to_json = getattr(value, "image", None), getattr(value, "to_json", None)
    if isinstance(name, str) and callable(to_json):
        return DockerImage(name, to_json())
    raise OptionTypeError(
        f"bundling.image must be DockerImage, not {type(value).__name__}"
    ).with_hint("DockerImage.from_registry(name)")


def _texts(value: object, name: str) -> list[str] | None:
    if value is None:
        return None
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise OptionTypeError(f"bundling.{name} must be a sequence of str")
    if not all(isinstance(one, str) for one in value):
        raise OptionTypeError(f"bundling.{name} must hold str only")
    return list(value)


def _environment(value: object) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not all(
        isinstance(part, str) for pair in value.items() for part in pair
    ):
        raise OptionTypeError("bundling.environment must map str to str")
    if "__proto__" in value:
        raise OptionError("bundling.environment must not have the key '__proto__'")
    return dict(value)


def _volume(value: object) -> DockerVolume:
    given = coerce(DockerVolume, value, "bundling.volumes")
    if given is None:
        raise OptionTypeError("bundling.volumes must hold DockerVolume only")
    return DockerVolume(
        host_path=given.host_path,
        container_path=given.container_path,
        consistency=member(DockerVolumeConsistency, given.consistency, "consistency"),
    )
