"""``DockerImageAsset``: an image that is built from a directory when it is published (spec image, sections 1 to 8)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from lambda_assets.assembly.model import DockerCacheOption, DockerImageAssetSource
from lambda_assets.assembly.scope import STAGING, Construct, Stack, Stage, name_in_stack
from lambda_assets.assembly.tokens import is_unresolved
from lambda_assets.aws_ecr import Repository
from lambda_assets.aws_ecr_assets.dockerfile import complaint
from lambda_assets.aws_ecr_assets.options import (
    DockerImageAssetInvalidationOptions,
    NetworkMode,
    Platform,
    exclude_list,
    hashed_text,
    string_map,
)
from lambda_assets.errors import OptionTypeError, UnbuildableImageError, ValidationError
from lambda_assets.filesystem.file_system import report
from lambda_assets.filesystem.options import Selection, path_text
from lambda_assets.staging import AssetStaging
from lambda_assets.staging.asset_staging import DISABLE
from lambda_assets.structs import coerce

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.aws_lambda.protocols import Resource
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath

    Value = TypeVar("Value", NetworkMode, Platform)

METADATA_CONTEXT = "aws:cdk:enable-asset-metadata"
UNBUILDABLE_CONTEXT = "lambda-assets:allow-unbuildable-images"
"""If true: an image whose build is bound to fail is a notice, as upstream lets it pass, and no error."""

_REMOVED_FLAG = "@aws-cdk/aws-ecr-assets:dockerIgnoreSupport"


class DockerImageAsset(Construct):
    """An image that is built from a directory when it is published.

    Args:
        scope: Its parent in the tree.
        id: Its name there.
        directory: The build context, relative to the current working directory.
        asset_name: Comes before the hash in its id.
        build_args: Build arguments; hashed and written in clear, so no place for secrets.
        build_contexts: Additional contexts; the texts are hashed, not what they lead to.
        build_secrets: Where secrets come from; see :class:`DockerBuildSecret`.
        build_ssh: SSH agent or keys.
        cache_disabled: Whether the build uses no cache.
        cache_from: Where it reads its cache.
        cache_to: Where it writes its cache.
        display_name: What tools call it; the path in the tree below the stack if None.
        file: The Dockerfile, ``Dockerfile`` if None.
        invalidation: Which options are hashed.
        network_mode: The network of the build.
        outputs: Outputs of the build.
        platform: The platform of the image.
        target: The stage of the Dockerfile.
        extra_hash: Text that goes into the hash.
        exclude: Patterns, after the lines of ``.dockerignore``.
        follow_symlinks: What to do with links, EXTERNAL if None.
        ignore_mode: The language of the patterns, DOCKER if None.

    Attributes:
        asset_hash: Its hash.
        image_uri: What it is pulled by, with placeholders for what only the deployment knows.
        image_tag: Its tag.
        repository: Its repository.

    Raises:
        ValidationError: Directory or Dockerfile do not exist, a value is known at deployment only, or the output directory
            would be copied into itself.
        UnbuildableImageError: The build would not find its Dockerfile.
        OptionTypeError: An option has a wrong type.
        PatternError: A pattern is invalid.
        AssetIOError: The system refuses something.
    """

    def __init__(  # noqa: PLR0913  the CDK's options
        self,
        scope: Construct,
        id: str,  # noqa: A002  the CDK's name
        *,
        directory: StrPath,
        asset_name: str | None = None,
        build_args: Mapping[str, str] | None = None,
        build_contexts: Mapping[str, str] | None = None,
        build_secrets: Mapping[str, str] | None = None,
        build_ssh: str | None = None,
        cache_disabled: bool | None = None,
        cache_from: Sequence[DockerCacheOption | Mapping[str, Any]] | None = None,
        cache_to: DockerCacheOption | Mapping[str, Any] | None = None,
        display_name: str | None = None,
        file: StrPath | None = None,
        invalidation: DockerImageAssetInvalidationOptions | Mapping[str, Any] | None = None,
        network_mode: NetworkMode | None = None,
        outputs: Sequence[str] | None = None,
        platform: Platform | None = None,
        target: str | None = None,
        extra_hash: str | None = None,
        exclude: Sequence[str] | None = None,
        follow_symlinks: Follow | None = None,
        ignore_mode: Ignore | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._stack = Stack.of(self)
        texts: dict[str, Any] = {
            "directory": path_text(directory, "directory"),
            "file": None if file is None else path_text(file, "file"),
            "asset_name": asset_name,
            "build_ssh": build_ssh,
            "display_name": display_name,
            "target": target,
            "extra_hash": extra_hash,
        }
        for name, value in texts.items():
            _check_text(name, value)
        options: dict[str, Any] = {
            **texts,
            "build_args": string_map("build_args", build_args),
            "build_contexts": string_map("build_contexts", build_contexts),
            "build_secrets": string_map("build_secrets", build_secrets),
            "network_mode": _value(NetworkMode, network_mode, "mode"),
            "platform": _value(Platform, platform, "platform"),
            "outputs": None if outputs is None else list(outputs),
        }
        selected = coerce(DockerImageAssetInvalidationOptions, invalidation, "invalidation")
        extra = hashed_text(options, selected or DockerImageAssetInvalidationOptions())
        options |= {
            "cache_from": None if cache_from is None else [_cache(c) for c in cache_from],
            "cache_to": None if cache_to is None else _cache(cache_to),
            "cache_disabled": cache_disabled,
        }
        file = options["file"] or "Dockerfile"
        staged = self._stage(
            options["directory"], file, extra, exclude, follow_symlinks, ignore_mode
        )
        self._source = _source(self, self.asset_hash, staged, options)
        location = self._stack.add_docker_image_asset(self._source)
        self.image_uri = location.image_uri
        self.image_tag = location.image_tag or self.asset_hash
        self.repository: Repository = Repository.from_repository_name(
            self, "Repository", location.repository_name
        )

    def add_resource_metadata(self, resource: Resource, resource_property: str) -> None:
        """Note context and options of the build on a resource, if the context asks for it (spec image, section 7).

        Args:
            resource: The resource.
            resource_property: Its property that holds the image.
        """
        if not self.node.try_get_context(METADATA_CONTEXT):
            return
        source = self._source.document()
        rows = {
            "path": source["directory"],
            "dockerfile-path": self._source.docker_file or "Dockerfile",
            "docker-build-args": source.get("dockerBuildArgs"),
            "docker-build-contexts": source.get("dockerBuildContexts"),
            "docker-build-secrets": source.get("dockerBuildSecrets"),
            "docker-build-ssh": source.get("dockerBuildSsh"),
            "docker-build-target": source.get("dockerBuildTarget"),
            "property": resource_property,
            "docker-outputs": source.get("dockerOutputs"),
            "docker-cache-from": source.get("cacheFrom"),
            "docker-cache-to": source.get("cacheTo"),
            "docker-cache-disabled": source.get("cacheDisabled"),
        }
        for name, value in rows.items():
            if value is not None:
                resource.add_metadata(f"aws:asset:{name}", value)

    def _stage(
        self,
        given: str,
        file: str,
        extra: str,
        exclude: Sequence[str] | None,
        follow: Follow | None,
        ignore_mode: Ignore | None,
    ) -> str:
        """Stage the context; its path in the manifest."""
        directory = os.path.abspath(given)
        path = os.path.normpath(directory + "/" + file)
        if not os.path.exists(directory):
            raise ValidationError(
                f"Cannot find image directory at {directory}", "CannotFindImageDirectory"
            )
        if not os.path.exists(path):
            raise ValidationError(f"Cannot find file at {path}", "CannotFindFile")
        if self.node.try_get_context(_REMOVED_FLAG) is not None:
            raise ValidationError(
                f"Unsupported feature flag '{_REMOVED_FLAG}'. This flag existed on CDKv1 but has been removed in CDKv2."
                " CDK will now behave as the same as when the flag is enabled."
            )
        stage = Stage.of(self) or _no_stage(self)
        patterns = Selection(exclude=exclude).exclude
        selection = Selection(
            extra_hash=extra,
            follow=follow,
            exclude=exclude_list(directory, file, patterns, stage.outdir),
            ignore_mode="docker" if ignore_mode is None else ignore_mode,
        )
        way = image_way(self)
        copied = way != "reference" and not self.node.try_get_context(DISABLE)
        self._complain(complaint(directory, file, selection, stage.asset_outdir, copied=copied))
        staging = AssetStaging(
            self,
            "Staging",
            source_path=directory,
            extra_hash=selection.extra_hash,
            exclude=selection.exclude,
            follow=selection.follow,
            ignore_mode=selection.ignore_mode,
            staging=way,
        )
        self.asset_hash = staging.asset_hash
        return staging.relative_staged_path(self._stack)

    def _complain(self, found: tuple[str, str] | None) -> None:
        if found is None:
            return
        message, hint = found
        if not self.node.try_get_context(UNBUILDABLE_CONTEXT):
            raise UnbuildableImageError(message).with_hint(hint)
        report([("dockerfile-left-out", f"{message}: the build will fail")])


def _source(
    image: Construct, digest: str, directory: str, options: Mapping[str, Any]
) -> DockerImageAssetSource:
    shown = options["display_name"]
    return DockerImageAssetSource(
        source_hash=digest,
        asset_name=options["asset_name"],
        directory_name=directory,
        docker_build_args=options["build_args"],
        docker_build_contexts=options["build_contexts"],
        docker_build_secrets=options["build_secrets"],
        docker_build_ssh=options["build_ssh"],
        docker_build_target=options["target"],
        docker_file=options["file"],
        network_mode=options["network_mode"] and options["network_mode"].mode,
        platform=options["platform"] and options["platform"].platform,
        docker_outputs=options["outputs"],
        docker_cache_from=options["cache_from"],
        docker_cache_to=options["cache_to"],
        docker_cache_disabled=options["cache_disabled"],
        display_name=shown if shown is not None else options["asset_name"] or name_in_stack(image),
    )


def image_way(construct: Construct) -> str | None:
    """How an image is staged: as the context says, but never as an archive, which no build could read.

    Args:
        construct: The image.
    """
    way: str | None = construct.node.try_get_context(STAGING)
    return "copy" if way == "zip" else way


def _no_stage(construct: Construct) -> Stage:
    raise ValidationError(f"'{construct.node.path}' is not in an App or a Stage")


def _check_text(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise OptionTypeError(f"{name} must be str, not {type(value).__name__}")
    if is_unresolved(value):
        first, *rest = name.split("_")
        camel = first + "".join(word.title() for word in rest)
        raise ValidationError(
            f"Cannot use Token as value of '{camel}': this value is used before deployment starts",
            "CannotTokenValue",
        )


def _value(cls: type[Value], value: object, field: str) -> Value | None:
    """Ours, that of ``aws_cdk``, or the text itself."""
    text = value if isinstance(value, str) else getattr(value, field, None)
    if value is None:
        return None
    if not isinstance(text, str):
        raise OptionTypeError(f"expected {cls.__name__}, not {type(value).__name__}")
    return cls(text)


def _cache(value: object) -> DockerCacheOption:
    made = coerce(DockerCacheOption, value, "cache option")
    if made is None:
        raise OptionTypeError("a cache option must not be None")
    return made
