"""The options that choose what is in an asset: the same in each command that looks at one."""

from __future__ import annotations

import argparse

from lambda_assets.errors import OptionError, asset_io_error
from lambda_assets.filesystem.enums import IgnoreMode
from lambda_assets.filesystem.options import Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_assets.settings import Settings

FOLLOW = ("never", "always", "external", "block-external")
MODES = ("glob", "git", "docker")


class _Pattern(argparse.Action):
    """Keeps --exclude and --exclude-from in one list, in the order of the command line."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002  the signature is argparse's
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        items = [*(namespace.patterns or []), (option_string, values)]
        namespace.patterns = items


_GLOB = (
    "the language of the patterns; glob is the default and, as in the CDK, only another mode is part"
    " of the hash"
)


def add_selection(
    parser: argparse.ArgumentParser, *, hashed: bool = True, mode_help: str = _GLOB
) -> None:
    """Add the options that are part of the hash, or decide what is.

    Args:
        parser: The parser of a command.
        hashed: Whether the command computes a hash, into which text can go besides the files.
        mode_help: What --ignore-mode says about its default.
    """
    group = parser.add_argument_group("what is in the asset")
    if hashed:
        group.add_argument(
            "--extra-hash", metavar="TEXT", help="text that goes into the hash besides the files"
        )
    else:
        parser.set_defaults(extra_hash=None)
    group.add_argument(
        "--follow",
        choices=FOLLOW,
        help="which symbolic links are followed: external (the default) are those that leave the"
        " directory, block-external those that stay inside",
    )
    group.add_argument(
        "--exclude",
        dest="patterns",
        action=_Pattern,
        metavar="PATTERN",
        help="leave out what matches; can be repeated, later patterns overrule earlier ones",
    )
    group.add_argument(
        "--exclude-from",
        dest="patterns",
        action=_Pattern,
        metavar="FILE",
        help="read patterns from a file, one a line, in the language of --ignore-mode: lines that"
        " begin with # are comments, and empty lines count for nothing, in all three",
    )
    group.add_argument(
        "--gitignore",
        action="store_true",
        help="leave out what git ignores: the .gitignore files inside the directory, with git's own"
        " rules; implies --ignore-mode git",
    )
    group.add_argument(
        "--ignore-mode",
        choices=MODES,
        help=mode_help,
    )


def add_speed(parser: argparse.ArgumentParser) -> None:
    """Add the options that decide how fast a hash comes, never which."""
    group = parser.add_argument_group("speed")
    group.add_argument("--no-cache", action="store_true", help="read every file anew")
    add_jobs(group)


def add_jobs(group: argparse._ActionsContainer) -> None:
    """Add the number of threads."""
    group.add_argument(
        "--jobs",
        type=jobs_number,
        metavar="N",
        help="number of threads (default: what may be used)",
    )


def apply_speed(args: argparse.Namespace, settings: Settings) -> None:
    """Let the command line overrule the environment."""
    if args.no_cache:
        settings.use_cache = False
    if args.jobs is not None:
        settings.jobs = args.jobs


def chosen(args: argparse.Namespace, path: str | None = None) -> dict[str, object]:
    """The options that were given, under the names of the Python API.

    Args:
        args: The command line.
        path: The directory for --gitignore; None where there is none.

    Raises:
        OptionError: --gitignore stands beside another mode.
        AssetIOError: A file of patterns can't be read.
    """
    given: dict[str, object] = {}
    if args.extra_hash is not None:
        given["extra_hash"] = args.extra_hash
    if args.follow is not None:
        given["follow"] = args.follow.replace("block-external", "internal-only")
    if args.ignore_mode is not None:
        given["ignore_mode"] = args.ignore_mode
    patterns: list[str] = []
    for option, value in args.patterns or ():
        patterns += _lines(value) if option == "--exclude-from" else [value]
    if args.gitignore and path is not None:
        from lambda_assets.filesystem.ignorefiles import gitignored  # noqa: PLC0415  pathspec: 36 ms

        if args.ignore_mode not in {None, "git"}:
            raise OptionError(f"--gitignore needs git mode, not {args.ignore_mode}").with_hint(
                "leave out --ignore-mode"
            )
        patterns = [*gitignored(path).exclude, *patterns]
        given["ignore_mode"] = IgnoreMode.GIT
    if patterns:
        given["exclude"] = patterns
    return given


def selected(args: argparse.Namespace, path: str) -> Selection:
    """The validated options for one path; errors as :func:`chosen`."""
    return Selection(**chosen(args, path))  # type: ignore[arg-type]  # checked inside


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return [line.rstrip("\n") for line in file]
    except OSError as error:
        raise asset_io_error("open", error) from None
    except UnicodeDecodeError:
        raise OptionError(f"--exclude-from {path!r} is not UTF-8 text") from None


def jobs_number(text: str) -> int:
    """A number of threads on the command line."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of threads")
    return int(text)
