"""The parser of ``lambda-assets`` and what all commands share: settings, errors, exit codes."""

from __future__ import annotations

import argparse
import os
import sys

from lambda_assets.cli import (  # named as commands
    cache,
    exit_codes,
    explain,
    hash,  # noqa: A004
    image,
    ls,
    stage,
    zip,  # noqa: A004
)
from lambda_assets.cli.help import HelpFormatter
from lambda_assets.cli.terminal import say, say_error
from lambda_assets.errors import AssetError, OptionError
from lambda_assets.settings import LOG, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\
exit codes:
  0    done
  1    failed; a message on stderr says why
  2    the command line, or a variable of the environment, is wrong
  3    the answer is "different", or "there are findings"
  130  interrupted
  141  whoever read the output stopped reading

examples:
  lambda-assets hash src/
  lambda-assets ls --why --exclude '*.pyc' src/
  lambda-assets explain ci-snapshot.json src/
  lambda-assets zip src/ -o function.zip
  lambda-assets stage functions/* -o cdk.out

`lambda-assets COMMAND --help` says more about each command.
"""


class _Version(argparse.Action):
    """Prints versions; what it takes to know them is loaded only here."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from lambda_assets import __version__, _core  # noqa: PLC0415

        print(f"lambda-assets {__version__} (rules {_core.ALGORITHM}, back end {_core.BACKEND})")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The whole command line; the reference page is generated from it."""
    top = argparse.ArgumentParser(
        prog="lambda-assets",
        description="Fingerprint asset directories exactly as the AWS CDK does, and say why a hash changed.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print version and rule set")
    # Told its name, argparse need not work it out from a usage text, for which it loads shutil.
    commands = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, prog="lambda-assets"
    )
    for module in (hash, ls, explain, zip, stage, image, cache):
        module.add(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments, those of the process if None.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding has no characters for is shown, not a reason to fail.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    args = parser().parse_args(argv)
    try:
        settings = Settings.resolve()
    except OptionError as error:
        say_error(error)
        return exit_codes.USAGE
    debug = settings.log == "debug"
    try:
        code: int = args.run(args, settings)
        sys.stdout.flush()
    except KeyboardInterrupt:
        say("interrupted")
        return exit_codes.INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.PIPE_CLOSED
    except AssetError as error:
        if debug:
            raise
        say_error(error)
        return exit_codes.USAGE if isinstance(error, OptionError) else exit_codes.FAILED
    except Exception as error:
        if debug:
            raise
        say(f"error: {type(error).__name__}: {error}")
        say(f"hint: this is a defect; set {LOG}=debug for the traceback and report it")
        return exit_codes.FAILED
    return code
