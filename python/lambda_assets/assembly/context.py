"""The context that the CLI hands to a program that it runs as an app."""

from __future__ import annotations

import json
from typing import Any

from lambda_assets.errors import OptionError, asset_io_error
from lambda_assets.settings import cdk_variable

_VARIABLE = "CDK_CONTEXT_JSON"
_FILE = "CONTEXT_OVERFLOW_LOCATION_ENV"
"""What does not fit into a variable stands in a file."""


def context_of_cli() -> dict[str, Any]:
    """What the CLI hands over: ``cdk.json``, ``--context``, and what it decides itself, such as which stacks are bundled.

    Raises:
        OptionError: It is no JSON object.
        AssetIOError: The file with the rest of it can't be read.
    """
    context = _parsed(_VARIABLE, cdk_variable(_VARIABLE))
    path = cdk_variable(_FILE)
    if path:
        try:
            with open(path, "rb") as stream:
                context |= _parsed(path, stream.read().decode("utf-8", "replace"))
        except OSError as error:
            raise asset_io_error("read", error) from None
    return context


def _parsed(where: str, text: str) -> dict[str, Any]:
    try:
        context = json.loads(text or "{}")
    except ValueError as error:
        raise OptionError(f"the context in '{where}' is no JSON: {error}") from None
    if not isinstance(context, dict):
        raise OptionError(f"the context in '{where}' is no JSON object")
    return context
