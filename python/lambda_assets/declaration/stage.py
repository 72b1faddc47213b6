"""Stages what is declared: assets side by side, then one assembly, or none if any of them failed.

Each asset is staged in a tree of constructs of its own, so that threads share nothing but the output directory, where
assets appear by rename. What they found is then registered in the order of the declaration.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from lambda_assets.assembly.model import Environment, FileAssetSource
from lambda_assets.assembly.outputs import asset_outputs
from lambda_assets.assembly.scope import App, Construct, Stack
from lambda_assets.assembly.synthesizers import (
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
)
from lambda_assets.aws_ecr_assets import DockerImageAsset, TarballImageAsset
from lambda_assets.declaration.model import STACK_NAME, Failed, ImageEntry, Outcome, Staged
from lambda_assets.errors import AssetError, InternalError, OptionError, asset_io_error
from lambda_assets.filesystem.options import path_text
from lambda_assets.staging import AssetStaging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lambda_assets.assembly.model import (
        DockerImageAssetLocation,
        DockerImageAssetSource,
    )
    from lambda_assets.assembly.synthesizers import StackSynthesizer
    from lambda_assets.declaration.model import AnyEntry, Declaration, FileEntry
    from lambda_assets.filesystem.options import StrPath

    Watch = Callable[[int, Sequence[str]], None]
    AnyStack = TypeVar("AnyStack", bound=Stack)

_TICK = 0.1
_SYNTHESIZER = {"bucket": "file_assets_bucket_name", "repository": "image_assets_repository_name"}
_NOT_SYNTHESIZER = {"name", "account", "region", "staging", "cli_credentials"}


@dataclass(frozen=True, slots=True)
class _Found:
    """An asset that is staged and not yet listed."""

    entry: AnyEntry
    source: FileAssetSource | DockerImageAssetSource
    path: str
    size: int | None = None
    sha256_base64: str | None = None


class _Scratch(Stack):
    """A stack that keeps what an image says about itself."""

    image: DockerImageAssetSource | None = None

    def add_docker_image_asset(self, asset: DockerImageAssetSource) -> DockerImageAssetLocation:
        self.image = asset
        return super().add_docker_image_asset(asset)


def stage_all(
    declaration: Declaration,
    outdir: StrPath,
    *,
    concurrency: int | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Stage all assets of a declaration and write the assembly.

    Args:
        declaration: The assets.
        outdir: Directory of the assembly.
        concurrency: How many assets at once, as many as there are processors if None or 0.
        watch: Called about every 100 ms with the number of finished assets and the names of those under way.

    Returns:
        What became of each asset; all are tried. If one failed, no manifest was touched.

    Raises:
        ValidationError: A setting of the stack is wrong.
        OptionError: An option has a wrong value.
        AssetIOError: The system refuses something.
    """
    place = path_text(outdir, "outdir")
    if not place:
        raise OptionError("outdir must not be empty").with_hint("name a directory")
    is_new = not os.path.exists(place)
    try:
        app = App(outdir=place)
        stack = _stack(Stack, app, declaration)
        found = _side_by_side(declaration, place, concurrency or os.cpu_count() or 1, watch)
        for one in found:
            if isinstance(one, _Found):
                _list(one, stack)
        outputs = asset_outputs(stack)
        results = [one if isinstance(one, Failed) else _told(one, outputs) for one in found]
        outcome = Outcome(results=tuple(results), stack=stack)
        if not outcome.failures:
            app.synth()
    finally:
        if is_new:
            with contextlib.suppress(OSError):
                os.rmdir(place)  # only if nothing came of it
    return outcome


def _side_by_side(
    declaration: Declaration, outdir: str, concurrency: int, watch: Watch | None
) -> list[_Found | Failed]:
    entries = declaration.entries
    if min(concurrency, len(entries)) <= 1:
        # On the main thread, where native calls hear an interrupt at once.
        return [_tried(declaration, entry, outdir) for entry in entries]
    running: list[str] = []

    def work(entry: AnyEntry) -> _Found | Failed:
        running.append(entry.name)
        try:
            return _tried(declaration, entry, outdir)
        finally:
            running.remove(entry.name)

    pool = ThreadPoolExecutor(min(concurrency, len(entries)), "stage")
    try:
        futures = [pool.submit(work, entry) for entry in entries]
        waiting = set(futures)
        while waiting:
            _, waiting = wait(waiting, _TICK, FIRST_COMPLETED)
            if watch is not None:
                watch(len(futures) - len(waiting), list(running))
        return [future.result() for future in futures]
    finally:
        pool.shutdown(cancel_futures=True)


