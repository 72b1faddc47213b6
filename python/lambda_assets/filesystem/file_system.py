"""``FileSystem``: the directory functions of ``aws_cdk`` under their names (spec fingerprint, copy)."""

from __future__ import annotations

import os

from lambda_assets import _core
from lambda_assets.errors import asset_io_error
from lambda_assets.filesystem.options import Selection, copy_selection, path_text
from lambda_assets.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lambda_assets.filesystem.options import Follow, Ignore, Options, Progress, StrPath
    from lambda_assets.settings import Notice


class _TmpDir:
    """``FileSystem.tmpdir`` as a value of the class; asked on use, because finding it costs imports."""

    def __get__(self, instance: object, owner: type) -> str:
        import tempfile  # noqa: PLC0415  14 ms, and few ask

        return os.path.realpath(tempfile.gettempdir())


class FileSystem:
    """Fingerprint, copy and look into directories, as ``aws_cdk.FileSystem`` does."""

    tmpdir = _TmpDir()
    """The canonical directory for temporary files."""

    @staticmethod
    def fingerprint(
        file_or_directory: StrPath,
        *,
        extra_hash: str | None = None,
        exclude: Sequence[str] | None = None,
        follow: Follow | None = None,
        ignore_mode: Ignore | None = None,
    ) -> str:
        """Hash a file or directory: 64 lower-case hexadecimal digits, those of aws-cdk-lib.

        Digests of unchanged files come from the digest cache (see ``docs/cache.md``); ``LAMBDA_ASSETS_NO_CACHE=1`` turns
        it off.

        Args:
            file_or_directory: What to hash.
            extra_hash: Text that goes into the hash besides the files.
            exclude: Patterns of what is left out; later ones overrule earlier ones. They are not hashed themselves.
            follow: What to do with links, EXTERNAL if None.
            ignore_mode: The language of the patterns, GLOB if None.

        Returns:
            The fingerprint.

        Raises:
            AssetNotFoundError: The path, or a file on the way, does not exist.
            AssetIOError: Anything else that the system refuses; each names the path.
            PatternError: A pattern is invalid.
            OptionError: An option has a wrong value or type.
        """
        selection = Selection(
            extra_hash=extra_hash, follow=follow, exclude=exclude, ignore_mode=ignore_mode
        )
        settings = Settings.resolve()
        digest, notices = fingerprint(file_or_directory, selection, settings)
        report(notices)
        return digest

    @staticmethod
    def copy_directory(
        src_dir: StrPath,
        dest_dir: StrPath,
        options: Options | None = None,
        root_dir: StrPath | None = None,
    ) -> None:
        """Copy a directory by the rules of a fingerprint (spec copy).

        Args:
            src_dir: What to copy.
            dest_dir: Where to; made when something is put into it.
            options: :class:`CopyOptions` (ours or that of ``aws_cdk``) or a dict with its fields.
            root_dir: Base of the patterns, and of what counts as an external link; ``src_dir`` if None.

        Raises:
            ExternalLinkError: A link leaves the directory and the follow mode is BLOCK_EXTERNAL.
            AssetIOError: The system refuses something; the error names the path.
            PatternError: A pattern is invalid.
            OptionError: An option has a wrong value or type.
        """
        selection = copy_selection(options)
        _core.copy_directory(
            path_text(src_dir, "src_dir"),
            path_text(dest_dir, "dest_dir"),
            follow=selection.follow.wire,
            exclude=selection.exclude,
            ignore_mode=selection.ignore_mode.wire,
            root_dir=None if root_dir is None else path_text(root_dir, "root_dir"),
            jobs=Settings.resolve().jobs,
        )

    @staticmethod
    def fingerprint_and_copy(
        src_dir: StrPath,
        dest_dir: StrPath,
        *,
        extra_hash: str | None = None,
        exclude: Sequence[str] | None = None,
        follow: Follow | None = None,
        ignore_mode: Ignore | None = None,
    ) -> str:
        """:meth:`fingerprint` and :meth:`copy_directory` in one pass: what is copied is what was hashed.

        Every file is opened and read once, and one that the digest cache knows is only copied. Made for staging, where
        the name of the copy is its digest: copy to a temporary directory, then rename that. Not in ``aws_cdk``. Two
        passes are made if links lead to ``src_dir`` itself, or ``dest_dir`` is in it.

        Args:
            src_dir: What to hash and to copy.
            dest_dir: Where to; made when something is put into it.
            extra_hash: Text that goes into the hash besides the files.
            exclude: Patterns of what is left out of both.
            follow: What to do with links, EXTERNAL if None.
            ignore_mode: The language of the patterns, GLOB if None.

        Returns:
            The fingerprint of ``src_dir``.

        Raises:
            ExternalLinkError: A link leaves the directory and the follow mode is BLOCK_EXTERNAL.
            AssetIOError: The system refuses something; the error names the path. Nothing was copied then.
            PatternError: A pattern is invalid.
            OptionError: An option has a wrong value or type.
        """
        selection = Selection(
            extra_hash=extra_hash, follow=follow, exclude=exclude, ignore_mode=ignore_mode
        )
        settings = Settings.resolve()
        digest, _, notices = _core.fingerprint_and_copy(
            path_text(src_dir, "src_dir"),
            path_text(dest_dir, "dest_dir"),
            extra_hash=selection.extra_hash,
            follow=selection.follow.wire,
            exclude=selection.exclude,
            ignore_mode=selection.ignore_mode.wire,
            cache=settings.cache(),
            jobs=settings.jobs,
        )
        report([*settings.notices(), *notices])
        return digest

    @staticmethod
    def is_empty(dir: StrPath) -> bool:  # noqa: A002  the parameter's name in aws_cdk
        """Whether a directory has no entries.

        Raises:
            AssetIOError: It can't be listed, for example because it does not exist or is a file.
        """
        path = path_text(dir, "dir")
        try:
            with os.scandir(path) as entries:
                return next(entries, None) is None
        except OSError as error:
            raise asset_io_error("scandir", error) from None

    @staticmethod
    def mkdtemp(prefix: str) -> str:
        """Make a new directory in :attr:`tmpdir`, for this user only.

        Args:
            prefix: How its name begins.

        Returns:
            Its path.

        Raises:
            AssetIOError: It can't be made.
        """
        import tempfile  # noqa: PLC0415  14 ms, and few ask

        path = os.path.join(FileSystem.tmpdir, path_text(prefix, "prefix"))
        try:
            return tempfile.mkdtemp(prefix=os.path.basename(path), dir=os.path.dirname(path))
        except OSError as error:
            raise asset_io_error("mkdtemp", error) from None


def fingerprint(
    path: StrPath,
    selection: Selection,
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[str, list[Notice]]:
    """The fingerprint and what the user should know about how it came about.

    Args:
        path: What to hash.
        selection: Validated options.
        settings: Cache and threads.
        progress: Called about every 50 ms with files seen, files done, bytes done, bytes known.
    """
    digest, notices = _core.fingerprint(
        path_text(path),
        extra_hash=selection.extra_hash,
        follow=selection.follow.wire,
        exclude=selection.exclude,
        ignore_mode=selection.ignore_mode.wire,
        cache=settings.cache(),
        jobs=settings.jobs,
        progress=progress,
    )
    return digest, [*settings.notices(), *notices]


_reported: set[Notice] = set()


def report(notices: Iterable[Notice]) -> None:
    """Log each notice once a process, under ``lambda_assets``; a library prints nothing."""
    for notice in notices:
        if notice not in _reported:
            _reported.add(notice)
            import logging  # noqa: PLC0415  16 ms, and notices are rare

            logging.getLogger("lambda_assets").warning("%s", notice[1])
