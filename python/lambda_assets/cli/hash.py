"""``lambda-assets hash``: the fingerprint, bare for one path, in lines for several."""

from __future__ import annotations

from lambda_assets.cli import exit_codes
from lambda_assets.cli.help import HelpFormatter
from lambda_assets.cli.selection import add_selection, add_speed, apply_speed, selected
from lambda_assets.cli.terminal import describe, progress, say_error, say_notices, shown, size
from lambda_assets.errors import AssetError, OptionError
from lambda_assets.filesystem.file_system import fingerprint

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from lambda_assets.settings import Notice, Settings

_EPILOG = """\
examples:
  lambda-assets hash src/                       the hash, and nothing else
  lambda-assets hash functions/*                hash and path, a line each
  lambda-assets hash --gitignore .              without what git ignores
  lambda-assets hash --exclude '*.pyc' --exclude __pycache__ src/
  lambda-assets hash --raw --save ci.json src/  keep it for `lambda-assets explain`
  lambda-assets hash --timings src/             where the time went

Digests of unchanged files come from a cache that can cost time, never correctness.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "hash",
        help="print the fingerprint of directories and files",
        description="Print the fingerprint that FileSystem.fingerprint of aws-cdk-lib gives.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a directory or file")
    add_selection(parser)
    add_speed(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="print one JSON document")
    output.add_argument(
        "--timings",
        action="store_true",
        help="say on stderr how long what took, slowest files named",
    )
    output.add_argument(
        "--save", metavar="FILE", help="also write a snapshot, for `explain`; one PATH only"
    )
    output.add_argument(
        "--raw",
        action="store_true",
        help="let the snapshot tell what no hash shows, such as line ends; reads every file",
    )
    parser.set_defaults(run=run)


class Result:
    """What became of one path.

    Attributes:
        path: As given.
        fingerprint: Its hash, None after an error.
        error: The error, None if there was none.
        timings: Seconds by phase; empty unless asked for.
        slowest: The slowest files; empty unless asked for.
        counts: Files, links, bytes; empty unless asked for.
    """

    __slots__ = ("counts", "error", "fingerprint", "path", "slowest", "timings")

    def __init__(self, path: str) -> None:
        self.path = path
        self.fingerprint: str | None = None
        self.error: AssetError | None = None
        self.timings: dict[str, float] = {}
        self.slowest: list[tuple[str, float, int]] = []
        self.counts: dict[str, int] = {}


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Hash each path; an error in one does not keep the others from being hashed."""
    apply_speed(args, settings)
    if args.save and len(args.paths) != 1:
        raise OptionError("--save takes one path").with_hint("run the command for each path")
    if args.raw and not args.save:
        raise OptionError("--raw needs --save").with_hint("--raw --save FILE")
    results = [_one(args, settings, path) for path in args.paths]
    if args.json:
        _print_json(results)
    failed = [result for result in results if result.error]
    return exit_codes.FAILED if failed else exit_codes.DONE


def _one(args: argparse.Namespace, settings: Settings, path: str) -> Result:
    result = Result(path)
    try:
        notices = _compute(args, settings, result)
    except OptionError:
        raise  # wrong for every path
    except AssetError as error:
        if settings.log == "debug":
            raise
        result.error = error
        say_error(error)
        return result
    say_notices(notices, settings)
    if not args.json:
        line = (
            result.fingerprint if len(args.paths) == 1 else f"{result.fingerprint}  {shown(path)}"
        )
        print(line, flush=True)
    if args.timings and not args.json:
        _print_timings(result)
    return result


def _compute(args: argparse.Namespace, settings: Settings, result: Result) -> list[Notice]:
    selection = selected(args, result.path)
    with progress(settings, "hashing") as callback:
        if not (args.save or args.timings):
            result.fingerprint, notices = fingerprint(result.path, selection, settings, callback)
            return notices
        from lambda_assets.filesystem.snapshot import take  # noqa: PLC0415  json, dataclasses

        snapshot, notices = take(result.path, selection, settings, raw=args.raw, progress=callback)
    if args.save:
        snapshot.save(args.save)
    result.fingerprint = snapshot.fingerprint
    if args.timings:
        result.timings = dict(snapshot.timings)
        result.slowest = list(snapshot.slowest)
        result.counts = dict(snapshot.counts)
    return notices


def _print_timings(result: Result) -> None:
    import sys  # noqa: PLC0415

    counts = result.counts
    found = f"{counts['files']:,} files, {counts['links']:,} links, {size(counts['bytes'])}"
    lines = [f"{found}; {counts['read']:,} read, {counts['cached']:,} from the cache"]
    lines += [f"{seconds * 1000:10.1f} ms  {phase}" for phase, seconds in result.timings.items()]
    if counts["read"]:
        lines.append("slowest files:")
        lines += [f"{s * 1000:10.1f} ms  {shown(key)}  {size(n)}" for key, s, n in result.slowest]
    print("\n".join(lines), file=sys.stderr)


def _print_json(results: list[Result]) -> None:
    import json  # noqa: PLC0415  10 ms, and few ask

    from lambda_assets import _core  # noqa: PLC0415

    rows = []
    for result in results:
        row: dict[str, object] = {"path": result.path, "fingerprint": result.fingerprint}
        if result.error:
            code, hint = result.error.code, result.error.hint
            row["error"] = {"code": code, "message": describe(result.error), "hint": hint}
        if result.timings:
            slowest = [{"key": k, "seconds": s, "bytes": n} for k, s, n in result.slowest]
            row |= {"counts": result.counts, "timings": result.timings, "slowest": slowest}
        rows.append(row)
    document = {
        "kind": "lambda-assets/hashes",
        "schema": 1,
        "algorithm": _core.ALGORITHM,
        "results": rows,
    }
    print(json.dumps(document, indent=1))
