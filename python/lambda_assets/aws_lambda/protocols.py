"""What code needs of buckets, repositories, keys and parameters: any object that has these names will do."""

from __future__ import annotations

from typing import Any, Protocol


class BucketLike(Protocol):
    """A bucket, such as :class:`lambda_assets.aws_s3.Bucket`."""

    @property
    def bucket_name(self) -> str:
        """Its name."""


class RepositoryLike(Protocol):
    """A repository, such as :class:`lambda_assets.aws_ecr.Repository`."""

    def repository_uri_for_tag_or_digest(self, tag_or_digest: str | None = None) -> str:
        """Where an image is pulled from."""


class KeyWithArn(Protocol):
    """A KMS key."""

    @property
    def key_arn(self) -> str:
        """Its ARN."""


class KeyReference(Protocol):
    """Something that refers to a KMS key, as ``aws_kms.IKeyRef``."""

    @property
    def key_ref(self) -> KeyWithArn:
        """The key."""


Key = KeyWithArn | KeyReference


class Parameter(Protocol):
    """A template parameter, such as :class:`lambda_assets.assembly.parameter.CfnParameter`."""

    @property
    def logical_id(self) -> str:
        """Its name in the template."""

    @property
    def value_as_string(self) -> str:
        """The text that stands for its value."""


class Resource(Protocol):
    """A resource of a template, as ``Stack.add_resource`` returns it."""

    def add_metadata(self, key: str, value: Any) -> None:  # noqa: ANN401  any JSON
        """Set an entry of its ``Metadata``."""


def key_arn(key: Key | None) -> str | None:
    """The ARN of a key.

    Args:
        key: A key, or something that refers to one.
    """
    if key is None:
        return None
    reference: Any = getattr(key, "key_ref", key)
    return str(reference.key_arn)
