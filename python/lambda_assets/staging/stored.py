"""Copies, clones and archives of a source under the name of its hash: made aside, checked, then named."""

from __future__ import annotations

import errno
import functools
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from lambda_assets import _core
from lambda_assets.archive import zip_directory
from lambda_assets.assembly.model import FileAssetPackaging
from lambda_assets.errors import AssetChangedError, ValidationError, asset_io_error
from lambda_assets.filesystem.file_system import FileSystem
from lambda_assets.staging import content, facts, identity
from lambda_assets.staging.content import is_inside
from lambda_assets.staging.identity import AssetHashType
from lambda_assets.staging.ledger import Claim
from lambda_assets.staging.linking import Sharer, has_linkable, link_tree
from lambda_assets.staging.place import install, remove_leftovers, workplace

if TYPE_CHECKING:
    from lambda_assets.bundling.output import Product
    from lambda_assets.staging.request import Request

_ATTEMPTS = 3


def store(request: Request, ext: str) -> tuple[str, str]:
    """Put the source under its name, unless the same is there.

    Args:
        request: The inputs.
        ext: The extension of a copy's name.

    Returns:
        The hash, and the path of what is staged.

    Raises:
        ValidationError: The output directory is part of the source.
        AssetChangedError: The source kept changing.
        AssetIOError: The system refuses something.
    """
    refuse_own_output(request)
    tidy(request)
    claim = _claim(request)
    ext = ".zip" if is_zipped(request) else ext
    digest = "" if _may_hash_while_copying(request, claim, ext) else request.source_hash("")
    if digest:
        target = _name(request, digest, ext)
        if request.ledger.may_stay(target, claim):
            return digest, target
    with workplace(request.outdir) as work:
        made = os.path.join(work, "made")
        digest, claim = _make(request, made, digest, claim)
        target = _name(request, digest, ext)
        put(request, made, target, claim)
    return digest, target


def put(request: Request, made: str, target: str, claim: Claim) -> None:
    """Give something finished its name, unless the same is there.

    Args:
        request: The inputs.
        made: What is finished.
        target: Its name.
        claim: What it is.

    Raises:
        AssetIOError: The system refuses something.
    """
    if install(made, target, lambda path: request.ledger.may_stay(path, claim)):
        request.ledger.settle(target, claim)


def tidy(request: Request) -> None:
    """Remove what killed runs left in the output directory, once for an app.

    Args:
        request: The inputs.
    """
    if request.outdir in request.ledger.tidied or not os.path.isdir(request.outdir):
        return
    request.ledger.tidied.add(request.outdir)
    try:
        remove_leftovers(request.outdir)
    except OSError as error:
        raise asset_io_error("scandir", error) from None


def refuse_own_output(request: Request) -> None:
    """Refuse a source that holds the output directory.

    Args:
        request: The inputs.

    Raises:
        ValidationError: It does, and no pattern excludes it; patterns don't help a reference, which is published whole.
    """
    source, outdir = os.path.realpath(request.source), os.path.realpath(request.outdir)
    if not is_inside(outdir, source):
        return
    matcher = _core.Matcher(request.ignore_mode.wire, request.exclude)
    parts = os.path.relpath(outdir, source).split(os.sep)
    above = ("/".join(parts[: n + 1]) for n in range(len(parts)))
    may_exclude = parts != ["."] and request.way != "reference"
    if may_exclude and any(matcher.completely_ignores(key)[0] for key in above):
        return
    hint = "choose an output directory outside of the source"
    raise ValidationError(
        f"the output directory {request.outdir!r} is part of the asset {request.source!r}"
    ).with_hint(f"exclude {parts[0]!r}, or {hint}" if may_exclude else hint)


def is_zipped(request: Request) -> bool:
    """Whether the source becomes an archive when it is staged.

    Args:
        request: The inputs.
    """
    return request.way == "zip" and os.path.isdir(request.source)


