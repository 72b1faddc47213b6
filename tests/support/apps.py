"""Random apps as data: trees, stages, stacks, codes and functions. How they are built is in ``appbuild``."""

from __future__ import annotations

import random
from typing import Any

_FILES = (
    "index.py",
    "lib/a.js",
    "lib/b.txt",
    "é.md",
    ".env",
    "a b.py",
    "deep/er/x",
    "LICENSE",
    "n.tar.gz",
    "☃/🎈.txt",
    "$x",
)
_PATTERNS = (
    "*.py", "lib", "!lib/a.js", "**/x", "deep/**", "*", "!*.md", ".env", "lib/*.txt", "/lib", "lib/", "**", "a?b.py",
    "[el]*", "{LICENSE,.env}", "!deep/er/x", "# note", "link", "☃", "\\!x", "",
)  # fmt: skip
_TEXTS = ("", "x = 1\n", "a\r\nb\r\n", "print('é')\n", "\0\1\2", "x" * 300)
_DIRECTORIES = ("", ".d", ".zip", ".x.y", ".tar.gz", ".é", ".", " with blank", "☃")
_ARCHIVES = (
    ".zip",
    ".jar",
    ".ZIP",
    ".tar",
    ".tar.gz",
    ".tgz",
    ".Tar.Gz",
    ".a.b.zip",
    "é ☃.zip",
    ".war",
    ".py",
    "",
    ".",
    "_x",
)
_LINKS = ("index.py", "lib", "../outside", "../outer", "nowhere", ".", "deep/er", "../other")
_KINDS = {
    "asset": 8,
    "image": 6,
    "archive": 3,
    "bundle": 5,
    "inline": 2,
    "bucket": 2,
    "bucket2": 2,
    "parameters": 2,
    "ecr": 3,
}


def random_app(seed: int) -> dict[str, Any]:
    """An app of one to three stacks, with one to five functions and layers.

    Args:
        seed: Decides everything.
    """
    dice = random.Random(seed)
    trees = {f"t{n}{_ending(dice)}": _tree(dice) for n in range(dice.randint(1, 3))}
    codes = [_code(dice, trees) for _ in range(dice.randint(1, 4))]
    _one_empty_bundle_a_tree(codes, trees)
    for number, code in enumerate(codes):
        # One hash for different content is the caller's mistake: upstream keeps the first, and mixes files and directories.
        if code["options"].get("asset_hash"):
            code["options"]["asset_hash"] += str(number)
    stacks = [_stack(dice, number) for number in range(dice.choice([1, 1, 2, 3]))]
    functions = [_function(dice, codes, len(stacks), n) for n in range(dice.randint(len(codes), 5))]
    return {
        "seed": seed,
        "context": _context(dice),
        "trees": trees,
        "stacks": stacks,
        "codes": codes,
        "functions": functions,
    }


def _one_empty_bundle_a_tree(codes: list[Any], trees: dict[str, Any]) -> None:
    # Upstream takes what the first failure leaves for the result of the second.
    seen = set()
    for code in codes:
        if code["kind"] == "bundle" and not trees[code["of"]]["bundler"]["writes"]:
            if code["of"] in seen:
                code["options"].pop("bundling")
            seen.add(code["of"])


def _ending(dice: random.Random) -> str:
    return dice.choice(_DIRECTORIES) if dice.random() < 0.4 else ""


def _tree(dice: random.Random) -> dict[str, Any]:
    names = dice.sample(_FILES, dice.randint(0, 6))
    files = {
        name: [dice.choice(_TEXTS), dice.choice([0o644, 0o644, 0o755, 0o600])] for name in names
    }
    links = {}
    for name in ("link", "lib/l2"):
        if dice.random() < 0.25:
            links[name] = dice.choice(_LINKS)
    files["Dockerfile"] = ["FROM scratch\n", 0o644]
    for name, rate in ((".dockerignore", 0.2), ("sub/Dockerfile.alt", 0.3)):
        if dice.random() < rate:
            text = "\n".join(dice.sample(_PATTERNS, 3)) + dice.choice(["\n", "", "\r\n"])
            files[name] = [text if name == ".dockerignore" else "FROM scratch\n", 0o644]
    follow = dice.choice(["NEVER", "ALWAYS", "EXTERNAL", "BLOCK_EXTERNAL"])
    return {
        "files": files,
        "links": links,
        "empty": dice.random() < 0.2,
        # Upstream reuses what it staged in one process without a look at the follow mode, so each tree has one.
        "follow": follow if dice.random() < 0.5 else None,
        # As above: nor does it look at what a local bundler would write.
        "bundler": {
            "writes": dice.choice(
                [
                    {"out.py": "y\n"},
                    {"a/b": "z", "é": ""},
                    {"only.zip": "PK"},
                    {"x.jar": "", "y": ""},
                    {},
                ]
            ),
            "shape": dice.choice(["struct", "keywords"]),
        },
        "archive": dice.choice(_ARCHIVES),
        # Which link leads out of a root that is a link itself is told in other words.
        "through": dice.random() < 0.1 and follow != "BLOCK_EXTERNAL",
    }


