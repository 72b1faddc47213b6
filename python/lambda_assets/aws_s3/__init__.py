"""As much of ``aws_cdk.aws_s3`` as assets need: a bucket that exists already, and a place in a bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from lambda_assets.assembly.scope import Construct
from lambda_assets.errors import ValidationError

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

        Raises:
            ValidationError: No bucket can have that name; old ones may have capitals and underscores.
        """
        _validate(bucket_name)
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


_LENGTHS = range(3, 64)
# What S3 once allowed in its first region.
_EDGE = re.compile("[A-Za-z0-9]")
_FOREIGN = re.compile(r"[^A-Za-z0-9._-]")
_NEIGHBOURS = re.compile(r"\.-|-\.|\.\.")
_ADDRESS = re.compile(r"(\d{1,3}\.){3}\d{1,3}")


def _validate(name: str) -> None:
    if "${" in name:
        return  # known when it is deployed
    if not name:
        raise ValidationError("Bucket name is required", "BucketNameRequired")
    problems = []
    if len(name) not in _LENGTHS:
        problems.append("Bucket name must be at least 3 and no more than 63 characters")
    if _FOREIGN.search(name):
        problems.append(
            "Bucket name must only contain uppercase or lowercase characters and the symbols, period (.),"
            " underscore (_), and dash (-)"
        )
    for place, letter in (("start", name[0]), ("end", name[-1])):
        if not _EDGE.match(letter):
            problems.append(
                f"Bucket name must {place} with an uppercase, lowercase character or number"
            )
    if found := _NEIGHBOURS.search(name):
        problems.append(
            "Bucket name must not have dash next to period, or period next to dash, or consecutive periods"
            f" (offset: {found.start()})"
        )
    if _ADDRESS.fullmatch(name):
        problems.append("Bucket name must not resemble an IP address")
    if problems:
        text = "\n".join([f"Invalid S3 bucket name (value: {name})", *problems])
        raise ValidationError(text, "InvalidBucketNameValue")