def _tried(declaration: Declaration, entry: AnyEntry, outdir: str) -> _Found | Failed:
    try:
        stack = _stack(_Scratch, App(outdir=outdir), declaration)
        if isinstance(entry, ImageEntry):
            return _image(entry, stack, outdir)
        return _file(entry, stack, declaration.stack.get("staging"))
    except AssetError as error:
        return Failed(entry, error)


def _file(entry: FileEntry, stack: Stack, way: str | None) -> _Found:
    options = _chosen(entry)
    display_name = options.pop("display_name", entry.name)
    staging = AssetStaging(
        Construct(stack, entry.name),
        "Stage",
        source_path=entry.path,
        follow=options.pop("follow_symlinks", None),
        staging=options.pop("staging", None) or way,
        **options,
    )
    source = FileAssetSource(
        source_hash=staging.asset_hash,
        file_name=staging.relative_staged_path(stack),
        packaging=staging.packaging,
        display_name=display_name,
    )
    path = staging.absolute_staged_path
    if os.path.isdir(path):
        return _Found(entry, source, path)
    try:
        with open(path, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
            size = stream.tell()
    except OSError as error:
        raise asset_io_error("read", error) from None
    return _Found(entry, source, path, size, base64.b64encode(digest).decode())


def _image(entry: ImageEntry, stack: _Scratch, outdir: str) -> _Found:
    if entry.is_tarball:
        TarballImageAsset(stack, entry.name, tarball_file=entry.path, **_chosen(entry))
    else:
        DockerImageAsset(stack, entry.name, directory=entry.path, **_chosen(entry))
    source = stack.image
    if source is None:
        raise InternalError(f"the image '{entry.name}' was not registered")
    # An archive is the last argument of the command that loads it.
    staged = source.directory_name or (source.executable or ("",))[-1]
    return _Found(entry, source, os.path.abspath(os.path.join(outdir, staged)))


def _list(found: _Found, stack: Stack) -> None:
    if isinstance(found.source, FileAssetSource):
        stack.add_file_asset(found.source)
    else:
        stack.add_docker_image_asset(found.source)


def _told(found: _Found, outputs: dict[str, Any]) -> Staged:
    """What the stack says about an asset that it lists, without placeholders where account and region are known."""
    source = found.source
    if isinstance(source, FileAssetSource):
        place = outputs["files"][source.source_hash][0]
        return Staged(
            entry=found.entry,
            asset_hash=source.source_hash,
            path=found.path,
            packaging=source.packaging.value if source.packaging else "",
            bucket=place["bucket"],
            key=place["key"],
            url=place["url"],
            size=found.size,
            sha256_base64=found.sha256_base64,
        )
    prefix = f"{source.asset_name}-" if source.asset_name else ""
    place = outputs["images"][prefix + source.source_hash][0]
    return Staged(
        entry=found.entry,
        asset_hash=source.source_hash,
        path=found.path,
        packaging="image",
        repository=place["repository"],
        tag=place["tag"],
        uri=place["uri"],
    )


def _chosen(entry: AnyEntry) -> dict[str, Any]:
    """The options as the API takes them."""
    options = dict(entry.options)
    if options.get("follow_symlinks") == "block-external":
        options["follow_symlinks"] = "internal-only"  # the text of the CDK's member
    if options.pop("gitignore", False):
        from lambda_assets.filesystem.ignorefiles import gitignored  # noqa: PLC0415  pathspec: 36 ms

        if options.get("ignore_mode", "git") != "git":
            raise OptionError(f"gitignore of '{entry.name}' needs ignore_mode git").with_hint(
                "leave out ignore_mode"
            )
        options["exclude"] = [*gitignored(entry.path).exclude, *options.get("exclude", ())]
        options["ignore_mode"] = "git"
    return options


def _stack(cls: type[AnyStack], app: App, declaration: Declaration) -> AnyStack:
    settings = declaration.stack
    return cls(
        app,
        settings.get("name", STACK_NAME),
        env=Environment(account=settings.get("account"), region=settings.get("region")),
        synthesizer=_synthesizer(settings),
    )


def _synthesizer(settings: Mapping[str, Any]) -> StackSynthesizer:
    options = {
        _SYNTHESIZER.get(key, key): value
        for key, value in settings.items()
        if key not in _NOT_SYNTHESIZER
    }
    if not settings.get("cli_credentials"):
        return DefaultStackSynthesizer(**options)
    roles = sorted(key for key in options if "role" in key or "external_id" in key)
    if roles:
        raise OptionError(f"cli_credentials and {roles[0]} exclude each other").with_hint(
            "leave out one of them"
        )
    return CliCredentialsStackSynthesizer(**options)
