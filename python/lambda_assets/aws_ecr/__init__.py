"""As much of ``aws_cdk.aws_ecr`` as code needs: a repository that exists already."""

from __future__ import annotations

import re
from typing import Any, Self

from lambda_assets.assembly.scope import Construct, Stack

__all__ = ["Repository"]

_DIGEST = "sha256:"
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:]+)\}")


class Address(str):
    """The address of an image: text with placeholders, which a template joins of parts as that of upstream."""

    __slots__ = ()

    def to_template(self) -> Any:  # noqa: ANN401  any JSON
        """The address as a template holds it: ``Fn::Join`` if it has placeholders, else the text."""
        parts = _REFERENCE.split(self)
        if len(parts) == 1:
            return str(self)
        # Every second part is the name of a placeholder.
        shown = [{"Ref": part} if n % 2 else part for n, part in enumerate(parts)]
        return {"Fn::Join": ["", [part for part in shown if part]]}


class Repository(Construct):
    """A repository that exists already, in the account and region of the stack.

    Attributes:
        repository_name: Its name.
    """

    def __init__(self, scope: Construct, id: str, *, repository_name: str) -> None:  # noqa: A002  the CDK's name
        super().__init__(scope, id)
        self.repository_name = repository_name

    @classmethod
    def from_repository_name(cls, scope: Construct, id: str, repository_name: str) -> Self:  # noqa: A002  the CDK's name
        """Refer to a repository by name.

        Args:
            scope: Its parent in the tree.
            id: Its name there.
            repository_name: Its name in ECR.
        """
        return cls(scope, id, repository_name=repository_name)

    @property
    def repository_uri(self) -> str:
        """Where its images are pulled from."""
        return self.repository_uri_for_tag_or_digest("")

    def repository_uri_for_tag_or_digest(self, tag_or_digest: str | None = None) -> str:
        """Where an image is pulled from (spec api, section 8, EcrImageCode).

        Args:
            tag_or_digest: A tag, or a digest, which starts with ``sha256:``. Neither gives the bare address.
        """
        stack = Stack.of(self)
        # The suffix stays open even where the region is known, as upstream.
        host = f"{stack.account}.dkr.ecr.{stack.region}.${{AWS::URLSuffix}}"
        address = f"{host}/{self.repository_name}"
        if not tag_or_digest:
            return Address(address)
        separator = "@" if tag_or_digest.startswith(_DIGEST) else ":"
        return Address(f"{address}{separator}{tag_or_digest}")
