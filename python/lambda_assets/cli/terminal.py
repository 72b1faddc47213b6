"""What people see: messages, sizes, colours, and a progress bar for work over a second."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager

from lambda_assets.errors import AssetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.progress import Progress as Bar

    from lambda_assets.filesystem.options import Progress
    from lambda_assets.settings import Notice, Settings

    Steps = Callable[[int, Sequence[str]], None]

_PATIENCE = 1.0
_NAMES = 3


def say(message: str) -> None:
    """Write a line to stderr."""
    print(f"lambda-assets: {message}", file=sys.stderr)


def say_error(error: Exception) -> None:
    """Tell an error and its hint, without a traceback."""
    # The problems of a file begin with its name, which stays as it is.
    for text in getattr(error, "problems", None) or [describe(error)]:
        say(f"error: {text}")
    hint = getattr(error, "hint", "")
    if hint:
        say(f"hint: {hint}")


def say_notices(notices: Iterable[Notice], settings: Settings) -> None:
    """Tell each notice once a run, unless only errors are wanted."""
    if settings.log == "error":
        return
    for notice in notices:
        if notice not in _said:
            _said.add(notice)
            say(f"notice: {notice[1]}")


_said: set[Notice] = set()


def describe(error: Exception) -> str:
    """An error in one line: lower-case, paths in quotes."""
    if isinstance(error, OSError) and error.strerror:
        text = lower_first(error.strerror)
        return f"{text}: {quoted(str(error.filename))}" if error.filename else text
    return lower_first(str(error)) if isinstance(error, AssetError) else str(error)


def lower_first(text: str) -> str:
    """A message as part of a line; a word in capitals stays."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def quoted(name: str) -> str:
    """A name in quotes, control characters and undecodable bytes as escapes."""
    return f"'{shown(name)}'" if "'" not in name else repr(name)


def shown(name: str) -> str:
    """A name for a line of output: control characters and undecodable bytes as escapes."""
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def size(count: int) -> str:
    """Bytes for people, in powers of 1024."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:  # noqa: PLR2004
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def paint(text: str, color: str, settings: Settings) -> str:
    """Colour on a terminal, plain text elsewhere; colour is never the only carrier of meaning."""
    if not (settings.color and sys.stdout.isatty()):
        return text
    code = {"red": 31, "green": 32, "yellow": 33, "dim": 2}[color]
    return f"\x1b[{code}m{text}\x1b[0m"


@contextmanager
def progress(settings: Settings, what: str) -> Iterator[Progress | None]:
    """A callback for native calls that draws a bar on stderr once a second has passed.

    None where nobody looks: no terminal, CI, or switched off.

    Args:
        settings: Whether a bar is wanted.
        what: What is being done.
    """
    if not (settings.progress and sys.stderr.isatty()):
        yield None
        return
    reporter = _Reporter(what)
    try:
        yield reporter.update
    finally:
        reporter.close()


@contextmanager
def steps(settings: Settings, what: str, total: int) -> Iterator[Steps | None]:
    """A callback that draws, on stderr and once a second has passed, how many of some things are done.

    None where nobody looks: no terminal, CI, or switched off.

    Args:
        settings: Whether a bar is wanted.
        what: What is being done.
        total: The number of things.

    Yields:
        Called with the number of things that are done and the names of those under way.
    """
    if not (settings.progress and sys.stderr.isatty()):
        yield None
        return
    reporter = _StepReporter(what, total)
    try:
        yield reporter.update
    finally:
        reporter.close()


class _StepReporter:
    __slots__ = ("_bar", "_begin", "_task", "_total", "_what")

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._begin = time.monotonic()
        self._bar: Bar | None = None

    def update(self, done: int, running: Sequence[str]) -> None:
        """Draw, if it is time to."""
        if self._bar is None:
            if time.monotonic() - self._begin < _PATIENCE:
                return
            self._bar = _start_bar()
            self._task = self._bar.add_task(self._what, total=self._total, files="")
        names = ", ".join(shown(name) for name in running[:_NAMES])
        text = f"{done} of {self._total}: {names}" if names else f"{done} of {self._total}"
        # Square brackets in a name are not markup.
        text = text.replace("[", r"\[")
        self._bar.update(self._task, completed=done, files=text)
        self._bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


class _Reporter:
    __slots__ = ("_bar", "_begin", "_task", "_what")

    def __init__(self, what: str) -> None:
        self._what = what
        self._begin = time.monotonic()
        self._bar: Bar | None = None

    def update(self, seen: int, done: int, done_bytes: int, known_bytes: int) -> None:
        """Draw, if it is time to."""
        if self._bar is None:
            if time.monotonic() - self._begin < _PATIENCE:
                return
            self._bar = _start_bar()
            self._task = self._bar.add_task(self._what, total=None, files="")
        files = f"{done:,} of {seen:,} files, {size(done_bytes)}"
        total = max(known_bytes, done_bytes, 1)
        self._bar.update(self._task, total=total, completed=done_bytes, files=files)
        self._bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


def _start_bar() -> Bar:
    # 52 ms, and most runs are over before a bar is due.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[files]}"),
        TimeElapsedColumn(),
    )
    # No thread of its own: the native call's ticks redraw it.
    bar = Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True)
    bar.start()
    return bar
