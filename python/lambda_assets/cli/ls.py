"""``lambda-assets ls``: what is in an asset, why, how large, and what looks wrong."""

from __future__ import annotations

from lambda_assets.cli import exit_codes
from lambda_assets.cli.help import HelpFormatter
from lambda_assets.cli.selection import add_selection, jobs_number, selected
from lambda_assets.cli.terminal import paint, progress, shown, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from lambda_assets.filesystem.lint import Finding
    from lambda_assets.filesystem.listing import Listed
    from lambda_assets.filesystem.options import Selection
    from lambda_assets.settings import Settings

_TOP = 20

_EPILOG = """\
examples:
  lambda-assets ls src/                              every file and link that is hashed
  lambda-assets ls --why --exclude 'node_modules' .  also what is left out, and by which pattern
  lambda-assets ls --du .                            the biggest files and directories first
  lambda-assets ls --lint --exclude 'build/' .       dead patterns, volatile content, odd links

No file content is read. `--why` marks with + what is in the asset and with - what is not.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "ls",
        help="list what is in an asset, and why",
        description="List what goes into the fingerprint of a directory.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument("path", metavar="PATH", help="a directory or file")
    add_selection(parser)
    parser.add_argument(
        "--jobs", type=jobs_number, default=0, metavar="N", help="number of threads"
    )
    output = parser.add_argument_group("output")
    ways = output.add_mutually_exclusive_group()
    ways.add_argument("--why", action="store_true", help="show which pattern decided on each path")
    ways.add_argument("--du", action="store_true", help="show sizes, the biggest first")
    ways.add_argument(
        "--lint", action="store_true", help="show what looks wrong; exit code 3 if anything does"
    )
    output.add_argument(
        "--limit", type=int, metavar="N", help=f"lines of --du, 0 for all (default: {_TOP})"
    )
    output.add_argument("--json", action="store_true", help="print one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """List the asset in the way that was asked for."""
    from lambda_assets.filesystem.lint import lint  # noqa: PLC0415
    from lambda_assets.filesystem.listing import list_tree, usage  # noqa: PLC0415

    selection = selected(args, args.path)
    jobs = args.jobs or settings.jobs
    with progress(settings, "listing") as callback:
        rows = list_tree(args.path, selection, jobs, callback)
    findings = lint(args.path, selection, rows, jobs) if args.lint else []
    sizes = _limited(usage(rows), args) if args.du else []
    if args.json:
        _print_json(args, selection, rows, sizes, findings)
    elif args.lint:
        _print_findings(findings, settings)
    elif args.du:
        for key, kind, count in sizes:
            name = shown(key) + ("/" if kind == "directory" and key else "")
            print(f"{size(count):>10}  {name or '.'}")
    elif args.why:
        for row in rows:
            _print_why(row, selection, settings)
    else:
        for row in rows:
            if row.included:
                print(_name(row))
    return exit_codes.DIFFERENT if findings else exit_codes.DONE


def _limited(
    sizes: list[tuple[str, str, int]], args: argparse.Namespace
) -> list[tuple[str, str, int]]:
    limit = args.limit if args.limit is not None else (0 if args.json else _TOP)
    return sizes[:limit] if limit > 0 else sizes


def _name(row: Listed) -> str:
    name = shown(row.key) or "."
    if row.kind == "directory":
        return name + "/"
    return name if row.link is None else f"{name} -> {shown(row.link)}"


def _print_why(row: Listed, selection: Selection, settings: Settings) -> None:
    if row.kind == "directory" and not row.ignored:
        return
    reason = "" if row.pattern is None else f"  {_pattern(row.pattern, selection)}"
    if row.kind == "special":
        reason += "  (special file: never part of an asset)"
    elif row.kind == "cycle":
        reason += "  (leads back to a directory above: never part of an asset)"
    sign, color = ("+", "green") if row.included else ("-", "red")
    print(
        f"{paint(sign, color, settings)} {_name(row)}{paint(reason, 'dim', settings) if reason else ''}"
    )


def _pattern(index: int, selection: Selection) -> str:
    return f"pattern {index + 1} {selection.exclude[index]!r}"


def _print_findings(findings: list[Finding], settings: Settings) -> None:
    for finding in findings:
        print(f"{paint(finding.code, 'yellow', settings)}: {finding.message}")
        if finding.hint:
            print(f"  hint: {finding.hint}")


def _print_json(
    args: argparse.Namespace,
    selection: Selection,
    rows: list[Listed],
    sizes: list[tuple[str, str, int]],
    findings: list[Finding],
) -> None:
    import json  # noqa: PLC0415  10 ms, and few ask

    document: dict[str, object] = {
        "kind": "lambda-assets/listing",
        "schema": 1,
        "path": args.path,
        "options": selection.document(),
        "entries": [_document(row, selection) for row in rows if args.why or row.included],
    }
    if args.du:
        document["usage"] = [{"key": k, "kind": kind, "bytes": n} for k, kind, n in sizes]
    if args.lint:
        document["findings"] = [finding.document() for finding in findings]
    print(json.dumps(document, indent=1))


def _document(row: Listed, selection: Selection) -> dict[str, object]:
    pattern = None
    if row.pattern is not None:
        pattern = {"number": row.pattern + 1, "text": selection.exclude[row.pattern]}
    return {
        "key": row.key,
        "kind": row.kind,
        "size": row.size,
        "mode": row.mode,
        "link": row.link,
        "included": row.included,
        "pattern": pattern,
    }
