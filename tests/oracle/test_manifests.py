"""Random apps of stacks, stages and nested stacks, with every synthesizer: the real aws-cdk-lib writes the same files."""

from __future__ import annotations

import difflib
import inspect
import json
import random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import lambda_assets
from lambda_assets import aws_s3_assets
from lambda_assets.assembly import nested, scope, synthesizers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

cdk = pytest.importorskip("aws_cdk")
s3_assets = pytest.importorskip("aws_cdk.aws_s3_assets")

APPS = 60
KIND = "AWS::SQS::Queue"
ENVIRONMENTS: list[dict[str, str] | None] = [
    None,
    {"region": "eu-west-1"},
    {"account": "123456789012"},
    {"account": "123456789012", "region": "cn-north-1"},
]

OURS = SimpleNamespace(
    App=lambda out, context: scope.App(
        outdir=out, context=context, schema_version=scope.STOCK_SCHEMA_VERSION
    ),
    Stage=scope.Stage,
    Stack=scope.Stack,
    NestedStack=nested.NestedStack,
    Asset=aws_s3_assets.Asset,
    resource=lambda stack, id_: stack.add_resource(id_, {"Type": KIND}),
    synthesizers=synthesizers,
)
THEIRS = SimpleNamespace(
    App=lambda out, context: cdk.App(outdir=out, context=context, analytics_reporting=False),
    Stage=cdk.Stage,
    Stack=cdk.Stack,
    NestedStack=cdk.NestedStack,
    Asset=s3_assets.Asset,
    resource=lambda stack, id_: cdk.CfnResource(stack, id_, type=KIND),
    synthesizers=cdk,
)


def random_options(dice: random.Random, rate: float, values: dict[str, list[Any]]) -> Any:
    return {name: dice.choice(some) for name, some in values.items() if dice.random() < rate}


def random_synthesizer(dice: random.Random) -> Callable[[Any], Any]:
    text = ["own-name", "b-${Qualifier}-${AWS::AccountId}", "b-${AWS::Region}-y"]
    publishing = {
        "qualifier": ["q1", "hnb659fds"],
        "bucket_prefix": ["p/", "", "${Qualifier}/"],
        "docker_tag_prefix": ["t-", ""],
        "file_assets_bucket_name": text,
        "image_assets_repository_name": text,
    }
    named = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r-${Qualifier}"
    role = [named, ""]
    tags = {"Tags": [{"Key": "k", "Value": "v"}]}
    every: dict[str, list[Any]] = {
        **publishing,
        "bootstrap_stack_version_ssm_parameter": ["/x/${Qualifier}", "/y"],
        "cloud_formation_execution_role": role,
        "generate_bootstrap_version_rule": [True, False],
        "use_lookup_role_for_stack_operations": [True, False],
    }
    for name in ("deploy", "lookup", "file_asset_publishing", "image_asset_publishing"):
        every[f"{name}_role_arn"] = role
        every[f"{name}_role_additional_options"] = [tags, {"DurationSeconds": 900}]
        plain = name.endswith("publishing")
        every[f"{name}_external_id" if plain else f"{name}_role_external_id"] = ["id"]
    bootstrapless = {
        # Upstream falls over an empty role here.
        "deploy_role_arn": [named],
        "cloud_formation_execution_role_arn": [named],
        "qualifier": ["q1"],
    }
    rate = dice.choice([0, 0.15, 0.5])
    name, options = dice.choice(
        [
            ("DefaultStackSynthesizer", random_options(dice, rate, every)),
            ("DefaultStackSynthesizer", random_options(dice, rate, every)),
            ("CliCredentialsStackSynthesizer", random_options(dice, rate, publishing)),
            ("BootstraplessSynthesizer", random_options(dice, rate, bootstrapless)),
        ]
    )
    return lambda library: getattr(library.synthesizers, name)(**options)


def build(library: Any, seed: str, asset: Path, outdir: Path) -> None:
    dice = random.Random(seed)
    context = random_options(dice, 0.2, {"@aws-cdk/core:bootstrapQualifier": ["ctx"]})
    app = library.App(str(outdir), context)
    places = [app]
    for number in range(dice.randint(0, 2)):
        options = random_options(dice, 0.3, {"env": ENVIRONMENTS, "stage_name": ["named"]})
        places.append(library.Stage(dice.choice(places), f"Stage{number}", **options))
    stacks: list[tuple[Any, Any]] = []
    for number in range(dice.randint(1, 4)):
        at, make = dice.choice(places), random_synthesizer(dice)
        options = random_options(
            dice,
            0.3,
            {
                "env": ENVIRONMENTS,
                "stack_name": [f"name-{number}"],
                "description": ["says é"],
                "termination_protection": [True, False],
                "tags": [{"b": "2", "a": "1"}, {}],
                "notification_arns": [["arn:aws:sns:us-east-1:123456789012:t"]],
            },
        )
        if dice.random() < 0.7:
            options["synthesizer"] = make(library)
        stack = library.Stack(at, f"S{number}", **options)
        fill(library, dice, stack, asset, 2)
        others = [other for place, other in stacks if place is at or dice.random() < 0.1]
        for other in dice.sample(others, dice.randint(0, len(others))):
            depend(stack, other, dice.choice([None, "because"]))
        stacks.append((at, stack))
    app.synth()


def depend(stack: Any, other: Any, reason: str | None) -> None:
    if reason is None:
        stack.add_stack_dependency(other)
    else:
        stack.add_dependency(other, reason)


