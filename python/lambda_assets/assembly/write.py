"""The files of an assembly (spec assembly, sections 2 and 3): validated first, written by rename, ``manifest.json`` last."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.scope import Stack, Stage
from lambda_assets.assembly.synthesizers import DefaultStackSynthesizer
from lambda_assets.assembly.validate import check_assets, check_manifest
from lambda_assets.errors import asset_io_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.assembly.scope import Construct

_BOOTSTRAP_VERSION = 6
_TAGS_VERSION = 22
_LOOKUP_VERSION = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudAssembly:
    """What was written.

    Attributes:
        directory: Directory of the assembly.
        manifest: Content of ``manifest.json``.
    """

    directory: str
    manifest: dict[str, Any]


def write_assembly(stage: Stage, version: str) -> CloudAssembly:
    """Write the assembly of a stage, those of inner stages first.

    Args:
        stage: The stage.
        version: Schema version of all its files.

    Raises:
        ValidationError: A manifest would not be valid.
        AssetIOError: The system refuses something.
    """
    artifacts: dict[str, Any] = {}
    stacks = []
    for construct in _own(stage):
        if isinstance(construct, Stage):
            write_assembly(construct, version)
            artifacts[construct.artifact_id] = {
                "type": "cdk:cloud-assembly",
                "properties": {
                    "directoryName": os.path.relpath(construct.outdir, stage.outdir),
                    "displayName": construct.node.path,
                },
            }
        elif isinstance(construct, Stack):
            stacks.append(construct)
    files: dict[str, str] = {}
    for stack in stacks:
        _add_stack(stack, version, artifacts, files)
    manifest = {"version": version, "artifacts": artifacts}
    check_manifest(manifest)
    files["cdk.out"] = compact({"version": version})
    files["manifest.json"] = json.dumps(manifest, indent=2, ensure_ascii=False)
    _make(stage.outdir)
    for name, text in files.items():
        _replace(os.path.join(stage.outdir, name), text)
    return CloudAssembly(directory=stage.outdir, manifest=manifest)


def compact(value: object) -> str:
    """JSON without blanks.

    Args:
        value: Any JSON.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _own(stage: Stage) -> Iterator[Construct]:
    """Inner stages and stacks of a stage, each after what is below it."""

    def below(construct: Construct) -> Iterator[Construct]:
        for child in construct.node.children:
            if not isinstance(child, Stage):
                yield from below(child)
            yield child

    return below(stage)


def _add_stack(
    stack: Stack, version: str, artifacts: dict[str, Any], files: dict[str, str]
) -> None:
    template = _template(stack)
    url = _list_template(stack, template)
    document = stack.assets.document(version)
    check_assets(document)
    name = f"{stack.artifact_id}.assets"
    files[stack.template_file] = template
    files[f"{name}.json"] = json.dumps(document, indent=2, ensure_ascii=False)
    artifacts[name] = {
        "type": "cdk:asset-manifest",
        "properties": {
            "file": f"{name}.json",
            **_bootstrap(
                stack, _BOOTSTRAP_VERSION, "file_asset_publishing", "image_asset_publishing"
            ),
        },
    }
    artifacts[stack.artifact_id] = {
        "type": "aws:cloudformation:stack",
        "environment": stack.environment,
        "properties": _stack_properties(stack, url, name),
        "dependencies": [name],
        "displayName": stack.node.path,
    }


def _template(stack: Stack) -> str:
    document = stack.template.document()
    options, parameter = stack.synthesizer, stack.specialized.version_parameter()
    if (
        isinstance(options, DefaultStackSynthesizer)
        and options.generate_bootstrap_version_rule
        and parameter is not None
    ):
        document["Parameters"] = {
            **document.get("Parameters", {}),
            "BootstrapVersion": {
                "Type": "AWS::SSM::Parameter::Value<String>",
                "Default": parameter,
                "Description": "Version of the CDK Bootstrap resources in this environment, automatically retrieved"
                " from SSM Parameter Store. [cdk:skip]",
            },
        }
        document["Rules"] = {**document.get("Rules", {}), "CheckBootstrapVersion": _rule()}
    return json.dumps(document, indent=1, ensure_ascii=False)


def _rule() -> dict[str, Any]:
    too_old = [str(n) for n in range(1, _BOOTSTRAP_VERSION)]
    return {
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Contains": [too_old, {"Ref": "BootstrapVersion"}]}]},
                "AssertDescription": f"CDK bootstrap stack version {_BOOTSTRAP_VERSION} required. Please run"
                " 'cdk bootstrap' with a recent version of the CDK CLI.",
            }
        ]
    }


def _list_template(stack: Stack, template: str) -> str:
    """List the template itself as a file asset; its address, with placeholders."""
    from lambda_assets.assembly.model import FileAssetPackaging, FileAssetSource  # noqa: PLC0415

    location = stack.add_file_asset(
        FileAssetSource(
            source_hash=hashlib.sha256(template.encode()).hexdigest(),
            file_name=stack.template_file,
            packaging=FileAssetPackaging.FILE,
            display_name=f"{stack.stack_name} Template",
        )
    )
    return location.s3_object_url


def _bootstrap(stack: Stack, version: int, *roles: str) -> dict[str, Any]:
    parameter = stack.specialized.version_parameter()
    if parameter is None:
        return {}
    options = (getattr(stack.synthesizer, f"{role}_role_additional_options") for role in roles)
    tagged = any(given and "Tags" in given for given in options)
    return {
        "requiresBootstrapStackVersion": _TAGS_VERSION if tagged else version,
        "bootstrapStackVersionSsmParameter": parameter,
    }


def _stack_properties(stack: Stack, url: str, assets: str) -> dict[str, Any]:
    specialized, options = stack.specialized, stack.synthesizer
    deploy = specialized.role("deploy", "deploy", "deploy_role_external_id")
    properties: dict[str, Any] = {
        "templateFile": stack.template_file,
        "terminationProtection": stack.termination_protection,
        "validateOnSynth": False,
    }
    # The order of stock: here the id comes before the ARN.
    for key in ("assumeRoleExternalId", "assumeRoleArn", "assumeRoleAdditionalOptions"):
        if key in deploy:
            properties[key] = deploy[key]
    execution = specialized.cfn_execution_role()
    if execution is not None:
        properties["cloudFormationExecutionRoleArn"] = execution
    properties["stackTemplateAssetObjectUrl"] = url
    properties |= _bootstrap(stack, _BOOTSTRAP_VERSION, "deploy")
    properties["additionalDependencies"] = [assets]
    if (
        isinstance(options, DefaultStackSynthesizer)
        and options.use_lookup_role_for_stack_operations
    ):
        lookup = specialized.role("lookup", "lookup", "lookup_role_external_id")
        if lookup:
            arn = lookup.pop("assumeRoleArn")
            versions = _bootstrap(stack, _LOOKUP_VERSION, "lookup")
            properties["lookupRole"] = {"arn": arn, **lookup, **versions}
    if stack.stack_name != stack.artifact_id:
        properties["stackName"] = stack.stack_name
    return properties


def _make(directory: str) -> None:
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as error:
        raise asset_io_error("mkdir", error) from None


def _replace(path: str, text: str) -> None:
    """Write a file so that it is complete or not there."""
    temporary = ""
    try:
        number, temporary = tempfile.mkstemp(
            prefix=".lambda-assets-tmp-", dir=os.path.dirname(path) or "."
        )
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o644 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise asset_io_error("write", error) from None
