"""``EcrImageCode``: an image that is in a repository already (spec api, section 8).

A repository that exists already gets no policy from the real library; here, every repository is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambda_assets.aws_lambda.code import Code
from lambda_assets.aws_lambda.structs import CodeConfig, CodeImageConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_assets.assembly.scope import Construct
    from lambda_assets.aws_lambda.protocols import RepositoryLike


class EcrImageCode(Code):
    """An image that is in a repository already.

    Args: see :meth:`Code.from_ecr_image`.
    """

    def __init__(
        self,
        repository: RepositoryLike,
        *,
        cmd: Sequence[str] | None = None,
        entrypoint: Sequence[str] | None = None,
        tag: str | None = None,
        tag_or_digest: str | None = None,
        working_directory: str | None = None,
    ) -> None:
        self._repository = repository
        self._cmd = cmd
        self._entrypoint = entrypoint
        self._working_directory = working_directory
        chosen = tag if tag_or_digest is None else tag_or_digest
        self._tag_or_digest = "latest" if chosen is None else chosen

    @property
    def is_inline(self) -> bool:
        """False: the code is not in the template."""
        return False

    def bind(self, _scope: Construct) -> CodeConfig:
        """The image, for any number of stacks.

        Args:
            _scope: Not used.
        """
        image = CodeImageConfig(
            image_uri=self._repository.repository_uri_for_tag_or_digest(self._tag_or_digest),
            cmd=self._cmd,
            entrypoint=self._entrypoint,
            working_directory=self._working_directory,
        )
        return CodeConfig(image=image)
