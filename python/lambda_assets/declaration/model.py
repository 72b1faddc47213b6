"""What is declared and what became of it, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambda_assets.assembly.scope import Stack
    from lambda_assets.errors import AssetError

STACK_NAME = "Assets"
"""Of a stack that has no name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A file or directory that is staged.

    Attributes:
        name: Its id in the stack.
        path: The file or directory.
        options: Keys of an ``[asset.NAME]`` table without ``path``, values as the API takes them.
    """

    name: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageEntry:
    """An image: a build context, or an archive that ``docker load`` reads.

    Attributes:
        name: Its id in the stack.
        path: The build context or the archive.
        is_tarball: Whether it is an archive.
        options: Keys of an ``[image.NAME]`` table without the path, values as the API takes them.
    """

    name: str
    path: str
    is_tarball: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


AnyEntry: TypeAlias = FileEntry | ImageEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The assets of one stack.

    Attributes:
        entries: The assets in their order.
        stack: Keys of the ``[stack]`` table.
    """

    entries: tuple[AnyEntry, ...]
    stack: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """An asset in the output directory.

    Attributes:
        entry: What was asked for.
        asset_hash: Its hash.
        packaging: ``zip`` or ``file``; ``image`` for an image.
        path: Where it lies, absolute.
        bucket: The bucket, None for an image.
        key: The key of the object, None for an image.
        url: The address of the object with the scheme ``s3``, None for an image.
        repository: The repository, None for a file asset.
        tag: The tag, None for a file asset.
        uri: What the image is pulled by, None for a file asset.
        size: Bytes of the object; None for a directory, which becomes an object at publication, and for an image.
        sha256_base64: The SHA-256 of the object as AWS Lambda and Terraform show it; None as ``size``.
    """

    entry: AnyEntry
    asset_hash: str
    packaging: str
    path: str
    bucket: str | None = None
    key: str | None = None
    url: str | None = None
    repository: str | None = None
    tag: str | None = None
    uri: str | None = None
    size: int | None = None
    sha256_base64: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """An asset that could not be staged.

    Attributes:
        entry: What was asked for.
        error: Why.
    """

    entry: AnyEntry
    error: AssetError


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a declaration.

    Attributes:
        results: One for each entry, in their order.
        stack: The stack with all that was staged. Its manifest was written only if nothing failed.
    """

    results: tuple[Staged | Failed, ...]
    stack: Stack

    @property
    def failures(self) -> list[Failed]:
        """What failed."""
        return [result for result in self.results if isinstance(result, Failed)]
