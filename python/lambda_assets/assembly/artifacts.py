"""What ``manifest.json`` and ``<stack>.metadata.json`` say of a stack (spec assembly, section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.scope import Stack, Stage
from lambda_assets.assembly.synthesizers import DefaultStackSynthesizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.assembly.scope import Construct

BOOTSTRAP_VERSION = 6
_TAGS_VERSION = 22
_LOOKUP_VERSION = 8


def stack_artifact(stack: Stack, template_url: str | None, assets: str | None) -> dict[str, Any]:
    """The artifact of a stack.

    Args:
        stack: The stack, one that is not nested.
        template_url: Where the template will be, None if it is no asset.
        assets: The artifact of its assets, None if there is none.
    """
    dependencies = [other.artifact_id for other in stack.dependencies]
    artifact: dict[str, Any] = {
        "type": "aws:cloudformation:stack",
        "environment": stack.environment,
        "properties": _properties(stack, template_url, assets),
        "dependencies": [*dependencies, *([assets] if assets else [])],
        "additionalMetadataFile": metadata_file(stack),
        "displayName": stack.node.path,
    }
    if not artifact["dependencies"]:
        del artifact["dependencies"]
    return artifact


def assets_artifact(stack: Stack, file: str) -> dict[str, Any]:
    """The artifact of a stack's assets.

    Args:
        stack: The stack.
        file: File name of the asset manifest.
    """
    needed = _bootstrap(stack, BOOTSTRAP_VERSION, "file_asset_publishing", "image_asset_publishing")
    return {"type": "cdk:asset-manifest", "properties": {"file": file, **needed}}


def metadata_file(stack: Stack) -> str:
    """File name of a stack's metadata.

    Args:
        stack: The stack.
    """
    return f"{stack.artifact_id}.metadata.json"


def metadata(stack: Stack) -> dict[str, list[dict[str, Any]]]:
    """What the tools may show of the constructs of a stack, by path: no traces of the user's code.

    Args:
        stack: The stack, one that is not nested.
    """
    shown: dict[str, list[dict[str, Any]]] = {}

    def note(path: str, kind: str, data: object) -> None:
        shown.setdefault(f"/{path}", []).append({"type": kind, "data": data})

    for construct in _inside(stack):
        path = construct.node.path
        if isinstance(construct, Stack):
            note(path, "aws:cdk:templateFile", construct.template_file)
            if construct.tags:
                tags = [{"key": k, "value": v} for k, v in sorted(construct.tags.items())]
                note(path, "aws:cdk:stack-tags", tags)
            for logical_id, below in construct.template.paths.items():
                note(f"{path}/{below}", "aws:cdk:logicalId", logical_id)
        for entry in construct.node.metadata:
            note(path, entry.type, entry.data)
    if has_version_rule(stack):
        for name in ("BootstrapVersion", "CheckBootstrapVersion"):
            note(f"{stack.node.path}/{name}", "aws:cdk:logicalId", name)
    return shown


def has_version_rule(stack: Stack) -> bool:
    """Whether the template checks the version of the bootstrap stack.

    Args:
        stack: The stack.
    """
    options = stack.synthesizer
    alone = stack.nested_stack_parent is None
    return (
        alone
        and isinstance(options, DefaultStackSynthesizer)
        and options.generate_bootstrap_version_rule is not False
    )


def needed_version(stack: Stack, version: int, *roles: str) -> int:
    """The version of the bootstrap stack that is needed; roles with tags came later.

    Args:
        stack: The stack.
        version: The version without tags.
        roles: First parts of the names of options, such as ``deploy``.
    """
    options = (
        getattr(stack.synthesizer, f"{role}_role_additional_options", None) for role in roles
    )
    return _TAGS_VERSION if any(given and "Tags" in given for given in options) else version


def _inside(construct: Construct) -> Iterator[Construct]:
    yield construct
    for child in construct.node.children:
        apart = isinstance(child, Stage) or (
            isinstance(child, Stack) and child.nested_stack_parent is None
        )
        if not apart:
            yield from _inside(child)


def _bootstrap(stack: Stack, version: int, *roles: str) -> dict[str, Any]:
    parameter = stack.specialized.version_parameter()
    if parameter is None:
        return {}
    return {
        "requiresBootstrapStackVersion": needed_version(stack, version, *roles),
        "bootstrapStackVersionSsmParameter": parameter,
    }


def _properties(stack: Stack, template_url: str | None, assets: str | None) -> dict[str, Any]:
    deploy = stack.specialized.role("deploy", "deploy", "deploy_role_external_id")
    properties: dict[str, Any] = {
        "templateFile": stack.template_file,
        "terminationProtection": stack.termination_protection,
        "tags": dict(sorted(stack.tags.items())) or None,
        "validateOnSynth": False,
        "notificationArns": stack.notification_arns or None,
        # The order of stock: here the id comes before the ARN.
        "assumeRoleExternalId": deploy.get("assumeRoleExternalId"),
        "assumeRoleArn": deploy.get("assumeRoleArn"),
        "assumeRoleAdditionalOptions": deploy.get("assumeRoleAdditionalOptions"),
        "cloudFormationExecutionRoleArn": stack.specialized.cfn_execution_role(),
        "stackTemplateAssetObjectUrl": template_url,
        **_bootstrap(stack, BOOTSTRAP_VERSION, "deploy"),
        "additionalDependencies": [assets] if assets else None,
        "lookupRole": _lookup_role(stack),
        "stackName": None if stack.stack_name == stack.artifact_id else stack.stack_name,
    }
    return {key: value for key, value in properties.items() if value is not None}


def _lookup_role(stack: Stack) -> dict[str, Any] | None:
    options = stack.synthesizer
    if (
        not isinstance(options, DefaultStackSynthesizer)
        or options.use_lookup_role_for_stack_operations is False
    ):
        return None
    lookup = stack.specialized.role("lookup", "lookup", "lookup_role_external_id")
    if not lookup:
        return None
    arn = lookup.pop("assumeRoleArn")
    return {"arn": arn, **lookup, **_bootstrap(stack, _LOOKUP_VERSION, "lookup")}
