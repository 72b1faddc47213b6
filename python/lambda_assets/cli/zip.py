"""``lambda-assets zip``: a directory as an archive, the same bytes on every machine."""

from __future__ import annotations

import argparse

from lambda_assets.cli import exit_codes
from lambda_assets.cli.help import HelpFormatter
from lambda_assets.cli.selection import add_jobs, add_selection, selected
from lambda_assets.cli.terminal import progress, quoted, say, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambda_assets.archive import ZipReport
    from lambda_assets.filesystem.options import Selection
    from lambda_assets.settings import Settings

_LEVELS = 12

_EPILOG = """\
examples:
  lambda-assets zip src/ -o function.zip
  lambda-assets zip --exclude '*.pyc' --level 1 src/ -o function.zip
  lambda-assets zip --json src/ -o function.zip    also the base64 SHA-256 that Terraform asks for

The same files give the same bytes on every machine and for any number of threads: names are in byte order,
every time is 1980-01-01, files are 0644 or, if executable, 0755. Links are stored as what they lead to, unless
--follow never is given. Files over 256 MiB are stored without compression.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "zip",
        help="write a deterministic archive of a directory",
        description="Write an archive of a directory, the same bytes on every machine, and print its SHA-256.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument("path", metavar="PATH", help="a directory")
    add_selection(parser, hashed=False)
    output = parser.add_argument_group("output")
    output.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="the archive to write"
    )
    output.add_argument(
        "--level",
        type=_level,
        default=6,
        metavar="N",
        help="0 stores, 1 is fast, 6 is the default, 12 the smallest",
    )
    output.add_argument("--json", action="store_true", help="print one JSON document")
    add_jobs(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Write the archive."""
    from lambda_assets.archive import zip_directory  # noqa: PLC0415  dataclasses: 10 ms

    selection = selected(args, args.path)
    with progress(settings, "zipping") as callback:
        report = zip_directory(
            args.path,
            args.output,
            exclude=selection.exclude,
            follow=selection.follow,
            ignore_mode=selection.ignore_mode,
            level=args.level,
            jobs=settings.jobs if args.jobs is None else args.jobs,
            progress=callback,
        )
    if args.json:
        _print_json(args, selection, report)
    else:
        print(f"{report.sha256}  {shown(args.output)}")
    if settings.log != "error":
        _say_what_is_odd(args, report)
    return exit_codes.DONE


def _say_what_is_odd(args: argparse.Namespace, report: ZipReport) -> None:
    if report.files + report.links == 0:
        say(f"notice: the archive is empty: nothing in {quoted(args.path)} is left to archive")
    if report.skipped:
        say(
            f"notice: {report.skipped} links are not in the archive: there is nothing behind them"
            " that can be archived"
        )


def _print_json(args: argparse.Namespace, selection: Selection, report: ZipReport) -> None:
    import base64  # noqa: PLC0415
    import json  # noqa: PLC0415  10 ms, and few ask

    options = selection.document()
    del options["extra_hash"]
    document: dict[str, object] = {
        "kind": "lambda-assets/archive",
        "schema": 1,
        "path": args.path,
        "options": {**options, "level": args.level},
        "archive": report.path,
        "size": report.size,
        "sha256": report.sha256,
        "sha256_base64": base64.b64encode(bytes.fromhex(report.sha256)).decode(),
        "files": report.files,
        "links": report.links,
        "skipped": report.skipped,
        "content_size": report.content_size,
    }
    print(json.dumps(document, indent=1))


def _level(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _LEVELS):
        raise argparse.ArgumentTypeError(f"{text!r} is no level from 0 to {_LEVELS}")
    return int(text)
