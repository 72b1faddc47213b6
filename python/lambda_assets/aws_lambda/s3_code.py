"""``S3Code`` and ``S3CodeV2``: an object in a bucket (spec api, sections 8 and 12, W1 to W5).

A bucket of a standalone assembly exists already. So REFERENCE never writes a policy: it warns what has to be granted by hand.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from lambda_assets.assembly.tokens import is_token
from lambda_assets.aws_lambda.code import Code
from lambda_assets.aws_lambda.protocols import key_arn
from lambda_assets.aws_lambda.structs import CodeConfig, S3ObjectStorageMode, storage_mode
from lambda_assets.aws_s3 import Location
from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from lambda_assets.assembly.scope import Construct
    from lambda_assets.assembly.template import CfnResource
    from lambda_assets.aws_lambda.protocols import BucketLike, Key

WARNING = "aws:cdk:warning"
_PREFIX = "@aws-cdk/aws-lambda:"
_README = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-self-managed-storage.html"
#: What a resource of each type is called in W3, and its property with the name.
_NAMED = {
    "AWS::Lambda::Function": ("functions", "functionName", "FunctionName"),
    "AWS::Lambda::LayerVersion": ("layers", "layerVersionName", "LayerName"),
}


class S3Code(Code):
    """An object in a bucket.

    Args:
        bucket: The bucket.
        key: The object.
        object_version: Its version.

    Raises:
        ValidationError: The bucket has no name.
    """

    def __init__(self, bucket: BucketLike, key: str, object_version: str | None = None) -> None:
        self._location = _location(bucket, key, object_version)

    @property
    def is_inline(self) -> bool:
        """False: the code is not in the template."""
        return False

    def bind(self, _scope: Construct) -> CodeConfig:
        """The object, for any number of stacks.

        Args:
            _scope: Not used.
        """
        return CodeConfig(s3_location=self._location)


class S3CodeV2(Code):
    """An object in a bucket, with a key and a storage mode.

    Args:
        bucket: The bucket.
        key: The object.
        object_version: Its version.
        s3_object_storage_mode: How Lambda keeps the object.
        source_kms_key: The key that decrypts it.

    Raises:
        ValidationError: The bucket has no name, or the mode is REFERENCE and there is no version.
        OptionError: There is no such mode.
    """

    def __init__(
        self,
        bucket: BucketLike,
        key: str,
        *,
        object_version: str | None = None,
        s3_object_storage_mode: S3ObjectStorageMode | str | None = None,
        source_kms_key: Key | None = None,
    ) -> None:
        self._mode = storage_mode(s3_object_storage_mode)
        if self._mode is S3ObjectStorageMode.REFERENCE and object_version is None:
            raise ValidationError(
                "set objectVersion when using s3ObjectStorageMode REFERENCE because Lambda requires a versioned S3 object",
                "S3ObjectStorageModeReferenceRequiresObjectVersion",
            )
        self._location = _location(bucket, key, object_version)
        self._bucket = bucket
        self._source_kms_key = source_kms_key
        self._scope: Construct | None = None

    @property
    def is_inline(self) -> bool:
        """False: the code is not in the template."""
        return False

    def bind(self, _scope: Construct) -> CodeConfig:
        """The object, for any number of stacks.

        Args:
            _scope: The function: what is to be said about the resource is noted there.
        """
        self._scope = _scope
        return CodeConfig(
            s3_location=self._location,
            s3_object_storage_mode=self._mode,
            source_kms_key_arn=key_arn(self._source_kms_key),
        )

    def bind_to_resource(
        self,
        resource: CfnResource,
        *,
        resource_property: str | None = None,  # noqa: ARG002  the CDK's option
    ) -> None:
        """Warn what has to be granted by hand, if Lambda is to read the object in the bucket.

        Args:
            resource: A function or layer; others get no warning.
            resource_property: Not used.
        """
        if self._mode is not S3ObjectStorageMode.REFERENCE:
            return
        document = resource.document
        named = _NAMED.get(document["Type"])
        if named is None:
            return
        kind, option, name = named
        where = resource if self._scope is None else self._scope
        given = document.get("Properties", {}).get(name)
        if not isinstance(given, str) or is_token(given):
            _warn(where, "s3ObjectStorageModeReferenceWildcardSourceArn", _wildcard(kind, option))
        _warn(
            where,
            "s3ObjectStorageModeReferenceImportedBucketPolicy",
            "Cannot update the policy of an imported bucket for S3ObjectStorageMode.REFERENCE. Grant the"
            " lambda.amazonaws.com service principal s3:GetObject and s3:GetObjectVersion on the referenced object"
            f" manually. See {_README} for the required policy.",
        )
        if getattr(self._bucket, "encryption_key", None) is not None:
            _warn(
                where,
                "s3ObjectStorageModeReferenceImportedKeyPolicy",
                "Cannot update the policy of the KMS key encrypting the code bucket for"
                " S3ObjectStorageMode.REFERENCE. Grant the lambda.amazonaws.com service principal kms:Decrypt on"
                f" that key manually. See {_README} for the required policy.",
            )


def warn_of_missing_version(bucket: BucketLike, option: str, factory: str) -> None:
    """Say on a bucket that code in it without a version is not updated.

    Args:
        bucket: The bucket.
        option: What the version is called there.
        factory: The factory that was called.
    """
    _warn(
        bucket,
        "codeFromBucketObjectVersionNotSpecified",
        f"{option} is not defined for S3Code.{factory}(). The lambda will not be updated automatically if the code in"
        " the bucket is updated. This is because CDK/Cloudformation does not track changes on the source S3 Bucket. It"
        f" is recommended to either use S3Code.fromAsset() instead or set {option}.",
    )


def _location(bucket: BucketLike, key: str, object_version: str | None) -> Location:
    name = getattr(bucket, "bucket_name", None)
    if not name:
        raise ValidationError(
            "bucketName is undefined for the provided bucket", "BucketNameUndefined"
        )
    return Location(bucket_name=name, object_key=key, object_version=object_version)


def _wildcard(kind: str, option: str) -> str:
    return (
        "To avoid a circular dependency between the S3 bucket policy and the Lambda resource during deployment, a"
        f" wildcard is used in the aws:SourceArn condition to match all Lambda {kind} in this account (access is still"
        " limited to this account via aws:SourceAccount).\nIt is strongly recommended to further scope down the policy"
        f" by specifying an explicit {option}, following the guidance in the"
        ' "Self-managed S3 code storage" section of the module README.'
    )


def _warn(where: object, identifier: str, text: str) -> None:
    """A warning of the assembly where the object is part of it, else one of Python."""
    full = f"{text} [ack: {_PREFIX}{identifier}]"
    node = getattr(where, "node", None)
    if node is None:
        warnings.warn(full, stacklevel=4)
    else:
        node.add_metadata(WARNING, full)
