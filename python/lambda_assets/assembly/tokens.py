"""Values that only the deployment knows, as texts with placeholders of CloudFormation (spec assembly, section 5)."""

from __future__ import annotations

import re
from typing import Any

ACCOUNT = "${AWS::AccountId}"
REGION = "${AWS::Region}"
PARTITION = "${AWS::Partition}"
URL_SUFFIX = "${AWS::URLSuffix}"
_UNRESOLVED = re.compile(r"\$\{(AWS::|Token\[)")


def is_token(value: object) -> bool:
    """Whether a text holds a placeholder, of CloudFormation or of ``aws_cdk``.

    Args:
        value: Anything; only a text can.
    """
    return isinstance(value, str) and "${" in value


def is_unresolved(value: object) -> bool:
    """Whether a text holds a value that only the deployment knows; ``${HOME}`` in a build argument is none.

    Args:
        value: Anything; only a text can.
    """
    return isinstance(value, str) and _UNRESOLVED.search(value) is not None


def to_cfn(text: str) -> Any:  # noqa: ANN401  any JSON
    """A text as a template holds it.

    Args:
        text: The text.

    Returns:
        ``{"Fn::Sub": text}`` if it has placeholders, else the text.
    """
    return {"Fn::Sub": text} if is_token(text) else text
