"""What assets are and where they go, as values (spec assembly, section 5; spec image, section 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FileAssetPackaging(Enum):
    """How a file asset becomes an object."""

    ZIP_DIRECTORY = "zip"
    """The directory is archived at publication."""

    FILE = "file"
    """The file is uploaded as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a stack is deployed.

    Attributes:
        account: The account, None if only the deployment knows it.
        region: The region, None if only the deployment knows it.
    """

    account: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAssetSource:
    """A file asset before it has a place.

    Attributes:
        source_hash: Its hash.
        file_name: Path, relative to the directory of the manifest.
        executable: A command that prints the path, instead of ``file_name``.
        packaging: How it becomes an object.
        deploy_time: Whether it is needed during the deployment only.
        display_name: What tools call it.
    """

    source_hash: str
    file_name: str | None = None
    executable: Sequence[str] | None = None
    packaging: FileAssetPackaging | None = None
    deploy_time: bool | None = None
    display_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAssetLocation:
    """Where a file asset will be, each with placeholders for what only the deployment knows.

    Attributes:
        bucket_name: The bucket.
        object_key: The object.
        http_url: Its address with HTTPS.
        s3_object_url: Its address with the scheme ``s3``.
        s3_object_url_with_placeholders: The same, with all placeholders kept.
        kms_key_arn: The key that the bucket encrypts with.
    """

    bucket_name: str
    object_key: str
    http_url: str
    s3_object_url: str
    s3_object_url_with_placeholders: str | None = None
    kms_key_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerCacheOption:
    """Where an image build reads or writes its cache.

    Attributes:
        type: The kind of cache, such as ``registry``.
        params: Its parameters.
    """

    type: str
    # Values that may be secret are not shown where a value is printed or logged.
    params: Mapping[str, str] | None = field(default=None, repr=False)

    def document(self) -> dict[str, Any]:
        """The option as the manifest shows it."""
        shown: dict[str, Any] = {"type": self.type}
        if self.params is not None:
            shown["params"] = dict(self.params)
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerImageAssetSource:
    """An image asset before it has a place; a None is not in the manifest, an empty value is.

    Attributes:
        source_hash: Its hash.
        asset_name: Comes before the hash in its id.
        directory_name: Build context, relative to the directory of the manifest.
        executable: A command that prints the name of a local image, instead of a build.
        display_name: What tools call it.
    """

    source_hash: str
    asset_name: str | None = None
    directory_name: str | None = None
    executable: Sequence[str] | None = None
    docker_build_args: Mapping[str, str] | None = field(default=None, repr=False)
    docker_build_contexts: Mapping[str, str] | None = field(default=None, repr=False)
    docker_build_secrets: Mapping[str, str] | None = field(default=None, repr=False)
    docker_build_ssh: str | None = field(default=None, repr=False)
    docker_build_target: str | None = None
    docker_file: str | None = None
    network_mode: str | None = None
    platform: str | None = None
    docker_outputs: Sequence[str] | None = None
    docker_cache_from: Sequence[DockerCacheOption] | None = None
    docker_cache_to: DockerCacheOption | None = None
    docker_cache_disabled: bool | None = None
    display_name: str | None = None

    def document(self) -> dict[str, Any]:
        """The ``source`` of the manifest entry, keys in the order of stock."""
        caches = self.docker_cache_from
        shown = {
            "executable": _listed(self.executable),
            "directory": self.directory_name,
            "dockerBuildArgs": self.docker_build_args,
            "dockerBuildContexts": self.docker_build_contexts,
            "dockerBuildSecrets": self.docker_build_secrets,
            "dockerBuildSsh": self.docker_build_ssh,
            "dockerBuildTarget": self.docker_build_target,
            "dockerFile": self.docker_file,
            "networkMode": self.network_mode,
            "platform": self.platform,
            "dockerOutputs": _listed(self.docker_outputs),
            "cacheFrom": None if caches is None else [c.document() for c in caches],
            "cacheTo": self.docker_cache_to and self.docker_cache_to.document(),
            "cacheDisabled": self.docker_cache_disabled,
        }
        return {key: value for key, value in shown.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerImageAssetLocation:
    """Where an image will be, with placeholders for what only the deployment knows.

    Attributes:
        image_uri: What it is pulled by.
        repository_name: The repository.
        image_tag: The tag.
    """

    image_uri: str
    repository_name: str
    image_tag: str | None = None


def _listed(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
