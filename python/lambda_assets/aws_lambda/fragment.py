"""The part of a template that says where code is (spec api, sections 10 and 13).

What ``Function`` and ``LayerVersion`` make of a :class:`CodeConfig`, for those who write the resource themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.tokens import to_cfn
from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from lambda_assets.aws_lambda.structs import CodeConfig

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:]+)\}")


def function_properties(config: CodeConfig) -> dict[str, Any]:
    """The properties of ``AWS::Lambda::Function`` that depend on its code.

    Args:
        config: What ``bind`` returned.

    Returns:
        ``Code``; for an image also ``PackageType``, and ``ImageConfig`` if something is set in it.

    Raises:
        ValidationError: There is not exactly one of inline code, object and image.
    """
    given = [bool(config.inline_code), bool(config.s3_location), bool(config.image)]
    if sum(given) != 1:
        raise ValidationError(
            'lambda.Code must specify exactly one of: "inlineCode", "s3Location", or "image"',
            "Lambda",
        )
    properties: dict[str, Any] = {"Code": _code(config)}
    if config.image is not None:
        image = {
            "Command": config.image.cmd,
            "EntryPoint": config.image.entrypoint,
            "WorkingDirectory": config.image.working_directory,
        }
        shown = {name: _plain(value) for name, value in image.items() if value is not None}
        if shown:
            properties["ImageConfig"] = shown
        properties["PackageType"] = "Image"
    return properties


def layer_content(config: CodeConfig) -> dict[str, Any]:
    """The property ``Content`` of ``AWS::Lambda::LayerVersion``; the key that decrypts an object has no place there.

    Args:
        config: What ``bind`` returned.

    Raises:
        ValidationError: The code is inline or an image.
    """
    if config.inline_code:
        raise ValidationError(
            "Inline code is not supported for AWS Lambda layers", "InlineCodeSupportedLambda"
        )
    if config.s3_location is None:
        raise ValidationError("Code must define an S3 location", "CodeMustDefineLocation")
    code = _code(config)
    code.pop("SourceKMSKeyArn", None)
    return code


def _code(config: CodeConfig) -> dict[str, Any]:
    values: dict[str, str | None] = {}
    if config.image is not None:
        values["ImageUri"] = config.image.image_uri
    if config.s3_location is not None:
        values["S3Bucket"] = config.s3_location.bucket_name
        values["S3Key"] = config.s3_location.object_key
        values["S3ObjectVersion"] = config.s3_location.object_version
    if config.s3_object_storage_mode is not None:
        values["S3ObjectStorageMode"] = config.s3_object_storage_mode.value
    values["SourceKMSKeyArn"] = config.source_kms_key_arn
    values["ZipFile"] = config.inline_code
    return {
        # Code may well hold ${…} of its own language.
        name: value if name == "ZipFile" else _value(value)
        for name, value in sorted(values.items())
        if value is not None
    }


def _value(text: str) -> Any:  # noqa: ANN401  any JSON
    """A text of a template; what is a reference as a whole is written as one, as upstream."""
    whole = _REFERENCE.fullmatch(text)
    return {"Ref": whole[1]} if whole else to_cfn(text)


def _plain(value: Any) -> Any:  # noqa: ANN401  any JSON
    return value if isinstance(value, str) else list(value)
