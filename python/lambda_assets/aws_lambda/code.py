"""``Code``: where the code of a function comes from (spec api, sections 2 and 4 to 8).

The factories only name the classes, which are in the modules beside this one. They touch no file; only
``from_custom_command`` and ``from_docker_build`` work at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from lambda_assets.aws_lambda.docker_build import DockerBuildFactory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.scope import Construct
    from lambda_assets.assembly.template import CfnResource
    from lambda_assets.aws_ecr_assets import NetworkMode, Platform
    from lambda_assets.aws_lambda.asset_code import AssetCode
    from lambda_assets.aws_lambda.ecr_image_code import EcrImageCode
    from lambda_assets.aws_lambda.image_code import AssetImageCode
    from lambda_assets.aws_lambda.inline_code import InlineCode
    from lambda_assets.aws_lambda.parameters_code import CfnParametersCode
    from lambda_assets.aws_lambda.protocols import (
        BucketLike,
        Key,
        Parameter,
        RepositoryLike,
    )
    from lambda_assets.aws_lambda.s3_code import S3Code, S3CodeV2
    from lambda_assets.aws_lambda.structs import CodeConfig, S3ObjectStorageMode
    from lambda_assets.aws_s3_assets import Grantee
    from lambda_assets.bundling import BundlingOptions
    from lambda_assets.filesystem.options import Follow, Ignore, StrPath
    from lambda_assets.staging import AssetHashType


class Code(DockerBuildFactory, ABC):
    """Where the code of a function comes from."""

    @abstractmethod
    def bind(self, scope: Construct) -> CodeConfig:
        """Register what is needed in a stack and say where the code will be.

        Args:
            scope: The function: children are made under it.
        """

    def bind_to_resource(
        self, _resource: CfnResource, *, resource_property: str | None = None
    ) -> None:
        """Note on a resource where its code comes from, for tools such as ``sam local``; most kinds note nothing.

        Args:
            _resource: The resource.
            resource_property: Its property that holds the code.
        """

    @classmethod
    def from_asset(  # noqa: PLR0913  the CDK's options
        cls,
        path: StrPath | None,
        *,
        deploy_time: bool | None = None,
        display_name: str | None = None,
        readers: Sequence[Grantee] | None = None,
        source_kms_key: Key | None = None,
        asset_hash: str | None = None,
        asset_hash_type: AssetHashType | str | None = None,
        bundling: BundlingOptions | Mapping[str, Any] | None = None,
        exclude: Sequence[str] | None = None,
        follow_symlinks: Follow | None = None,
        ignore_mode: Ignore | None = None,
        staging: str | None = None,
    ) -> AssetCode:
        """Code in a directory or an archive; nothing is read before ``bind``.

        Args:
            path: The directory, or a .zip, .jar, .tar, .tar.gz or .tgz file. None if all comes from the bundler; then
                ``bundling`` and ``asset_hash`` are needed.
            deploy_time: Whether the asset is needed during the deployment only; True if None.
            display_name: Its name in the asset manifest.
            readers: Who may read the object.
            source_kms_key: The key that decrypts the object.
            asset_hash: Hashed instead of the files.
            asset_hash_type: What is hashed.
            bundling: How the code is built from the directory.
            exclude: Patterns of what is left out.
            follow_symlinks: What to do with links.
            ignore_mode: The language of the patterns.
            staging: How it is staged: ``copy``, ``link``, ``zip`` or ``reference``; as the app says if None.

        Raises:
            OptionTypeError: The path is neither text nor ``os.PathLike``, or None without bundling or hash.
        """
        from lambda_assets.aws_lambda.asset_code import AssetCode  # noqa: PLC0415  a subclass

        return AssetCode(
            path,
            deploy_time=deploy_time,
            display_name=display_name,
            readers=readers,
            source_kms_key=source_kms_key,
            asset_hash=asset_hash,
            asset_hash_type=asset_hash_type,
            bundling=bundling,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            ignore_mode=ignore_mode,
            staging=staging,
        )

    @classmethod
    def from_asset_image(  # noqa: PLR0913  the CDK's options
        cls,
        directory: StrPath,
        *,
        cmd: Sequence[str] | None = None,
        entrypoint: Sequence[str] | None = None,
        working_directory: str | None = None,
        asset_name: str | None = None,
        build_args: Mapping[str, str] | None = None,
        build_contexts: Mapping[str, str] | None = None,
        build_secrets: Mapping[str, str] | None = None,
        build_ssh: str | None = None,
        cache_disabled: bool | None = None,
        cache_from: Sequence[Any] | None = None,
        cache_to: Any = None,  # noqa: ANN401  DockerCacheOption of three homes
        display_name: str | None = None,
        file: StrPath | None = None,
        invalidation: Any = None,  # noqa: ANN401  a struct or a dict
        network_mode: NetworkMode | None = None,
        outputs: Sequence[str] | None = None,
        platform: Platform | None = None,
        target: str | None = None,
        extra_hash: str | None = None,
        exclude: Sequence[str] | None = None,
        follow_symlinks: Follow | None = None,
        ignore_mode: Ignore | None = None,
    ) -> AssetImageCode:
        """An image that is built from a directory when it is published; nothing is read before ``bind``.

        Args:
            directory: The build context.
            cmd: Instead of the image's CMD.
            entrypoint: Instead of the image's ENTRYPOINT.
            working_directory: Instead of the image's WORKDIR.
            asset_name: Put before the hash in the manifest.
            build_args: ``--build-arg``.
            build_contexts: ``--build-context``.
            build_secrets: ``--secret``, by id.
            build_ssh: ``--ssh``.
            cache_disabled: ``--no-cache``.
            cache_from: ``--cache-from``.
            cache_to: ``--cache-to``.
            display_name: The name in the asset manifest.
            file: The Dockerfile, relative to the directory.
            invalidation: Which options are part of the hash.
            network_mode: ``--network``.
            outputs: ``--output``.
            platform: ``--platform``.
            target: ``--target``.
            extra_hash: Text that goes into the hash besides the files.
            exclude: Patterns of what is left out.
            follow_symlinks: What to do with links.
            ignore_mode: The language of the patterns, DOCKER if None.
        """
        from lambda_assets.aws_lambda.image_code import AssetImageCode  # noqa: PLC0415  a subclass

        return AssetImageCode(
            directory,
            cmd=cmd,
            entrypoint=entrypoint,
            working_directory=working_directory,
            asset_name=asset_name,
            build_args=build_args,
            build_contexts=build_contexts,
            build_secrets=build_secrets,
            build_ssh=build_ssh,
            cache_disabled=cache_disabled,
            cache_from=cache_from,
            cache_to=cache_to,
            display_name=display_name,
            file=file,
            invalidation=invalidation,
            network_mode=network_mode,
            outputs=outputs,
            platform=platform,
            target=target,
            extra_hash=extra_hash,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            ignore_mode=ignore_mode,
        )

    @classmethod
    def from_bucket(cls, bucket: BucketLike, key: str, object_version: str | None = None) -> S3Code:
        """An object in a bucket; without a version, the bucket gets a warning.

        Args:
            bucket: The bucket.
            key: The object.
            object_version: Its version.

        Raises:
            ValidationError: The bucket has no name.
        """
        from lambda_assets.aws_lambda import s3_code  # noqa: PLC0415  a subclass

        if object_version is None:
            s3_code.warn_of_missing_version(bucket, "objectVersion", "fromBucket")
        return s3_code.S3Code(bucket, key, object_version)

    @classmethod
    def from_bucket_v2(
        cls,
        bucket: BucketLike,
        key: str,
        *,
        object_version: str | None = None,
        s3_object_storage_mode: S3ObjectStorageMode | str | None = None,
        source_kms_key: Key | None = None,
    ) -> S3CodeV2:
        """An object in a bucket, with a key and a storage mode; without a version, the bucket gets a warning.

        Args:
            bucket: The bucket.
            key: The object.
            object_version: Its version.
            s3_object_storage_mode: How Lambda keeps the object.
            source_kms_key: The key that decrypts it.

        Raises:
            ValidationError: The bucket has no name, or the mode is REFERENCE and there is no version.
        """
        from lambda_assets.aws_lambda import s3_code  # noqa: PLC0415  a subclass

        if object_version is None:
            s3_code.warn_of_missing_version(bucket, "options.objectVersion", "fromBucketV2")
        return s3_code.S3CodeV2(
            bucket,
            key,
            object_version=object_version,
            s3_object_storage_mode=s3_object_storage_mode,
            source_kms_key=source_kms_key,
        )

    @classmethod
    def from_cfn_parameters(
        cls,
        *,
        bucket_name_param: Parameter | None = None,
        object_key_param: Parameter | None = None,
        source_kms_key: Key | None = None,
    ) -> CfnParametersCode:
        """An object whose place is given to the template as parameters.

        Args:
            bucket_name_param: The parameter with the bucket, a new one if None.
            object_key_param: The parameter with the object's key, a new one if None.
            source_kms_key: The key that decrypts the object.
        """
        from lambda_assets.aws_lambda.parameters_code import CfnParametersCode  # noqa: PLC0415

        return CfnParametersCode(
            bucket_name_param=bucket_name_param,
            object_key_param=object_key_param,
            source_kms_key=source_kms_key,
        )

    @classmethod
    def from_custom_command(  # noqa: PLR0913  the CDK's options
        cls,
        output: StrPath,
        command: Sequence[str],
        *,
        command_options: Mapping[str, Any] | None = None,
        deploy_time: bool | None = None,
        display_name: str | None = None,
        readers: Sequence[Grantee] | None = None,
        source_kms_key: Key | None = None,
        asset_hash: str | None = None,
        asset_hash_type: AssetHashType | str | None = None,
        bundling: BundlingOptions | Mapping[str, Any] | None = None,
        exclude: Sequence[str] | None = None,
        follow_symlinks: Follow | None = None,
        ignore_mode: Ignore | None = None,
    ) -> AssetCode:
        """Run a command now, and use what it wrote.

        Args:
            output: The directory or archive that the command writes.
            command: The program and its arguments; no shell.
            command_options: How it runs, see :func:`lambda_assets.aws_lambda.command.run`.
            deploy_time: As in :meth:`from_asset`, like all that follow.
            display_name: As above.
            readers: As above.
            source_kms_key: As above.
            asset_hash: As above.
            asset_hash_type: As above.
            bundling: As above.
            exclude: As above.
            follow_symlinks: As above.
            ignore_mode: As above.

        Raises:
            ValidationError: There is no command, it can't be run, it fails, or it takes too long.
            OptionError: A command option is unknown or has a wrong value.
        """
        from lambda_assets.aws_lambda import command as custom  # noqa: PLC0415  starts processes

        custom.run(command, command_options)
        return cls.from_asset(
            output,
            deploy_time=deploy_time,
            display_name=display_name,
            readers=readers,
            source_kms_key=source_kms_key,
            asset_hash=asset_hash,
            asset_hash_type=asset_hash_type,
            bundling=bundling,
            exclude=exclude,
            follow_symlinks=follow_symlinks,
            ignore_mode=ignore_mode,
        )

    @classmethod
    def from_ecr_image(
        cls,
        repository: RepositoryLike,
        *,
        cmd: Sequence[str] | None = None,
        entrypoint: Sequence[str] | None = None,
        tag: str | None = None,
        tag_or_digest: str | None = None,
        working_directory: str | None = None,
    ) -> EcrImageCode:
        """An image that is in a repository already.

        Args:
            repository: The repository.
            cmd: Instead of the image's CMD.
            entrypoint: Instead of the image's ENTRYPOINT.
            tag: The tag; deprecated, use ``tag_or_digest``.
            tag_or_digest: The tag or the digest, ``latest`` if None.
            working_directory: Instead of the image's WORKDIR.
        """
        from lambda_assets.aws_lambda.ecr_image_code import EcrImageCode  # noqa: PLC0415

        return EcrImageCode(
            repository,
            cmd=cmd,
            entrypoint=entrypoint,
            tag=tag,
            tag_or_digest=tag_or_digest,
            working_directory=working_directory,
        )

    @classmethod
    def from_inline(cls, code: str) -> InlineCode:
        """Code in the template itself.

        Args:
            code: The text of the only file.

        Raises:
            ValidationError: It is empty.
        """
        from lambda_assets.aws_lambda.inline_code import InlineCode  # noqa: PLC0415  a subclass

        return InlineCode(code)
