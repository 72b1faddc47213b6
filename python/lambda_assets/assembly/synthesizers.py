"""Where the assets of a stack go, and what the manifest says about it (spec assembly, sections 5 and 6)."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.model import (
    DockerImageAssetLocation,
    FileAssetLocation,
    FileAssetPackaging,
)
from lambda_assets.assembly.tokens import ACCOUNT, REGION, URL_SUFFIX
from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambda_assets.assembly.model import DockerImageAssetSource, FileAssetSource
    from lambda_assets.assembly.scope import Stack

QUALIFIER_CONTEXT = "@aws-cdk/core:bootstrapQualifier"
_QUALIFIER = "hnb659fds"
_PLACEHOLDERS = ("${Qualifier}", "${AWS::Region}", "${AWS::AccountId}", "${AWS::Partition}")
_BUCKET = "cdk-${Qualifier}-assets-${AWS::AccountId}-${AWS::Region}"
_REPOSITORY = "cdk-${Qualifier}-container-assets-${AWS::AccountId}-${AWS::Region}"
_VERSION_PARAMETER = "/cdk-bootstrap/${Qualifier}/version"


def _role(name: str) -> str:
    place = "${AWS::AccountId}-${AWS::Region}"
    return (
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
        f"cdk-${{Qualifier}}-{name}-role-{place}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSynthesizer:
    """What all synthesizers share; use one of the subclasses.

    Attributes:
        qualifier: Stands for ``${Qualifier}``; the context or the CDK's default if None.
    """

    qualifier: str | None = None

    def bind(self, stack: Stack) -> Specialized:
        """Fill in what a stack knows.

        Args:
            stack: The stack.

        Raises:
            ValidationError: An option has placeholders other than the four that are known.
        """
        for name in self.__dataclass_fields__:
            _check_placeholders(name, getattr(self, name), type(self).__name__)
        return Specialized(self, stack)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Publishing(StackSynthesizer):
    """Where assets are published; the constructors of the subclasses take these options too.

    Attributes:
        file_assets_bucket_name: The bucket.
        image_assets_repository_name: The repository.
        bucket_prefix: Comes before every key.
        docker_tag_prefix: Comes before every tag.
    """

    file_assets_bucket_name: str | None = None
    image_assets_repository_name: str | None = None
    bucket_prefix: str | None = None
    docker_tag_prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultStackSynthesizer(_Publishing):
    """Assets go to the bucket and the repository of the bootstrap stack, with its roles.

    A role for publishing or lookups that is ``""`` is left out of the manifest. The two switches are on unless they are False.
    """

    file_asset_publishing_role_arn: str | None = None
    file_asset_publishing_external_id: str | None = None
    file_asset_publishing_role_additional_options: Mapping[str, Any] | None = None
    image_asset_publishing_role_arn: str | None = None
    image_asset_publishing_external_id: str | None = None
    image_asset_publishing_role_additional_options: Mapping[str, Any] | None = None
    deploy_role_arn: str | None = None
    deploy_role_external_id: str | None = None
    deploy_role_additional_options: Mapping[str, Any] | None = None
    cloud_formation_execution_role: str | None = None
    lookup_role_arn: str | None = None
    lookup_role_external_id: str | None = None
    lookup_role_additional_options: Mapping[str, Any] | None = None
    use_lookup_role_for_stack_operations: bool | None = None
    generate_bootstrap_version_rule: bool | None = None
    bootstrap_stack_version_ssm_parameter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CliCredentialsStackSynthesizer(_Publishing):
    """As :class:`DefaultStackSynthesizer`, with the credentials of whoever deploys instead of roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstraplessSynthesizer(StackSynthesizer):
    """For accounts without a bootstrap stack: there is no place for assets.

    Attributes:
        deploy_role_arn: Who deploys.
        cloud_formation_execution_role_arn: As whom CloudFormation acts.
    """

    deploy_role_arn: str | None = None
    cloud_formation_execution_role_arn: str | None = None