def fill(library: Any, dice: random.Random, stack: Any, asset: Path, depth: int) -> None:
    library.resource(stack, "Queue")
    if dice.random() < 0.5:
        options = random_options(dice, 0.3, {"display_name": ["shown"], "exclude": [["a"]]})
        library.Asset(stack, "Asset", path=str(asset), **options)
    inner: list[Any] = []
    for number in range(dice.randint(0, depth)):
        options = random_options(
            dice,
            0.3,
            {
                "description": ["nested"],
                "parameters": [{"P": "v", "A": "1"}],
                "notification_arns": [["arn:aws:sns:us-east-1:123456789012:t"]],
            },
        )
        made = library.NestedStack(stack, f"N{number}", **options)
        fill(library, dice, made, asset, depth - 1)
        if inner and dice.random() < 0.5:
            depend(made, dice.choice(inner), None)
        inner.append(made)


def written(outdir: Path) -> dict[str, Any]:
    """Bytes of templates and asset manifests, the rest as documents without what only stock can know."""
    found: dict[str, Any] = {}
    for path in sorted(outdir.rglob("*")):
        name = str(path.relative_to(outdir))
        if path.name == "manifest.json":
            manifest = json.loads(path.read_text("utf-8"))
            manifest.pop("minimumCliVersion", None)
            for stock in ("Tree", "aws-cdk-lib/feature-flag-report"):
                manifest["artifacts"].pop(stock, None)
            found[name] = json.dumps(manifest, indent=1).encode()
        elif path.name.endswith(".metadata.json"):
            found[name] = {
                key: [entry for entry in entries if entry["type"] != "aws:cdk:creationStack"]
                for key, entries in json.loads(path.read_text("utf-8")).items()
            }
        elif path.name not in {"tree.json", "validation-report.json"} and path.is_file():
            found[name] = path.read_bytes()
    return found


def differences(theirs: Any, ours: Any) -> list[str]:
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        return [] if is_same_error(theirs, ours) else [f"theirs: {theirs}", f"ours: {ours}"]
    found = []
    for name in sorted({*theirs, *ours}):
        texts = [shown(side.get(name)) for side in (theirs, ours)]
        if theirs.get(name) != ours.get(name):
            found += [f"{name}:", *difflib.unified_diff(*texts, "theirs", "ours", "", "", 2, "")]
    return found


def shown(content: Any) -> list[str]:
    text = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
    return text.decode().splitlines()


def is_same_error(theirs: object, ours: object) -> bool:
    """Whether messages are equal; jsii shows the name of an error too, unless a constructor raised it."""
    return str(theirs) in {str(ours), f"{getattr(ours, 'code', '')}: {ours}"}


def test_manifests(seed: int, scale: float, tmp_path: Path) -> None:
    print(f"repeat with LAMBDA_ASSETS_TEST_SEED={seed}")
    asset = tmp_path / "asset"
    asset.mkdir()
    (asset / "a").write_text("a")
    (asset / "b").write_text("b")
    refused = 0
    for number in range(max(1, round(APPS * scale))):
        row = f"{seed} {number}"
        results: list[Any] = []
        for library, name in ((THEIRS, "theirs"), (OURS, "ours")):
            outdir = tmp_path / f"{name}{number}"
            try:
                build(library, row, asset, outdir)
                results.append(written(outdir))
            except RuntimeError as error:
                results.append(error)
        refused += isinstance(results[0], Exception)
        found = differences(*results)
        assert not found, "\n".join([row, *found])
    print(f"{number + 1} apps, {refused} of them refused")
    assert refused <= number


@pytest.mark.parametrize(
    "wrong",
    [
        lambda a, b, _c, _m, _n: (b.add_stack_dependency(a), a.add_stack_dependency(b)),
        lambda a, b, c, _m, _n: (
            b.add_stack_dependency(a, "why"),
            c.add_stack_dependency(b),
            a.add_stack_dependency(c),
        ),
        lambda a, _b, _c, m, _n: m.add_stack_dependency(a),
        lambda _a, b, _c, _m, n: n.add_stack_dependency(b),
        lambda _a, b, _c, _m, n: b.add_stack_dependency(n),
    ],
)
def test_texts_of_impossible_dependencies(tmp_path: Path, wrong: Any) -> None:
    raised: list[Exception] = []
    for library, name in ((THEIRS, "theirs"), (OURS, "ours")):
        app = library.App(str(tmp_path / name), {})
        a, b, c = (library.Stack(app, letter) for letter in "abc")
        inner, apart = library.NestedStack(a, "N"), library.Stack(library.Stage(app, "P"), "S")
        with pytest.raises(RuntimeError) as caught:
            wrong(a, b, c, inner, apart)
        raised.append(caught.value)
    assert is_same_error(*raised), raised


NOT_FOR_ASSETS = {
    "DefaultStackSynthesizer": set(),
    "CliCredentialsStackSynthesizer": set(),
    "BootstraplessSynthesizer": set(),
    "NestedStack": {"removal_policy", "suppress_template_indentation", "timeout"},
    "Stage": {"permissions_boundary", "policy_validation_beta1", "property_injectors"},
    "Stack": {
        "analytics_reporting",
        "cross_region_references",
        "permissions_boundary",
        "property_injectors",
        "suppress_template_indentation",
    },
}
"""Options of upstream that neither assets nor their manifests depend on."""


@pytest.mark.parametrize("name", NOT_FOR_ASSETS)
def test_options_are_those_of_upstream(name: str) -> None:
    ours = inspect.signature(getattr(lambda_assets, name).__init__).parameters
    theirs = inspect.signature(getattr(cdk, name).__init__).parameters
    assert {*theirs} - {*ours} == NOT_FOR_ASSETS[name]
    assert {*ours} - {*theirs} == set()
    for option in {*ours} & {*theirs}:
        assert ours[option].kind is theirs[option].kind, option
        assert ours[option].default == theirs[option].default, option
