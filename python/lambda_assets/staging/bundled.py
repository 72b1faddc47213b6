"""What was bundled under the name of its hash: built once, or taken from what was built of the same (spec staging, 4, 5)."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import weakref
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambda_assets.assembly.model import FileAssetPackaging
from lambda_assets.bundling import cache as results
from lambda_assets.bundling import output as outputs
from lambda_assets.bundling.local import identity as local_identity
from lambda_assets.bundling.local import lasting_identity
from lambda_assets.errors import BundleNotCachedError, ValidationError
from lambda_assets.filesystem.enums import SymlinkFollowMode
from lambda_assets.settings import BUNDLING, Settings
from lambda_assets.staging import content, facts, stored
from lambda_assets.staging.identity import AssetHashType
from lambda_assets.staging.ledger import Claim
from lambda_assets.staging.place import workplace
from lambda_assets.staging.request import without_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambda_assets.bundling.cache import BundleCache, Record
    from lambda_assets.bundling.options import BundlingOptions
    from lambda_assets.bundling.output import Product
    from lambda_assets.staging.request import Request


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged asset.

    Attributes:
        asset_hash: Its hash.
        path: Where it is.
        packaging: How it becomes an object.
        is_archive: Whether the object will be an archive.
    """

    asset_hash: str
    path: str
    packaging: FileAssetPackaging
    is_archive: bool


_known: dict[object, tuple[Staged, Claim]] = {}


def forget() -> None:
    """Forget what this process has bundled."""
    _known.clear()


def bundle(request: Request, text: str, run: Callable[[Request, str], str]) -> Staged:
    """Stage what the bundler makes of the source.

    Args:
        request: The inputs, with bundling options.
        text: The options as they are hashed.
        run: Bundles into a directory, and says where the bundler found it.

    Raises:
        ValidationError: The bundler fails, or what it made is not what it must be.
        BundleNotCachedError: It may not run.
        AssetIOError: The system refuses something.
    """
    options = request.bundling
    if options is None or not os.path.isdir(request.source):
        raise not_a_directory(request)
    stored.tidy(request)
    work = _Work(request, options, text, run)
    key = (without_place(request), text, work.seen(), local_identity(options.local))
    with _one_run(key):
        if key in _known:
            staged, claim = _known[key]
            if request.ledger.may_stay(staged.path, claim):
                return staged
        staged, claim = work.staged(owner=key)
        if work.seen() == key[2]:  # a source that changed meanwhile has no result yet
            _known[key] = (staged, claim)
    return staged


def not_a_directory(request: Request) -> ValidationError:
    """The error of bundling a file.

    Args:
        request: The inputs.
    """
    return ValidationError(
        f"Asset {request.source} is expected to be a directory when bundling",
        "AssetExpectedDirectoryBundling",
    )


