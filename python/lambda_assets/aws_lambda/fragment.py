"""The part of a template that says where code is (spec api, sections 10 and 13).

What ``Function`` and ``LayerVersion`` make of a :class:`CodeConfig`, for those who write the resource themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.tokens import to_cfn
from lambda_assets.aws_ecr import Address
from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from lambda_assets.aws_lambda.structs import CodeConfig

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:]+)\}")


class Handler:
    """A handler that has a meaning of its own."""

    FROM_IMAGE = "FROM_IMAGE"
    """The image says what runs."""


def function_properties(
    config: CodeConfig, *, handler: str | None = None, runtime: object = None
) -> dict[str, Any]:
    """The properties of ``AWS::Lambda::Function`` that depend on its code.

    Args:
        config: What ``bind`` returned.
        handler: The function in the code, or :attr:`Handler.FROM_IMAGE`; not checked and not shown if None.
        runtime: What it runs in: its name such as ``python3.13``, ``FROM_IMAGE``, or a ``Runtime`` of ``aws_cdk``; not
            checked and not shown if None.

    Returns:
        ``Code``, and handler and runtime where they are given; for an image ``PackageType`` instead, and ``ImageConfig`` if
        something is set in it.

    Raises:
        ValidationError: There is not exactly one of inline code, object and image; or handler or runtime don't go with it,
            in the order in which the function of the CDK complains.
    """
    given = [bool(config.inline_code), bool(config.s3_location), bool(config.image)]
    if sum(given) != 1:
        raise ValidationError(
            'lambda.Code must specify exactly one of: "inlineCode", "s3Location", or "image"',
            "Lambda",
        )
    name = None if runtime is None else str(getattr(runtime, "name", runtime))
    _check_from_image("handler", handler, is_image=config.image is not None)
    _check_from_image("runtime", name, is_image=config.image is not None)
    if config.inline_code and name is not None and not _runs_inline(runtime, name):
        raise ValidationError(f"Inline source not allowed for {name}", "InlineSourceAllowed")
    properties: dict[str, Any] = {"Code": _code(config)}
    if config.image is not None:
        image = {
            "Command": config.image.cmd,
            "EntryPoint": config.image.entrypoint,
            "WorkingDirectory": config.image.working_directory,
        }
        shown = {key: _plain(value) for key, value in image.items() if value is not None}
        if shown:
            properties["ImageConfig"] = shown
        return {**properties, "PackageType": "Image"}
    named = {"Handler": handler, "Runtime": name}
    return properties | {key: value for key, value in named.items() if value is not None}


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


def _check_from_image(option: str, value: str | None, *, is_image: bool) -> None:
    if value is not None and is_image != (value == Handler.FROM_IMAGE):
        kind = option.title()
        raise ValidationError(
            f"{option} must be `{kind}.FROM_IMAGE` when using image asset for Lambda function",
            f"MustBe{kind}UsingImage",
        )


def _runs_inline(runtime: object, name: str) -> bool:
    known = getattr(runtime, "supports_inline_code", None)
    return name.startswith(("python", "nodejs")) if known is None else bool(known)


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
    if isinstance(text, Address):
        return text.to_template()
    whole = _REFERENCE.fullmatch(text)
    return {"Ref": whole[1]} if whole else to_cfn(text)


def _plain(value: Any) -> Any:  # noqa: ANN401  any JSON
    return value if isinstance(value, str) else list(value)
