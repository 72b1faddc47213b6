"""The files of an assembly (spec assembly, sections 2 and 3): validated first, written by rename, ``manifest.json`` last."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly.artifacts import (
    BOOTSTRAP_VERSION,
    assets_artifact,
    has_version_rule,
    metadata,
    metadata_file,
    needed_version,
    stack_artifact,
)
from lambda_assets.assembly.files import write_files
from lambda_assets.assembly.model import FileAssetLocation, FileAssetPackaging, FileAssetSource
from lambda_assets.assembly.nested import NestedStack
from lambda_assets.assembly.scope import Stack, Stage
from lambda_assets.assembly.validate import check_assets, check_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.assembly.scope import Construct


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
    """Write the assembly of an outermost stage and of all inner ones, after all of them are found valid.

    Args:
        stage: The stage.
        version: Schema version of all files.

    Raises:
        ValidationError: A manifest would not be valid.
        AssetIOError: The system refuses something.
    """
    files: dict[str, str] = {}
    manifest = _gather(stage, version, stage.outdir, files)
    write_files(stage.outdir, files)
    return CloudAssembly(directory=stage.outdir, manifest=manifest)


def _gather(stage: Stage, version: str, root: str, every: dict[str, str]) -> dict[str, Any]:
    """Collect the files of a stage by their paths below the root, those of inner stages first, ``manifest.json`` last."""
    artifacts: dict[str, Any] = {}
    stacks = []
    for construct in _own(stage):
        if isinstance(construct, Stage):
            _gather(construct, version, root, every)
            artifacts[construct.artifact_id] = {
                "type": "cdk:cloud-assembly",
                "properties": {
                    "directoryName": os.path.relpath(construct.outdir, stage.outdir),
                    "displayName": construct.node.path,
                },
            }
        elif isinstance(construct, Stack):
            construct.assets.forget_templates()
            stacks.append(construct)
    files: dict[str, str] = {}
    for stack in stacks:
        _add_stack(stack, version, artifacts, files)
    manifest = {"version": version, "artifacts": artifacts}
    check_manifest(manifest, files)
    files["cdk.out"] = compact({"version": version})
    files["manifest.json"] = json.dumps(manifest, indent=2, ensure_ascii=False)
    place = os.path.relpath(stage.outdir, root)
    every |= {os.path.normpath(os.path.join(place, name)): text for name, text in files.items()}
    return manifest


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
    text = json.dumps(template, indent=1, ensure_ascii=False)
    files[stack.template_file] = text
    if isinstance(stack, NestedStack):
        name = "/".join(stack.node.components[len(stack.outermost.node.components) :])
        # Upstream hashes a nested template without its blanks.
        stack.complete(_list_template(stack, compact(template), f"{name} Nested Stack Template"))
        return
    if stack.specialized.publishes:
        location = _list_template(stack, text, f"{stack.stack_name} Template")
        document = stack.assets.document(version)
        check_assets(document)
        name = f"{stack.artifact_id}.assets"
        files[f"{name}.json"] = json.dumps(document, indent=2, ensure_ascii=False)
        artifacts[name] = assets_artifact(stack, f"{name}.json")
        artifacts[stack.artifact_id] = stack_artifact(stack, location.s3_object_url, name)
    else:
        artifacts[stack.artifact_id] = stack_artifact(stack, None, None)
    files[metadata_file(stack)] = json.dumps(metadata(stack), indent=2, ensure_ascii=False)


def _template(stack: Stack) -> dict[str, Any]:
    document = stack.template.document()
    if has_version_rule(stack):
        document["Parameters"] = {
            **document.get("Parameters", {}),
            "BootstrapVersion": {
                "Type": "AWS::SSM::Parameter::Value<String>",
                "Default": stack.specialized.version_parameter(),
                "Description": "Version of the CDK Bootstrap resources in this environment, automatically retrieved"
                " from SSM Parameter Store. [cdk:skip]",
            },
        }
        document["Rules"] = {
            **document.get("Rules", {}),
            "CheckBootstrapVersion": _rule(needed_version(stack, BOOTSTRAP_VERSION, "deploy")),
        }
    return document


def _rule(version: int) -> dict[str, Any]:
    too_old = [str(n) for n in range(1, version)]
    return {
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Contains": [too_old, {"Ref": "BootstrapVersion"}]}]},
                "AssertDescription": f"CDK bootstrap stack version {version} required. Please run"
                " 'cdk bootstrap' with a recent version of the CDK CLI.",
            }
        ]
    }


def _list_template(stack: Stack, hashed: str, name: str) -> FileAssetLocation:
    """List a template as a file asset of its stack, or of that which it is nested in."""
    digest = hashlib.sha256(hashed.encode("utf-8", "replace")).hexdigest()
    stack.assets.templates.add(digest)
    return stack.add_file_asset(
        FileAssetSource(
            source_hash=digest,
            file_name=stack.template_file,
            packaging=FileAssetPackaging.FILE,
            display_name=name,
        )
    )
