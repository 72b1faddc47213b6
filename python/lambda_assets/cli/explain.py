"""``lambda-assets explain``: why two fingerprints differ."""

from __future__ import annotations

from lambda_assets.cli import exit_codes
from lambda_assets.cli.help import HelpFormatter
from lambda_assets.cli.selection import add_selection, add_speed, apply_speed, chosen
from lambda_assets.cli.terminal import paint, progress, say_notices
from lambda_assets.errors import OptionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from lambda_assets.settings import Settings

_EPILOG = """\
examples:
  lambda-assets explain build-1/ build-2/   two directories
  lambda-assets explain ci.json src/        a snapshot from CI against the working tree
  lambda-assets explain ci.json laptop.json two snapshots, no files needed

A snapshot is made with `lambda-assets hash --raw --save FILE PATH`. Where one side is a snapshot and no
option is given, the other side is hashed with the options of the snapshot. In the list of files, - is only
in A, + is only in B, ~ is in both. Exit code 3: the hashes differ.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "explain",
        help="say why two fingerprints differ",
        description="Name the options and files that made two fingerprints differ, each with its cause,"
        " and the differences that no fingerprint shows.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    for name in ("a", "b"):
        parser.add_argument(name, metavar=name.upper(), help="a directory, file or saved snapshot")
    add_selection(parser)
    add_speed(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Compare both sides."""
    from lambda_assets.filesystem.explain import both_sides, compare  # noqa: PLC0415

    apply_speed(args, settings)
    if args.gitignore:
        raise OptionError(
            "--gitignore differs from side to side, explain takes one list"
        ).with_hint("compare snapshots: lambda-assets hash --gitignore --raw --save FILE PATH")
    with progress(settings, "hashing") as callback:
        a, b, notices = both_sides(args.a, args.b, chosen(args), settings, callback)
    say_notices(notices, settings)
    explanation = compare(a, b)
    if args.json:
        print(explanation.to_json(), end="")
    else:
        for line in explanation.to_text().splitlines():
            color = {"  -": "red", "  +": "green", "  ~": "yellow"}.get(line[:3])
            print(paint(line, color, settings) if color else line)
    return exit_codes.DONE if explanation.same else exit_codes.DIFFERENT