def _context(dice: random.Random) -> dict[str, Any]:
    return _pick(
        dice,
        0.15,
        {
            "@aws-cdk/core:assetHashSalt": ["salt", "é"],
            "@aws-cdk/core:bootstrapQualifier": ["qual"],
            "aws:cdk:disable-asset-staging": [True, "yes"],
            "aws:cdk:bundling-stacks": [["**"], [], ["S0"], ["S*"], ["Prod/**"], ["*"]],
        },
    ) | _pick(dice, 0.5, {"aws:cdk:enable-asset-metadata": [True, "false", False]})


def _stack(dice: random.Random, number: int) -> dict[str, Any]:
    env = None
    if dice.random() < 0.5:
        account, region = (
            dice.choice(["111111111111", None]),
            dice.choice(["eu-west-1", "cn-north-1", None]),
        )
        env = {"account": account, "region": region}
    options = _pick(
        dice,
        0.3,
        {
            "qualifier": ["q1"],
            "file_assets_bucket_name": ["my-bucket", "b-${Qualifier}-${AWS::Region}"],
            "image_assets_repository_name": ["my/repo", "r-${Qualifier}-${AWS::AccountId}"],
            "bucket_prefix": ["p/", "${Qualifier}/x-"],
            "docker_tag_prefix": ["tag-", "${Qualifier}."],
        },
    )
    kind = dice.choices(
        [None, "DefaultStackSynthesizer", "CliCredentialsStackSynthesizer"], [6, 3, 1]
    )[0]
    if kind == "DefaultStackSynthesizer":
        options |= _pick(
            dice,
            0.2,
            {
                "file_asset_publishing_role_arn": ["arn:${AWS::Partition}:iam::1:role/f", ""],
                "file_asset_publishing_external_id": ["ext"],
                "image_asset_publishing_role_arn": ["arn:aws:iam::1:role/i-${Qualifier}"],
                "image_asset_publishing_external_id": ["ext2"],
                "deploy_role_arn": ["arn:aws:iam::1:role/d"],
                "use_lookup_role_for_stack_operations": [True, False],
                "generate_bootstrap_version_rule": [True, False],
                "bootstrap_stack_version_ssm_parameter": ["/my/${Qualifier}/v"],
            },
        )
    return {
        "id": f"S{number}",
        "stage": dice.choice(["Prod", "Test"]) if dice.random() < 0.2 else None,
        "env": env,
        "synthesizer": kind and {"kind": kind, "options": options},
    } | _pick(dice, 0.1, {"stack_name": [f"named-{number}"]})


def _function(dice: random.Random, codes: list[Any], stacks: int, number: int) -> dict[str, Any]:
    # Every code is used once; what is left shares one, also with another stack.
    code = number if number < len(codes) else dice.randrange(len(codes))
    image = codes[code]["kind"] in {"image", "ecr"}
    wrong = dice.random() < 0.04
    zipped = codes[code]["kind"] not in {"image", "ecr", "inline"}
    runtimes = ["python3.12", "python3.12", "python3.12", "nodejs20.x", "java21"]
    return {
        "id": f"F{number}",
        "code": code,
        # A parameter is of one stack.
        "stack": code % stacks if codes[code]["kind"] == "parameters" else dice.randrange(stacks),
        "resource": "layer" if dice.random() < (0.2 if zipped else 0.04) else "function",
        "handler": "FROM_IMAGE" if image != wrong else "index.handler",
        "runtime": "FROM_IMAGE" if image else dice.choice(runtimes),
    }


def _code(dice: random.Random, trees: dict[str, Any]) -> dict[str, Any]:
    kind = dice.choices(list(_KINDS), list(_KINDS.values()))[0]
    tree = dice.choice(list(trees))
    code: dict[str, Any] = {"kind": kind, "tree": tree, "of": tree, "options": {}}
    if kind in {"asset", "archive", "bundle"}:
        code["options"] = _asset_options(dice, bundled=kind == "bundle")
    elif kind == "image":
        code["options"] = _image_options(dice)
    elif kind == "inline":
        code["text"] = dice.choice(
            ["def handler(e, c): return '${x}'\n", "x", "é ${AWS::Region}", ""]
        )
    else:
        code["options"] = _OTHERS[kind](dice)
    if kind in {"asset", "bundle", "image"} and dice.random() < 0.04:
        code["tree"] = dice.choice(["missing", "outside", ""])
    follow = trees[tree]["follow"]
    if follow and kind in {"asset", "archive", "bundle", "image"}:
        code["options"]["follow_symlinks"] = follow
    return code