def bundled_target(request: Request, digest: str, made: Product) -> str:
    """The name of what was bundled.

    Args:
        request: The inputs.
        digest: The hash.
        made: What was bundled.
    """
    name = os.path.join(request.outdir, f"asset.{digest}")
    if made.packaging is FileAssetPackaging.ZIP_DIRECTORY:
        return name + ".zip" if request.way == "zip" else name
    ext = identity.extension(made.path)
    # Upstream keeps the plain name for the directory that it leaves there; the key of the object shows the ending.
    return name + (ext or ("" if request.kind is AssetHashType.OUTPUT else "_noext"))


def _name(request: Request, digest: str, ext: str) -> str:
    return os.path.join(request.outdir, f"asset.{digest}{ext}")


def _claim(request: Request) -> Claim:
    owner = (request.source, repr(request.wire), request.way)
    wanted = functools.cache(functools.partial(content.of_copy, request))
    if is_zipped(request):
        return Claim(owner, lambda: facts.archive_of(wanted()), content.of_archive)
    return Claim(owner, wanted, content.of_staged)


def _may_hash_while_copying(request: Request, claim: Claim, ext: str) -> bool:
    """Whether nothing in the output directory can be this asset, so that one pass does both."""
    if not (_is_plain_copy(request) and request.kind is AssetHashType.SOURCE):
        return False
    if not os.path.isdir(request.outdir):
        return True
    for name in os.listdir(request.outdir):
        known = request.ledger.claims.get(os.path.join(request.outdir, name))
        might_be = name.startswith("asset.") and name.endswith(ext)
        if might_be and (known is None or known.owner == claim.owner):
            return False
    return True


def _is_plain_copy(request: Request) -> bool:
    return request.way == "copy" and os.path.isdir(request.source)


def _make(request: Request, made: str, digest: str, claim: Claim) -> tuple[str, Claim]:
    if request.way == "link" and os.path.isdir(request.source) and not has_linkable(request):
        request = replace(request, way="copy")
    if _is_plain_copy(request):
        found = FileSystem.fingerprint_and_copy(
            request.source,
            made,
            extra_hash=request.extra,
            exclude=request.exclude,
            follow=request.follow,
            ignore_mode=request.ignore_mode,
        )
        os.makedirs(made, exist_ok=True)  # nothing was copied of an empty directory
        return (found if request.kind is AssetHashType.SOURCE else digest), claim
    for _ in range(_ATTEMPTS):
        claim = _claim(request)
        before = content.of_copy(request)
        claim = _make_otherwise(request, made, before, claim)
        digest = request.source_hash("")
        if content.of_copy(request) == before and _is_made(request, made, before):
            return digest, claim
        _remove(made)
    raise AssetChangedError(
        errno.EAGAIN, "it kept changing while it was staged", request.source
    ).with_hint("stage it when nothing writes to it")


def _make_otherwise(request: Request, made: str, before: str, claim: Claim) -> Claim:
    if is_zipped(request):
        return archive(request.source, made, claim, before, **request.wire)
    try:
        if os.path.isdir(request.source):
            link_tree(request, made)
        elif request.way == "link":
            Sharer().share(request.source, made)
        else:
            shutil.copy(request.source, made)
    except OSError as error:
        raise asset_io_error("copy", error) from None
    return claim


def archive(directory: str, target: str, claim: Claim, before: str, **selection: object) -> Claim:
    """Write the archive of a directory.

    Args:
        directory: The directory.
        target: The archive.
        claim: What it is for.
        before: Digest of the directory's content.
        selection: What goes into it; all if nothing is said.

    Returns:
        The claim, which knows now what is wanted.
    """
    report = zip_directory(directory, target, **selection)  # type: ignore[arg-type]
    facts.note_archive(before, report.sha256)
    return replace(claim, wanted=lambda: report.sha256)


def _is_made(request: Request, made: str, before: str) -> bool:
    # What an archive holds was checked when it was read; a source that is still the same had been it.
    return is_zipped(request) or content.of_temporary(made) == before


def _remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.remove(path)
