"""``InlineCode``: code in the template itself (spec api, section 8)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from lambda_assets.aws_lambda.code import Code
from lambda_assets.aws_lambda.structs import CodeConfig
from lambda_assets.errors import OptionTypeError, ValidationError

if TYPE_CHECKING:
    from lambda_assets.assembly.scope import Construct

#: What Lambda accepts, in bytes. The real library does not check it.
LIMIT = 4 * 1024 * 1024


class InlineCode(Code):
    """Code in the template itself.

    Args:
        code: The text of the only file. More than :data:`LIMIT` gives a Python warning: Lambda would refuse it.

    Raises:
        ValidationError: It is empty.
        OptionTypeError: It is not text.
    """

    def __init__(self, code: str) -> None:
        if not isinstance(code, str):
            raise OptionTypeError(f"code must be str, not {type(code).__name__}")
        if not code:
            raise ValidationError(
                "Lambda inline code cannot be empty", "LambdaInlineCodeCannotBeEmpty"
            )
        size = len(code.encode("utf-8", "surrogatepass"))
        if size > LIMIT:
            warnings.warn(
                f"inline code of {size} bytes: Lambda refuses more than {LIMIT}; hint: Code.from_asset",
                stacklevel=2,
            )
        self._code = code

    @property
    def is_inline(self) -> bool:
        """True: the code is in the template."""
        return True

    def bind(self, _scope: Construct) -> CodeConfig:
        """The code, for any number of stacks.

        Args:
            _scope: Not used.
        """
        return CodeConfig(inline_code=self._code)