_OTHERS = {
    "bucket": lambda dice: _pick(dice, 0.5, {"object_version": ["v1", ""]}),
    "bucket2": lambda dice: _pick(
        dice, 0.5, {"object_version": ["v1"], "s3_object_storage_mode": ["COPY", "REFERENCE"]}
    ),
    "parameters": lambda dice: _pick(
        dice,
        0.3,
        {"bucket_name_param": ["String", "Number", "List<String>"], "object_key_param": ["String"]},
    ),
    "ecr": lambda dice: _pick(
        dice,
        0.3,
        {
            "cmd": [["a"], []],
            "entrypoint": [["e", "f"]],
            "working_directory": ["/w", ""],
            "tag_or_digest": ["v1", "sha256:abc", "", "latest"],
        },
    ),
}


def _pick(dice: random.Random, rate: float, choices: dict[str, list[Any]]) -> dict[str, Any]:
    return {name: dice.choice(values) for name, values in choices.items() if dice.random() < rate}


def _patterns(dice: random.Random) -> list[str]:
    return dice.sample(_PATTERNS, dice.randint(0, 4))


def _asset_options(dice: random.Random, *, bundled: bool) -> dict[str, Any]:
    options = _pick(
        dice,
        0.25,
        {
            "exclude": [_patterns(dice)],
            "ignore_mode": ["GLOB", "GIT", "DOCKER"],
            "display_name": ["", "shown", "ü/x"],
            "deploy_time": [True, False],
            "asset_hash": ["", "abc", "é"],
        },
    )
    if dice.random() < 0.3:
        # Mostly one that goes with the rest.
        fits = (
            "CUSTOM"
            if options.get("asset_hash")
            else dice.choice(["SOURCE", "OUTPUT" if bundled else "SOURCE"])
        )
        options["asset_hash_type"] = (
            fits if dice.random() < 0.8 else dice.choice(["SOURCE", "OUTPUT", "CUSTOM"])
        )
    if bundled:
        options["bundling"] = {
            "image": "img:1",
            **_pick(
                dice,
                0.3,
                {
                    "command": [["sh", "-c", "x"], []],
                    "entrypoint": [["e", "", "z"], []],
                    "environment": [
                        {"Z": "1", "A": "2"},
                        {"PIP_INDEX_URL": "https://u:p@h/x"},
                        {},
                        {"b": "0", "1": "é"},
                    ],
                    "output_type": ["ARCHIVED", "NOT_ARCHIVED", "AUTO_DISCOVER", "SINGLE_FILE"],
                    "bundling_file_access": ["VOLUME_COPY", "BIND_MOUNT"],
                    "user": ["1000:1000"],
                    "network": ["none"],
                    "security_opt": ["no-new-privileges"],
                    "volumes": [
                        [{"host_path": "/h", "container_path": "/c", "consistency": "CACHED"}],
                        [],
                    ],
                    "volumes_from": [["other"]],
                    "working_directory": ["/w", ""],
                    "platform": ["linux/arm64"],
                },
            ),
        }
    return options


def _image_options(dice: random.Random) -> dict[str, Any]:
    return _pick(
        dice,
        0.2,
        {
            "cmd": [["a"], []],
            "entrypoint": [["e", "f"]],
            "working_directory": ["/w", ""],
            "asset_name": ["name", "my-image"],
            "build_args": [
                {"B": "2", "A": "1"},
                {"b": "0", "10": "a", "2": "b"},
                {},
                {"é": "${x}"},
            ],
            "build_contexts": [{"c": "docker-image://x"}],
            "build_secrets": [{"s": "src=f.txt"}],
            "build_ssh": ["default"],
            "cache_disabled": [True, False],
            "cache_from": [[{"type": "gha", "params": {"a": "1"}}], [{"type": "local"}], []],
            "cache_to": [{"type": "registry", "params": {"ref": "x"}}],
            "display_name": ["shown", ""],
            "file": ["sub/Dockerfile.alt", "Dockerfile", "./Dockerfile", "nothing"],
            "invalidation": [
                {"build_args": False},
                {"file": False, "target": False},
                {},
                {"platform": False},
            ],
            "network_mode": ["host", "none", "default"],
            "outputs": [["type=tar"], []],
            "platform": ["linux/arm64", "linux/amd64"],
            "target": ["t"],
            "extra_hash": ["eh", "", "é"],
            "exclude": [_patterns(dice)],
            "ignore_mode": ["GLOB", "GIT", "DOCKER"],
        },
    )
