"""As much of ``aws_cdk.aws_s3`` as assets need: a bucket that exists already, and a place in a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from lambda_assets.assembly.scope import Construct

__all__ = ["Bucket", "Location"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """An object in a bucket.

    Attributes:
        bucket_name: The bucket.
        object_key: The object.
        object_version: Its version.
    """

    bucket_name: str
    object_key: str
    object_version: str | None = None

    def __repr__(self) -> str:
        version = "" if self.object_version is None else f", object_version={self.object_version!r}"
        return (
            f"Location(bucket_name={self.bucket_name!r}, object_key={self.object_key!r}{version})"
        )


class Bucket(Construct):
    """A bucket that exists already.

    Attributes:
        bucket_name: Its name, which may hold placeholders of CloudFormation.
    """

    def __init__(self, scope: Construct, id: str, *, bucket_name: str) -> None:  # noqa: A002  the CDK's name
        super().__init__(scope, id)
        self.bucket_name = bucket_name

    @classmethod
    def from_bucket_name(cls, scope: Construct, id: str, bucket_name: str) -> Self:  # noqa: A002  the CDK's name
        """Refer to a bucket by name.

        Args:
            scope: Its parent in the tree.
            id: Its name there.
            bucket_name: Its name in S3.
        """
        return cls(scope, id, bucket_name=bucket_name)

    @property
    def bucket_arn(self) -> str:
        """The ARN of the bucket."""
        return f"arn:${{AWS::Partition}}:s3:::{self.bucket_name}"

    def arn_for_objects(self, key_pattern: str) -> str:
        """The ARN of objects in the bucket.

        Args:
            key_pattern: Their keys, with ``*`` for any text.
        """
        return f"{self.bucket_arn}/{key_pattern}"
