"""What ``stage`` and ``image`` share: settings of the stack, and how results are told."""

from __future__ import annotations

import os

from lambda_assets.cli import exit_codes
from lambda_assets.cli.terminal import describe, quoted, say, shown, steps
from lambda_assets.errors import OptionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from lambda_assets.declaration.model import Declaration, Failed, Outcome, Staged
    from lambda_assets.settings import Settings

_SETTINGS = (
    ("account", "NUMBER", "account of the stack; a placeholder if unknown"),
    ("region", "REGION", "region of the stack; a placeholder if unknown"),
    ("qualifier", "TEXT", "qualifier of the bootstrap stack (default: hnb659fds)"),
    ("bucket", "NAME", "bucket of files, instead of that of the bootstrap stack"),
    ("bucket-prefix", "TEXT", "comes before every key"),
    ("repository", "NAME", "repository of images, instead of that of the bootstrap stack"),
    ("docker-tag-prefix", "TEXT", "comes before every tag"),
    ("file-asset-publishing-role-arn", "ARN", "role that uploads files; '' for none"),
    ("image-asset-publishing-role-arn", "ARN", "role that pushes images; '' for none"),
    ("deploy-role-arn", "ARN", "role that deploys; '' for none"),
    ("cloud-formation-execution-role", "ARN", "role that CloudFormation gets; '' for none"),
    ("lookup-role-arn", "ARN", "role that looks things up; '' for none"),
)


def add_assembly(parser: argparse.ArgumentParser) -> None:
    """Add output directory, settings of the stack, and the forms of output.

    Args:
        parser: The parser of a command.
    """
    parser.add_argument(
        "-o", "--outdir", metavar="DIR", required=True, help="directory of the cloud assembly"
    )
    group = parser.add_argument_group("stack")
    group.add_argument("--stack-name", metavar="NAME", help="name of the stack (default: Assets)")
    for name, metavar, text in _SETTINGS:
        group.add_argument(f"--{name}", metavar=metavar, help=text)
    group.add_argument(
        "--cli-credentials",
        action="store_true",
        help="name no roles: who publishes and deploys does it with credentials of their own",
    )
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="print one JSON document")
    output.add_argument(
        "--outputs",
        metavar="FILE",
        help="also write where the assets are and go, as JSON for tools without the CDK",
    )


def stack_settings(args: argparse.Namespace) -> dict[str, object]:
    """What the command line says about the stack, under the keys of a declaration.

    Args:
        args: The command line.
    """
    names = [name.replace("-", "_") for name, _, _ in _SETTINGS]
    given = {name: getattr(args, name) for name in names}
    given |= {"name": args.stack_name, "cli_credentials": args.cli_credentials or None}
    return {name: value for name, value in given.items() if value is not None}


def assemble(
    args: argparse.Namespace,
    settings: Settings,
    declaration: Declaration,
    *,
    concurrency: int | None = None,
    is_declared: bool = False,
) -> int:
    """Stage, and tell what became of each asset.

    Args:
        args: The command line.
        settings: Of the environment.
        declaration: The assets.
        concurrency: How many at once, as many as there are processors if None.
        is_declared: Whether the options of the assets come from a file.

    Returns:
        The exit code.

    Raises:
        OptionError: An option of the command line is wrong, so that it is for every asset.
    """
    from lambda_assets.declaration.stage import stage_all  # noqa: PLC0415  it loads all of the library

    with steps(settings, "staging", len(declaration.entries)) as watch:
        outcome = stage_all(declaration, args.outdir, concurrency=concurrency, watch=watch)
    for failed in outcome.failures:
        if settings.log == "debug" or (isinstance(failed.error, OptionError) and not is_declared):
            raise failed.error
    if args.json:
        _print_json(args, outcome)
    else:
        _print_lines(outcome)
    for failed in outcome.failures:
        _say_failure(failed, is_one=len(outcome.results) == 1)
    if outcome.failures:
        return exit_codes.FAILED
    if args.outputs:
        _write_outputs(args.outputs, outcome)
    return exit_codes.DONE


def _print_lines(outcome: Outcome) -> None:
    from lambda_assets.declaration.model import Staged  # noqa: PLC0415  loaded by now

    for one in outcome.results:
        # Without a manifest nobody can use what is staged.
        if isinstance(one, Staged) and not outcome.failures:
            key = one.tag if one.key is None else one.key
            print(f"{one.asset_hash}  {shown(key or '')}  {one.packaging}  {shown(one.path)}")


def _say_failure(failed: Failed, *, is_one: bool) -> None:
    # A message of the system names a path, not which of the assets it belongs to.
    which = "" if is_one else f"{quoted(failed.entry.name)}: "
    say(f"error: {which}{describe(failed.error)}")
    if failed.error.hint:
        say(f"hint: {failed.error.hint}")


def _print_json(args: argparse.Namespace, outcome: Outcome) -> None:
    import json  # noqa: PLC0415  10 ms, and few ask

    directory = os.path.abspath(args.outdir)
    manifest = os.path.join(directory, f"{outcome.stack.artifact_id}.assets.json")
    document = {
        "kind": "lambda-assets/staged",
        "schema": 1,
        "directory": directory,
        "stack": outcome.stack.stack_name,
        "manifest": None if outcome.failures else manifest,
        "assets": [_row(one) for one in outcome.results],
    }
    print(json.dumps(document, indent=1))


def _row(one: Staged | Failed) -> dict[str, object]:
    from lambda_assets.declaration.model import Failed, ImageEntry  # noqa: PLC0415  loaded by now

    entry = one.entry
    is_image = isinstance(entry, ImageEntry)
    row: dict[str, object] = {
        "name": entry.name,
        "type": "image" if is_image else "file",
        "source": os.path.abspath(entry.path),
    }
    if isinstance(one, Failed):
        error = one.error
        shown_error = {"code": error.code, "message": describe(error), "hint": error.hint}
        return {**row, "error": shown_error}
    row |= {"hash": one.asset_hash, "path": one.path}
    if is_image:
        return {**row, "repository": one.repository, "tag": one.tag, "uri": one.uri}
    return {
        **row,
        "packaging": one.packaging,
        "bucket": one.bucket,
        "key": one.key,
        "url": one.url,
        "size": one.size,
        "sha256_base64": one.sha256_base64,
    }


def _write_outputs(file: str, outcome: Outcome) -> None:
    import json  # noqa: PLC0415  as above

    from lambda_assets.assembly.outputs import asset_outputs  # noqa: PLC0415  loaded by now
    from lambda_assets.filesystem.snapshot import write_whole  # noqa: PLC0415  loaded by now

    # What is staged as a file is what will be published; of a directory others may make another archive.
    files = [one for one in outcome.results if getattr(one, "key", None)]
    checksums = all(getattr(one, "size", None) is not None for one in files)
    document = asset_outputs(outcome.stack, checksums=checksums)
    write_whole(file, json.dumps(document, indent=1) + "\n")
