"""The inputs of one staging, validated, and what follows from them alone (spec staging, sections 1, 2 and 6)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lambda_assets import _core
from lambda_assets.bundling.options import document
from lambda_assets.errors import ExternalLinkError, ValidationError
from lambda_assets.filesystem.enums import SymlinkFollowMode
from lambda_assets.filesystem.file_system import FileSystem
from lambda_assets.filesystem.options import Selection
from lambda_assets.staging import identity
from lambda_assets.staging.content import is_inside, resolved_link
from lambda_assets.staging.identity import AssetHashType
from lambda_assets.staging.urls import PIP_VARIABLES, clean_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.bundling.options import BundlingOptions
    from lambda_assets.filesystem.enums import IgnoreMode
    from lambda_assets.filesystem.options import Follow, Ignore
    from lambda_assets.staging.ledger import Ledger

CUSTOM_RESOURCE = ".is_custom_resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an asset is made of.

    Attributes:
        source: Absolute path.
        outdir: Where assets are staged.
        kind: What is hashed.
        custom: The custom hash.
        extra: Text in every fingerprint of files.
        exclude: Patterns, the leading one of the CDK included.
        follow: What happens to links.
        ignore_mode: The language of the patterns.
        bundling: How it is built, None if it is copied.
        skip: Whether bundling is left out by the context.
        disabled: Whether copying is left out by the context.
        way: How it is staged.
        node: Path of the construct, for messages.
        unique: Unique id of the construct, for the hash of skipped output.
        ledger: What the app has staged so far.
    """

    source: str
    outdir: str
    kind: AssetHashType
    custom: str | None
    extra: str | None
    exclude: tuple[str, ...]
    follow: SymlinkFollowMode
    ignore_mode: IgnoreMode
    bundling: BundlingOptions | None
    skip: bool
    disabled: bool
    way: str
    node: str
    unique: str
    ledger: Ledger = field(compare=False, repr=False)

    @property
    def wire(self) -> dict[str, Any]:
        """Options of a walk for the core."""
        return {
            "exclude": self.exclude,
            "follow": self.follow.wire,
            "ignore_mode": self.ignore_mode.wire,
        }

    def fingerprint(self, path: str) -> str:
        """The fingerprint of a path with the options of the asset."""
        return FileSystem.fingerprint(
            path,
            extra_hash=self.extra,
            exclude=self.exclude,
            follow=self.follow,
            ignore_mode=self.ignore_mode,
        )

    def bundling_json(self) -> str:
        """The bundling options as they are hashed, empty if there are none.

        Raises:
            ValidationError: The address of a package index is not valid.
        """
        if self.bundling is None:
            return ""
        shown = document(self.bundling)
        for name in PIP_VARIABLES:
            if name in shown.get("environment", {}):
                shown["environment"][name] = clean_url(name, shown["environment"][name])
        return identity.js_json(shown)

    def source_hash(self, bundling_json: str) -> str:
        """The hash for SOURCE and CUSTOM, and of skipped output."""
        if self.kind is AssetHashType.CUSTOM:
            return identity.sha256((self.custom or "") + bundling_json)
        if self.kind is AssetHashType.OUTPUT:
            return identity.sha256(self.unique + bundling_json)
        if not bundling_json:
            return self.fingerprint(self.source)
        # An empty custom hash is none, but then takes the place of the fingerprint all the same.
        base = self.fingerprint(self.source) if self.custom is None else self.custom
        return identity.sha256(base + bundling_json)

    def refuse_external_links(self, directory: str) -> None:
        """:func:`refuse_external_links` with the options of the asset."""
        refuse_external_links(directory, self.follow, self.wire)


def refuse_external_links(
    directory: str, follow: SymlinkFollowMode, wire: Mapping[str, Any]
) -> None:
    """Refuse links out of a directory if the follow mode does.

    Args:
        directory: The directory; a file is not tested.
        follow: The follow mode.
        wire: Options of the walk.

    Raises:
        ExternalLinkError: There is one that no pattern excludes.
    """
    if follow is not SymlinkFollowMode.BLOCK_EXTERNAL or not os.path.isdir(directory):
        return
    root = os.path.realpath(directory)
    for key, kind, _, _, text, ignored, _ in _core.list_tree(directory, **wire):
        if kind != "link" or ignored:
            continue
        resolved = resolved_link(directory, key, text or "")
        if not is_inside(resolved, root):
            error = ExternalLinkError(
                f"The file {resolved} is an external symbolic link which is forbidden due to follow mode"
                " internal-only. Set `follow` to a mode that will follow symlinks (ALWAYS or EXTERNAL)"
                " or emit a regular file"
            )
            error.filename, error.target = os.path.join(directory, key), resolved
            raise error


def read_selection(
    *,
    extra_hash: str | None,
    exclude: Sequence[str] | None,
    follow: Follow | None,
    ignore_mode: Ignore | None,
    salt: object,
) -> Selection:
    """The options of every fingerprint of an asset, salt and leading pattern included.

    Raises:
        OptionError: A value that does not exist, or a wrong type.
    """
    selection = Selection(
        extra_hash=identity.extra_text(extra_hash, salt),
        follow=follow,
        exclude=exclude,
        ignore_mode=ignore_mode,
    )
    selection.exclude = (CUSTOM_RESOURCE, *selection.exclude)
    return selection


def wire(selection: Selection) -> dict[str, Any]:
    """Options of a walk for the core.

    Args:
        selection: The options.
    """
    return {
        "exclude": selection.exclude,
        "follow": selection.follow.wire,
        "ignore_mode": selection.ignore_mode.wire,
    }


def bundling_required(patterns: object, stack_path: str) -> bool:
    """Whether the context asks for the bundling of a stack's assets.

    Args:
        patterns: Value of ``aws:cdk:bundling-stacks``.
        stack_path: Path of the outermost stack.

    Raises:
        ValidationError: It is not a list.
    """
    if patterns is None:
        return True
    if not isinstance(patterns, (list, tuple)):
        raise ValidationError(
            'aws:cdk:bundling-stacks must be a list of patterns: (this.node.tryGetContext(...) ?? ["**"]).some'
            " is not a function"
        )
    return any(_matches(str(pattern), stack_path) for pattern in patterns)


def _matches(pattern: str, path: str) -> bool:
    if not pattern or pattern.startswith("#"):
        return False
    plain = pattern.lstrip("!")
    # The core tests a pattern without slash against the last name only; here it is the whole path that counts.
    found, _ = _core.Matcher("glob", [f"x/{plain}"]).ignores(f"x/{path}")
    return found != bool((len(pattern) - len(plain)) % 2)


def without_place(request: Request) -> Request:
    """The request without what tells one construct from another and changes nothing.

    Args:
        request: The request.
    """
    skipped_output = request.skip and request.kind is AssetHashType.OUTPUT
    return replace(request, node="", unique=request.unique if skipped_output else "", bundling=None)