class Specialized:
    """A synthesizer for one stack.

    Args:
        options: The synthesizer.
        stack: The stack.
    """

    def __init__(self, options: StackSynthesizer, stack: Stack) -> None:
        self.options = options
        self._stack = stack
        context = stack.node.try_get_context(QUALIFIER_CONTEXT)
        self.qualifier: str = options.qualifier or context or _QUALIFIER
        places = options if isinstance(options, _Publishing) else _Publishing()
        self.publishes = places is options
        self.bucket_name = self.text(_or(places.file_assets_bucket_name, _BUCKET))
        self.repository_name = self.text(_or(places.image_assets_repository_name, _REPOSITORY))
        self._prefix = self.text(places.bucket_prefix or "")
        self._tag_prefix = self.text(places.docker_tag_prefix or "")

    def text(self, text: str) -> str:
        """A text with the qualifier, and what is known of account and region, filled in.

        Args:
            text: The text.
        """
        text = text.replace("${Qualifier}", self.qualifier)
        return text.replace(ACCOUNT, self._stack.account).replace(REGION, self._stack.region)

    def file_asset(self, asset: FileAssetSource) -> tuple[dict[str, Any], FileAssetLocation]:
        """Manifest entry and place of a file asset.

        Args:
            asset: The asset.

        Raises:
            ValidationError: It has neither file name and packaging nor a command, or there is no place for assets.
        """
        self._check_publishes()
        if (asset.file_name is None) == (asset.executable is None):
            raise ValidationError("Exactly one of 'fileName' or 'executable' is required")
        source: dict[str, Any] = {"executable": list(asset.executable or ())}
        extension = ""
        if asset.file_name is not None:
            if asset.packaging is None:
                raise ValidationError("'packaging' is required with 'fileName'")
            source = {"path": asset.file_name, "packaging": asset.packaging.value}
            zipped = asset.packaging is FileAssetPackaging.ZIP_DIRECTORY
            extension = ".zip" if zipped else _extension(asset.file_name)
        key = f"{self._prefix}{asset.source_hash}{extension}"
        destination = self._destination(
            {"bucketName": self.bucket_name, "objectKey": key}, "file_asset_publishing"
        )
        url = f"s3://{self.bucket_name}/{key}"
        location = FileAssetLocation(
            bucket_name=self.bucket_name,
            object_key=key,
            http_url=f"https://s3.{self._stack.region}.{URL_SUFFIX}/{self.bucket_name}/{key}",
            s3_object_url=url,
            s3_object_url_with_placeholders=url,
        )
        return _entry(asset.display_name, source, destination), location

    def image_asset(
        self, asset: DockerImageAssetSource
    ) -> tuple[dict[str, Any], DockerImageAssetLocation]:
        """Manifest entry and place of an image asset.

        Args:
            asset: The asset.

        Raises:
            ValidationError: It has not exactly one of a directory and a command, or there is no place for assets.
        """
        self._check_publishes()
        if (asset.directory_name is None) == (asset.executable is None):
            raise ValidationError("Exactly one of 'directoryName' or 'executable' is required")
        tag = f"{self._tag_prefix}{asset.source_hash}"
        destination = self._destination(
            {"repositoryName": self.repository_name, "imageTag": tag}, "image_asset_publishing"
        )
        host = f"{self._stack.account}.dkr.ecr.{self._stack.region}.{URL_SUFFIX}"
        location = DockerImageAssetLocation(
            image_uri=f"{host}/{self.repository_name}:{tag}",
            repository_name=self.repository_name,
            image_tag=tag,
        )
        return _entry(asset.display_name, asset.document(), destination), location

    def role(self, option: str, name: str, external_id: str) -> dict[str, Any]:
        """The fields that say which role to assume; none with the credentials of the deployer.

        Args:
            option: First part of the options' names, such as ``deploy``.
            name: The role's part of the default name.
            external_id: The option with the external id.
        """
        options = self.options
        if not hasattr(options, f"{option}_role_arn"):
            return {}
        arn = self.text(_or(getattr(options, f"{option}_role_arn"), _role(name)))
        # Upstream leaves out empty roles, but not that of the deployment.
        if not arn and option != "deploy":
            return {}
        more = getattr(options, f"{option}_role_additional_options", None)
        fields = {
            "assumeRoleArn": arn,
            "assumeRoleExternalId": getattr(options, external_id, None),
            "assumeRoleAdditionalOptions": more,
        }
        return {key: value for key, value in fields.items() if value is not None}

    def cfn_execution_role(self) -> str | None:
        """The role that CloudFormation gets, None with the credentials of the deployer."""
        if isinstance(self.options, DefaultStackSynthesizer):
            given = self.options.cloud_formation_execution_role
        elif isinstance(self.options, BootstraplessSynthesizer):
            given = self.options.cloud_formation_execution_role_arn
        else:
            return None
        return self.text(_or(given, _role("cfn-exec")))

    def version_parameter(self) -> str | None:
        """The SSM parameter with the version of the bootstrap stack, None if it does not matter."""
        if not isinstance(self.options, DefaultStackSynthesizer):
            return None
        given = self.options.bootstrap_stack_version_ssm_parameter
        return _or(given, _VERSION_PARAMETER).replace("${Qualifier}", self.qualifier)

    def _check_publishes(self) -> None:
        if not self.publishes:
            raise ValidationError(
                f"Cannot add assets to a Stack that uses the {type(self.options).__name__}",
                "CannotAddAssetsStackUses",
            )

    def _destination(self, place: dict[str, Any], option: str) -> dict[str, dict[str, Any]]:
        region, account = self._stack.region, self._stack.account
        if region != REGION:
            place["region"] = region
        role = option.replace("_asset_", "-")
        place |= self.role(option, role, f"{option}_external_id")
        text = json.dumps(place, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        names = (
            "current_account" if account == ACCOUNT else account,
            "current_region" if region == REGION else region,
        )
        return {f"{names[0]}-{names[1]}-{digest}": place}


def _check_placeholders(name: str, value: object, kind: str) -> None:
    if not isinstance(value, str):
        return
    for known in _PLACEHOLDERS:
        value = value.replace(known, "")
    if "${" in value:
        first, *rest = name.split("_")
        camel = first + "".join(word.title() for word in rest)
        raise ValidationError(
            f"{kind} property '{camel}' cannot contain tokens; only the following placeholder strings are allowed: "
            + ", ".join(_PLACEHOLDERS)
        )


def _entry(
    display_name: str | None, source: dict[str, Any], destinations: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    shown = {} if display_name is None else {"displayName": display_name}
    return {**shown, "source": source, "destinations": destinations}


def _extension(path: str) -> str:
    # As path.extname of Node: from the last dot of the base name, unless that is its first character.
    name = os.path.basename(path)
    dot = name.rfind(".")
    return name[dot:] if dot > 0 else ""


def _or(given: str | None, default: str) -> str:
    return default if given is None else given
