"""Every key that a declaration may have: ``docs/declaration.md`` has a row for each, and a test compares the two."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum

from lambda_assets.aws_ecr_assets.options import DockerImageAssetInvalidationOptions
from lambda_assets.bundling.options import BundlingOutput
from lambda_assets.staging.asset_staging import WAYS
from lambda_assets.staging.identity import AssetHashType


class Kind(Enum):
    """The type of a value, and what a message calls it."""

    TEXT = "a text"
    PATH = "a path"
    """A relative one begins at the directory of the file."""
    FLAG = "true or false"
    NUMBER = "a whole number"
    TEXTS = "a list of texts"
    MAP = "a table of texts"
    TABLE = "a table"
    TABLES = "a list of tables"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of a table.

    Attributes:
        kind: The type of its value.
        choices: The values that exist, any if empty.
        keys: For tables: the keys in it.
        is_required: Whether it must be there.
    """

    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    keys: dict[str, Key] | None = None
    is_required: bool = False


FOLLOW = ("never", "always", "external", "block-external")
MODES = ("glob", "git", "docker")

_TEXT = Key()
_FLAG = Key(kind=Kind.FLAG)
_TEXTS = Key(kind=Kind.TEXTS)
_MAP = Key(kind=Kind.MAP)

STACK: dict[str, Key] = {
    "name": _TEXT,
    "account": _TEXT,
    "region": _TEXT,
    "qualifier": _TEXT,
    "bucket": _TEXT,
    "bucket_prefix": _TEXT,
    "repository": _TEXT,
    "docker_tag_prefix": _TEXT,
    "cli_credentials": _FLAG,
    "file_asset_publishing_role_arn": _TEXT,
    "file_asset_publishing_external_id": _TEXT,
    "image_asset_publishing_role_arn": _TEXT,
    "image_asset_publishing_external_id": _TEXT,
    "deploy_role_arn": _TEXT,
    "deploy_role_external_id": _TEXT,
    "cloud_formation_execution_role": _TEXT,
    "lookup_role_arn": _TEXT,
    "lookup_role_external_id": _TEXT,
    "staging": Key(choices=tuple(WAYS)),
}
"""Of ``[stack]``."""

BUNDLING: dict[str, Key] = {
    "command": Key(kind=Kind.TEXTS, is_required=True),
    "environment": _MAP,
    "output_type": Key(choices=tuple(one.value for one in BundlingOutput)),
    "cache_key": _TEXT,
}
"""Of ``[asset.NAME.bundling]``."""

PYTHON: dict[str, Key] = {
    "runtime": Key(is_required=True),
    "architecture": _TEXT,
    "requirements": Key(kind=Kind.PATH),
    "tool": _TEXT,
    "layout": _TEXT,
    "contents": _TEXT,
    "extras": _TEXTS,
    "groups": _TEXTS,
    "exclude": _TEXTS,
    "from_source": _TEXTS,
    "allow_foreign": _TEXTS,
    "scripts": _FLAG,
    "layers_size": Key(kind=Kind.NUMBER),
    "oversize": _TEXT,
}
"""Of ``[asset.NAME.python]``: the options of ``PythonDependencies``."""

_SELECTION: dict[str, Key] = {
    "exclude": _TEXTS,
    "gitignore": _FLAG,
    "ignore_mode": Key(choices=MODES),
    "follow_symlinks": Key(choices=FOLLOW),
    "extra_hash": _TEXT,
}

ASSET: dict[str, Key] = {
    "path": Key(kind=Kind.PATH, is_required=True),
    **_SELECTION,
    "asset_hash": _TEXT,
    "asset_hash_type": Key(choices=tuple(one.value for one in AssetHashType)),
    "display_name": _TEXT,
    "staging": Key(choices=tuple(WAYS)),
    "bundling": Key(kind=Kind.TABLE, keys=BUNDLING),
    "python": Key(kind=Kind.TABLE, keys=PYTHON),
}
"""Of ``[asset.NAME]``."""

CACHE: dict[str, Key] = {"type": Key(is_required=True), "params": _MAP}
"""Of an item of ``cache_from``, and of ``cache_to``."""

INVALIDATION: dict[str, Key] = {
    one.name: _FLAG for one in fields(DockerImageAssetInvalidationOptions)
}
"""Of ``[image.NAME.invalidation]``."""

IMAGE: dict[str, Key] = {
    "directory": Key(kind=Kind.PATH),
    "tarball_file": Key(kind=Kind.PATH),
    "file": _TEXT,
    "target": _TEXT,
    "build_args": _MAP,
    "build_contexts": _MAP,
    "build_secrets": _MAP,
    "build_ssh": _TEXT,
    "platform": _TEXT,
    "network_mode": _TEXT,
    "outputs": _TEXTS,
    "cache_from": Key(kind=Kind.TABLES, keys=CACHE),
    "cache_to": Key(kind=Kind.TABLE, keys=CACHE),
    "cache_disabled": _FLAG,
    "asset_name": _TEXT,
    "display_name": _TEXT,
    **_SELECTION,
    "invalidation": Key(kind=Kind.TABLE, keys=INVALIDATION),
}
"""Of ``[image.NAME]``."""

TARBALL = ("tarball_file", "display_name")
"""The keys that an image from an archive may have."""

TOP = ("stack", "asset", "image")
"""The tables of a file."""
