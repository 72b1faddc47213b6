"""``lambda-assets image``: an image asset into a cloud assembly; it is built when it is published."""

from __future__ import annotations

import os

from lambda_assets.cli.assembling import add_assembly, assemble, stack_settings
from lambda_assets.cli.help import HelpFormatter
from lambda_assets.cli.selection import add_selection, chosen
from lambda_assets.errors import OptionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from lambda_assets.settings import Settings

_EPILOG = """\
examples:
  lambda-assets image images/api -o cdk.out                   hash, image tag and staged context
  lambda-assets image . -o cdk.out --file docker/Dockerfile --target prod --platform linux/arm64
  lambda-assets image . -o cdk.out --build-arg VERSION=3 --build-secret id=token,src=/run/token
  lambda-assets image . -o cdk.out --cache-from type=registry,ref=example.com/cache
  lambda-assets image . -o cdk.out --region eu-west-1 --account 123456789012 --json

Nothing is built and no Docker is needed: the build belongs to who publishes, such as `cdk-assets`. Build arguments are
hashed and written in clear, so they are no place for secrets; of a secret only its place is written. .dockerignore counts.
The assembly is written whole: several images, or files beside them, are for `lambda-assets stage --file`.
"""
_MODE = (
    "the language of the patterns; docker is the default, and only another mode is part of the hash"
)
#: Options of one text that have the names of the API.
_TEXTS = (
    ("file", "FILE", "the Dockerfile, relative to DIR (default: Dockerfile)"),
    ("target", "STAGE", "stage of the Dockerfile"),
    ("platform", "PLATFORM", "platform of the image, such as linux/arm64"),
    ("build-ssh", "TEXT", "SSH agent or keys for the build, such as default"),
    ("asset-name", "TEXT", "comes before the hash in the id of the asset"),
    ("display-name", "TEXT", "what tools call the asset"),
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "image",
        help="put the build context of an image into a cloud assembly",
        description="Put the build context of an image into a cloud assembly, with the hash and tag of a CDK app.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument(
        "path", metavar="DIR", help="the build context, or with --tarball an archive"
    )
    group = parser.add_argument_group("how it is built")
    for name, metavar, text in _TEXTS:
        group.add_argument(f"--{name}", metavar=metavar, help=text)
    group.add_argument("--network", metavar="MODE", help="network of the build")
    _repeated(group, "--build-arg", "NAME=VALUE", "a build argument; can be repeated")
    _repeated(group, "--build-context", "NAME=PLACE", "a further context; can be repeated")
    _repeated(
        group,
        "--build-secret",
        "id=NAME,src=FILE",
        "where a secret comes from, or id=NAME,env=VARIABLE; can be repeated",
    )
    _repeated(group, "--build-output", "OUTPUT", "an output of the build; can be repeated")
    _repeated(
        group, "--cache-from", "type=KIND,KEY=VALUE", "where to read a cache; can be repeated"
    )
    group.add_argument("--cache-to", metavar="type=KIND,KEY=VALUE", help="where to write the cache")
    group.add_argument("--cache-disabled", action="store_true", help="build without a cache")
    group.add_argument(
        "--tarball",
        action="store_true",
        help="DIR is an archive that `docker load` reads; there is nothing to build",
    )
    add_selection(parser, mode_help=_MODE)
    add_assembly(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Stage the context, or the archive."""
    from lambda_assets.declaration.model import Declaration, ImageEntry  # noqa: PLC0415  dataclasses

    options = _options(args)
    if args.tarball:
        extra = sorted(set(options) - {"display_name"})
        if extra:
            option = _SPELT.get(extra[0], f"--{extra[0].replace('_', '-')}")
            raise OptionError(f"{option} does not go with --tarball").with_hint(
                "it is for builds only"
            )
    entry = ImageEntry(
        name=os.path.basename(os.path.abspath(args.path)) or "root",
        path=args.path,
        is_tarball=args.tarball,
        options=options,
    )
    return assemble(args, settings, Declaration(entries=(entry,), stack=stack_settings(args)))


#: Where the option has not the name of the API.
_SPELT = {
    "build_args": "--build-arg",
    "build_contexts": "--build-context",
    "build_secrets": "--build-secret",
    "follow_symlinks": "--follow",
    "network_mode": "--network",
    "outputs": "--build-output",
}


def _options(args: argparse.Namespace) -> dict[str, Any]:
    options: dict[str, Any] = chosen(args)
    if "follow" in options:
        options["follow_symlinks"] = options.pop("follow")
    given = {name.replace("-", "_"): getattr(args, name.replace("-", "_")) for name, _, _ in _TEXTS}
    given |= {
        "gitignore": args.gitignore or None,
        "network_mode": args.network,
        "build_args": _map(args.build_arg, "--build-arg"),
        "build_contexts": _map(args.build_context, "--build-context"),
        "build_secrets": _secrets(args.build_secret),
        "outputs": args.build_output,
        "cache_from": args.cache_from
        and [_cache(text, "--cache-from") for text in args.cache_from],
        "cache_to": args.cache_to and _cache(args.cache_to, "--cache-to"),
        "cache_disabled": args.cache_disabled or None,
    }
    return options | {key: value for key, value in given.items() if value is not None}


def _repeated(group: argparse._ActionsContainer, name: str, metavar: str, text: str) -> None:
    group.add_argument(name, action="append", metavar=metavar, help=text)


def _map(texts: list[str] | None, option: str) -> dict[str, str] | None:
    if texts is None:
        return None
    return dict(_pair(text, option) for text in texts)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        # The text itself may be a secret that went astray.
        raise OptionError(f"{option} needs NAME=VALUE").with_hint(
            "values of the environment are not taken: they would change the hash unseen"
        )
    return name, value


def _secrets(texts: list[str] | None) -> dict[str, str] | None:
    if texts is None:
        return None
    secrets = {}
    for text in texts:
        first, _, place = text.partition(",")
        name = first.removeprefix("id=")
        if name in {"", first} or not place:
            raise OptionError("--build-secret needs id=NAME,src=FILE").with_hint(
                "or id=NAME,env=VARIABLE"
            )
        secrets[name] = place
    return secrets


def _cache(text: str, option: str) -> dict[str, Any]:
    """A cache as the command ``docker`` takes it: fields with commas between, quoted as in CSV."""
    import csv  # noqa: PLC0415  few ask

    fields = dict(_cache_field(field, option) for field in next(csv.reader([text]), []))
    if "type" not in fields:
        raise OptionError(f"{option} {text!r} names no type").with_hint(
            "type=registry,ref=example.com/cache"
        )
    kind = fields.pop("type")
    return {"type": kind, "params": fields} if fields else {"type": kind}


def _cache_field(field: str, option: str) -> tuple[str, str]:
    name, equals, value = field.partition("=")
    if not (name and equals):
        raise OptionError(f"{option} has {field!r}, which is no KEY=VALUE").with_hint(
            "type=registry,ref=example.com/cache"
        )
    return name, value
