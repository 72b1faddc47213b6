"""``lambda-assets stage``: assets into a cloud assembly, from the command line or from a declaration."""

from __future__ import annotations

import argparse
import os

from lambda_assets.cli.assembling import add_assembly, assemble, stack_settings
from lambda_assets.cli.help import HelpFormatter
from lambda_assets.cli.selection import add_selection, chosen
from lambda_assets.errors import OptionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambda_assets.declaration.model import Declaration, FileEntry
    from lambda_assets.settings import Settings

_EPILOG = """\
examples:
  lambda-assets stage functions/* -o cdk.out                  hash, object key, packaging and staged path, a line each
  lambda-assets stage src -o cdk.out --staging zip --json     also the base64 SHA-256 that Terraform asks for
  lambda-assets stage src -o cdk.out --bucket my-bucket --cli-credentials
  lambda-assets stage --file lambda-assets.toml -o cdk.out    files and images, each with options of its own

The assembly is one that the stock tools read: `cdk-assets -p cdk.out/Assets.assets.json publish`. It is written whole, so
that a second run with other assets replaces what the first one listed. If an asset fails, the others are still tried and
no manifest is touched. The keys of the file are in docs/declaration.md.
"""
_IN_FILE = (
    "asset_hash",
    "display_name",
    "extra_hash",
    "follow",
    "patterns",
    "gitignore",
    "ignore_mode",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "stage",
        help="put files and directories into a cloud assembly",
        description="Put files and directories into a cloud assembly, with the hashes and object keys of a CDK app.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a directory or file")
    parser.add_argument(
        "--file", metavar="FILE", help="a TOML file that declares the assets, instead of PATHs"
    )
    add_selection(parser)
    group = parser.add_argument_group("how it is staged")
    group.add_argument(
        "--asset-hash",
        metavar="TEXT",
        help="what the hash is made of, instead of the files; one PATH only",
    )
    group.add_argument(
        "--display-name", metavar="TEXT", help="what tools call the asset; one PATH only"
    )
    group.add_argument(
        "--staging",
        metavar="WAY",
        help="copy (the default), link, zip, or reference to leave the source where it is; hash and"
        " key are the same",
    )
    group.add_argument(
        "--concurrency",
        type=_number,
        metavar="N",
        help="number of assets staged at once (default: number of processors)",
    )
    add_assembly(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Stage what the command line or the file says."""
    is_declared = args.file is not None
    declaration = _from_file(args) if is_declared else _from_paths(args)
    return assemble(
        args, settings, declaration, concurrency=args.concurrency, is_declared=is_declared
    )


def _from_file(args: argparse.Namespace) -> Declaration:
    from dataclasses import replace  # noqa: PLC0415  19 ms, and `hash` needs none

    from lambda_assets.declaration.read import read_declaration  # noqa: PLC0415  it loads the library

    if args.paths:
        raise OptionError("--file takes no PATH").with_hint("declare it in the file")
    for name in _IN_FILE:
        if getattr(args, name):
            option = "--exclude" if name == "patterns" else f"--{name.replace('_', '-')}"
            raise OptionError(f"{option} does not go with --file").with_hint(
                "say it in the file, for each asset"
            )
    declaration = read_declaration(args.file)
    return replace(declaration, stack={**declaration.stack, **_settings(args)})


def _from_paths(args: argparse.Namespace) -> Declaration:
    from lambda_assets.declaration.model import Declaration  # noqa: PLC0415  dataclasses: 19 ms

    if not args.paths:
        raise OptionError("no PATH").with_hint("name what to stage, or a declaration with --file")
    if len(args.paths) > 1:
        for name in ("asset_hash", "display_name"):
            if getattr(args, name) is not None:
                raise OptionError(f"--{name.replace('_', '-')} takes one PATH").with_hint(
                    "declare the assets in a file: --file"
                )
    names = _names(args.paths)
    entries = tuple(_entry(args, path, name) for path, name in zip(args.paths, names, strict=True))
    return Declaration(entries=entries, stack=_settings(args))


def _entry(args: argparse.Namespace, path: str, name: str) -> FileEntry:
    from lambda_assets.declaration.model import FileEntry  # noqa: PLC0415  loaded by now

    options = chosen(args)
    if "follow" in options:
        options["follow_symlinks"] = options.pop("follow")
    given = {
        "gitignore": args.gitignore or None,
        "asset_hash": args.asset_hash,
        "display_name": args.display_name,
    }
    options |= {key: value for key, value in given.items() if value is not None}
    return FileEntry(name=name, path=path, options=options)


def _names(paths: list[str]) -> list[str]:
    """The name of each asset: that of the directory or file; the whole path where two would have one name."""
    absolute = [os.path.abspath(path) for path in paths]
    for n, path in enumerate(paths):
        if absolute[n] in absolute[:n]:
            raise OptionError(f"{path!r} is there twice").with_hint("name each PATH once")
    short = [os.path.basename(path) or "root" for path in absolute]
    return [
        name if short.count(name) == 1 else os.path.normpath(path)
        for name, path in zip(short, paths, strict=True)
    ]


def _settings(args: argparse.Namespace) -> dict[str, object]:
    way = {} if args.staging is None else {"staging": args.staging}
    return stack_settings(args) | way


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of assets")
    return int(text)