class _Work:
    """One asset on its way from the source to its name."""

    def __init__(
        self,
        request: Request,
        options: BundlingOptions,
        text: str,
        run: Callable[[Request, str], str],
    ) -> None:
        self.request = request
        self.options = options
        self.text = text
        self.run = run
        self.mode = Settings.resolve().bundling
        # What makes up the name; empty if that is the output.
        is_output = request.kind is AssetHashType.OUTPUT
        self.digest = "" if is_output else request.source_hash(text)
        # A bundler sees all files. With SOURCE and CUSTOM the caller says that what is excluded doesn't count.
        self.source = replace(
            request,
            exclude=() if is_output else request.exclude,
            follow=SymlinkFollowMode.EXTERNAL,
        )

    def seen(self) -> str:
        """Digest of what the bundler reads, from the digest cache."""
        return content.of_copy(self.source)

    def staged(self, owner: object) -> tuple[Staged, Claim]:
        """Take the result from the cache, or bundle.

        Args:
            owner: What tells these inputs from those of others.
        """
        cache = results.BundleCache.open()
        key = self._key() if cache is not None else None
        if cache is None or key is None:
            return self._anew(owner, None, "")
        with cache.alone(key):
            record = cache.record(key) if self.mode != "always" else None
            found = record and (
                self._in_place(owner, record) or self._fetched(owner, cache, key, record)
            )
            return found or self._anew(owner, cache, key)

    def _key(self) -> str | None:
        """The entry of the cache, None if nothing tells what the result depends on."""
        request, local = self.request, self.options.local
        bundler, image = lasting_identity(local), None
        if local is None:
            image = results.image_digest(self.options)
        if bundler is None and image is None:
            return None
        output_hash = None
        if request.kind is AssetHashType.OUTPUT:
            output_hash = [request.extra, repr(request.wire)]
        return results.entry_key(
            source=content.of_bytes(self.source.source, self.source.wire),
            options=self.text,
            image=image,
            bundler=bundler,
            output_hash=output_hash,
            output_type=str(self.options.output_type),
        )

    def _in_place(self, owner: object, record: Record) -> tuple[Staged, Claim] | None:
        """What an earlier run left under the name, if it is just what the cache would bring."""
        made = _recorded(record, "")
        wanted = record.staged
        claim = Claim(owner, lambda: wanted, content.of_staged)
        if self._is_zipped(made):
            claim = Claim(owner, lambda: facts.archive_of(wanted), content.of_archive)
        staged = self._named(made, self.digest or record.asset_hash)
        return (staged, claim) if self.request.ledger.may_stay(staged.path, claim) else None

    def _fetched(
        self, owner: object, cache: BundleCache, key: str, record: Record
    ) -> tuple[Staged, Claim] | None:
        with workplace(self.request.outdir) as work:
            output = os.path.join(work, "output")
            if not cache.fetch(key, record, output):
                return None
            made = _recorded(record, output)
            return self._put(owner, work, made, self.digest or record.asset_hash)

    def _anew(self, owner: object, cache: BundleCache | None, key: str) -> tuple[Staged, Claim]:
        request = self.request
        if self.mode == "never":
            raise BundleNotCachedError(
                f"the asset {request.node!r} would have to be bundled, and {BUNDLING} is 'never'"
            ).with_hint("bundle it with 'auto' first, on this machine or with its cache directory")
        with workplace(request.outdir) as work:
            output = os.path.join(work, "output")
            os.mkdir(output)
            os.chmod(output, 0o777)  # noqa: S103  a bundler may run as anybody; the directory around is private
            sys.stderr.write(f"Bundling asset {request.node}...\n")
            shown = self.run(request, output)
            made = outputs.product(output, self.options.output_type, shown)
            if made.path == output:
                request.refuse_external_links(output)
            digest = self.digest or request.fingerprint(made.path)
            # A container that stands in for the local bundler has an image that the key doesn't hold.
            is_asked = self.options.local is None or shown == output
            if cache is not None and is_asked and key == self._key():
                cache.store(key, output, self._record(made, output, digest))
            return self._put(owner, work, made, digest)

    def _record(self, made: Product, output: str, digest: str) -> Record:
        return results.Record(
            product="" if made.path == output else os.path.basename(made.path),
            is_archive=made.is_archive,
            asset_hash="" if self.digest else digest,
            staged=content.of_temporary(made.path),
            output=content.of_bytes(output),
            size=results.size_of(output),
        )

    def _put(self, owner: object, work: str, made: Product, digest: str) -> tuple[Staged, Claim]:
        wanted = content.of_temporary(made.path)
        claim = Claim(owner, lambda: wanted, content.of_staged)
        staged = self._named(made, digest)
        path = made.path
        if self._is_zipped(made):
            path = os.path.join(work, "made.zip")
            claim = stored.archive(made.path, path, replace(claim, look=content.of_archive), wanted)
        stored.put(self.request, path, staged.path, claim)
        return staged, claim

    def _named(self, made: Product, digest: str) -> Staged:
        target = stored.bundled_target(self.request, digest, made)
        packaging = FileAssetPackaging.FILE if self._is_zipped(made) else made.packaging
        return Staged(digest, target, packaging, made.is_archive)

    def _is_zipped(self, made: Product) -> bool:
        return self.request.way == "zip" and made.packaging is FileAssetPackaging.ZIP_DIRECTORY


def _recorded(record: Record, output: str) -> Product:
    if not record.product:
        return outputs.Product(
            output, FileAssetPackaging.ZIP_DIRECTORY, is_archive=record.is_archive
        )
    path = os.path.join(output, record.product)
    return outputs.Product(path, FileAssetPackaging.FILE, is_archive=record.is_archive)


class _Lock:
    """A lock that is forgotten when nobody has it."""

    __slots__ = ("__weakref__", "held")

    def __init__(self) -> None:
        # Again by the same thread: a bundler may stage assets of its own.
        self.held = threading.RLock()


_locks: weakref.WeakValueDictionary[object, _Lock] = weakref.WeakValueDictionary()
_locks_guard = threading.Lock()


@contextlib.contextmanager
def _one_run(key: object) -> Iterator[None]:
    """Wait until no other thread works on a key, and keep it so."""
    with _locks_guard:
        lock = _locks.setdefault(key, _Lock())
    with lock.held:
        yield
