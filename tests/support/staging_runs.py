"""A recorded staging case, run by this package and compared with what the real library did."""

from __future__ import annotations

import json
import os
from typing import Any

from lambda_assets.assembly import synthesizers
from lambda_assets.assembly.nested import NestedStack
from lambda_assets.assembly.scope import App, Construct, Stack, Stage
from lambda_assets.aws_lambda import Code
from lambda_assets.aws_s3_assets import Asset
from lambda_assets.staging import AssetStaging
from support.staging_cases import bundling

SYNTHESIZERS = {
    "default": "DefaultStackSynthesizer",
    "cli": "CliCredentialsStackSynthesizer",
    "bootstrapless": "BootstraplessSynthesizer",
}


def scope_of(case: dict[str, Any], out: str) -> Construct:
    at: Construct = App(outdir=out, context=case.get("context"))
    name = case.get("scope", "S")
    if name == "app":
        return at
    name, _, nested = name.partition("//")
    *stages, last = name.split("/")
    for stage in stages:
        at = Stage(at, stage)
    spec = dict(case.get("synthesizer", {}))
    kind = SYNTHESIZERS[spec.pop("kind", "default")]
    at = Stack(at, last, env=case.get("env"), synthesizer=getattr(synthesizers, kind)(**spec))
    for key, value in case.get("stack_context", {}).items():
        at.node.set_context(key, value)
    return NestedStack(at, nested) if nested else at


def stage(case: dict[str, Any], out: str, trees: str) -> AssetStaging:
    path = os.path.join(trees, case["path"]) if case["path"] else ""
    options = dict(case.get("options", {}))
    if "bundling" in case:
        options["bundling"] = bundling(case["bundling"], trees)
    scope = scope_of(case, out)
    if case["kind"] == "staging":
        return AssetStaging(scope, "A", source_path=path, **options)
    if options.get("display_name") == "${TOKEN}":
        options["display_name"] = "${AWS::Region}"
    if case["kind"] == "source":  # aws_s3_deployment makes such an asset
        found = Asset(Construct(scope, "D"), "Asset1", path=path, **options).node.find_child(
            "Stage"
        )
    elif case["kind"] == "code":
        function = Construct(scope, "F")
        Code.from_asset(path, **options).bind(function)
        found = function.node.find_child("Code").node.find_child("Stage")
    else:
        found = Asset(scope, "A", path=path, **options).node.find_child("Stage")
    assert isinstance(found, AssetStaging)
    return found


def listing(directory: str, prefix: str = "") -> list[str]:
    rows = []
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if not prefix and not name.startswith(("asset.", "bundling-temp-", ".lambda-assets")):
            continue
        if os.path.islink(path):
            rows.append(f"{prefix}{name} -> {os.readlink(path)}")
        elif os.path.isdir(path):
            rows += [f"{prefix}{name}/", *listing(path, f"{prefix}{name}/")]
        else:
            rows.append(f"{prefix}{name} ({os.path.getsize(path)})")
    return rows


def without_markers(rows: list[str]) -> list[str]:
    """The library leaves a directory with an empty file beside a bundled archive; this package has no markers."""
    if not any(row.startswith(("asset.<H>.", "asset.<H>_")) for row in rows):
        return rows
    return [row for row in rows if not row.startswith("asset.<H>/")]


def check(
    got: AssetStaging, wanted: dict[str, Any], case: dict[str, Any], out: str, trees: str
) -> None:
    def shown(text: str) -> str:
        return text.replace(out, "<out>").replace(trees, "<t>").replace(got.asset_hash, "<H>")

    assert got.asset_hash == wanted["hash"]
    assert shown(got.absolute_staged_path) == wanted["staged"]
    assert (got.packaging.name, got.is_archive) == (wanted["packaging"], wanted["is_archive"])
    if "out" in wanted:
        assert [shown(row) for row in listing(out)] == without_markers(wanted["out"])
    if case.get("scope", "S") == "app":
        return
    stack = Stack.of(got)
    assert shown(got.relative_staged_path(stack)) == wanted["relative"]
    if "manifest" in wanted:
        got.node.root.synth()  # type: ignore[attr-defined]  the root is an App
        own = Stage.of(got)
        assert own is not None
        path = os.path.join(own.outdir, f"{stack.outermost.artifact_id}.assets.json")
        with open(path, encoding="utf-8") as file:
            entry = json.load(file)["files"][got.asset_hash]
        assert json.loads(shown(json.dumps(entry))) == wanted["manifest"]
