"""``lambda-assets cache``: look at, empty and check the digest cache."""

from __future__ import annotations

from lambda_assets import _core
from lambda_assets.cli import exit_codes
from lambda_assets.cli.help import HelpFormatter
from lambda_assets.cli.terminal import shown, size
from lambda_assets.settings import NO_CACHE

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from lambda_assets.settings import Settings

_EPILOG = """\
examples:
  lambda-assets cache info          where it is and what is in it
  lambda-assets cache clear         remove it
  lambda-assets cache verify        check every cache file
  lambda-assets cache verify src/   also read that tree anew and compare; exit code 3 on a difference
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and what it does."""
    parser = commands.add_parser(
        "cache",
        help="look at, empty or check the digest cache",
        description="Look at, empty or check the cache of file digests.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    actions = parser.add_subparsers(
        title="actions", metavar="ACTION", required=True, prog="lambda-assets cache"
    )
    info = actions.add_parser(
        "info", formatter_class=HelpFormatter, help="say where it is and what is in it"
    )
    info.set_defaults(run=run_info)
    clear = actions.add_parser(
        "clear", formatter_class=HelpFormatter, help="remove all cache files"
    )
    clear.set_defaults(run=run_clear)
    verify = actions.add_parser(
        "verify",
        formatter_class=HelpFormatter,
        help="check every cache file; exit code 3 on a problem",
    )
    verify.add_argument("path", nargs="?", metavar="PATH", help="a tree to read anew and compare")
    verify.set_defaults(run=run_verify)
    for action in (info, clear, verify):
        action.add_argument("--json", action="store_true", help="print one JSON document")


def run_info(args: argparse.Namespace, settings: Settings) -> int:
    """Print where the cache is and a row for each cached tree."""
    place = settings.cache_place()
    rows = _core.cache_info(place) if place else []
    fields = ("file", "root", "entries", "bytes", "used", "problem")
    if args.json:
        files = [dict(zip(fields, row, strict=True)) for row in rows]
        _print(args, {"directory": settings.cache_dir, "in_use": _in_use(settings), "files": files})
        return exit_codes.DONE
    print(f"directory: {shown(settings.cache_dir or 'none')}")
    if not _in_use(settings):
        print(f"not used: {'no place for it' if place is None else f'{NO_CACHE} is set'}")
    total = sum(row[3] for row in rows)
    print(f"{len(rows)} trees, {size(total)}")
    for _, root, entries, count, used, problem in rows:
        note = f"  problem: {problem}" if problem else ""
        print(f"{size(count):>10}  {entries:>8,} files  {_date(used)}  {shown(root)}{note}")
    return exit_codes.DONE


def run_clear(args: argparse.Namespace, settings: Settings) -> int:
    """Remove all cache files."""
    place = settings.cache_place()
    files, count = _core.cache_clear(place) if place else (0, 0)
    if args.json:
        _print(args, {"directory": settings.cache_dir, "removed": files, "bytes": count})
    else:
        print(f"removed {files} files, {size(count)}")
    return exit_codes.DONE


def run_verify(args: argparse.Namespace, settings: Settings) -> int:
    """Check all cache files, and with a path each digest of its tree."""
    place = settings.cache_place()
    problems = _core.cache_verify(place, args.path) if place else []
    if args.json:
        rows = [{"file": file, "problem": problem} for file, problem in problems]
        _print(args, {"directory": settings.cache_dir, "path": args.path, "problems": rows})
    else:
        for file, problem in problems:
            print(f"{shown(file)}: {problem}")
        if not problems:
            print("no problems")
    return exit_codes.DIFFERENT if problems else exit_codes.DONE


def _in_use(settings: Settings) -> bool:
    return settings.use_cache and settings.cache_dir is not None


def _date(stamp: float) -> str:
    import time  # noqa: PLC0415

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(stamp))


def _print(args: argparse.Namespace, document: dict[str, object]) -> None:
    import json  # noqa: PLC0415  10 ms, and few ask

    kind = f"lambda-assets/cache-{args.run.__name__.removeprefix('run_')}"
    print(json.dumps({"kind": kind, "schema": 1, **document}, indent=1))
