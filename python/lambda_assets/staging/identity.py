"""What an asset is called: hash, hash type, extension (spec staging, sections 2 and 3)."""

from __future__ import annotations

import hashlib
import json
import os
import re
from enum import Enum
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly import names
from lambda_assets.errors import OptionError, OptionTypeError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ARCHIVES = (".tar.gz", ".zip", ".jar", ".tar", ".tgz")
_MAX_INDEX = 2**32 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")


class AssetHashType(Enum):
    """What the hash of an asset is made of."""

    SOURCE = "source"
    """The files of the source."""

    OUTPUT = "output"
    """What bundling produced."""

    CUSTOM = "custom"
    """A text of the caller."""


def hash_type(given: object, asset_hash: str | None, *, bundled: bool) -> AssetHashType:
    """The type that holds after the defaults.

    Args:
        given: A member, one of ``aws_cdk``, its text, or None.
        asset_hash: The custom hash; an empty one counts as none.
        bundled: Whether there are bundling options.

    Raises:
        OptionError: There is no such type.
        ValidationError: The options contradict each other.
    """
    kind = _member(given)
    if asset_hash:
        if kind not in {None, AssetHashType.CUSTOM}:
            shown = "" if kind is None else kind.value
            raise ValidationError(
                f"Cannot specify `{shown}` for `assetHashType` when `assetHash` is specified."
                " Use `CUSTOM` or leave `undefined`.",
                "CannotSpecifyAssetHashTypeWithAssetHash",
            )
        return AssetHashType.CUSTOM
    if kind is AssetHashType.CUSTOM:
        raise ValidationError(
            "`assetHash` must be specified when `assetHashType` is set to `AssetHashType.CUSTOM`.",
            "MustBeSpecified",
        )
    if kind is AssetHashType.OUTPUT and not bundled:
        raise ValidationError(
            "Cannot use `output` hash type when `bundling` is not specified.",
            "CannotUseHashTypeWithoutBundling",
        )
    return kind or AssetHashType.SOURCE


def extra_text(extra_hash: str | None, salt: object) -> str | None:
    """The extra hash of every fingerprint: that of the caller, then the salt of the context.

    Args:
        extra_hash: Text of the caller.
        salt: Any JSON; false values count only beside an ``extra_hash``.
    """
    counts = isinstance(salt, (list, dict)) or bool(salt)
    if not extra_hash and not counts:
        return None
    return (extra_hash or "") + js_text(salt)


def js_text(value: object) -> str:
    """A value as JavaScript's string conversion shows it.

    Args:
        value: Any JSON.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(js_text, value))
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def js_json(value: Any) -> str:  # noqa: ANN401  any JSON
    """JSON as ``JSON.stringify`` writes it.

    Args:
        value: Mappings, sequences, texts, booleans; keys that are array indices come first.
    """
    if isinstance(value, dict):
        return "{" + ",".join(f"{js_json(k)}:{js_json(value[k])}" for k in js_order(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(js_json, value)) + "]"
    if not isinstance(value, str):
        return json.dumps(value)
    # By way of UTF-16, where two halves that belong together are one character.
    whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    text = json.dumps(whole, ensure_ascii=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def js_order(mapping: Mapping[str, Any]) -> list[str]:
    """The keys of an object in JavaScript's order.

    Args:
        mapping: The object.
    """
    indices = sorted((key for key in mapping if _is_index(key)), key=int)
    return [*indices, *(key for key in mapping if not _is_index(key))]


def sha256(text: str) -> str:
    """Hex digest of a text as UTF-8.

    Args:
        text: The text.
    """
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def unique_id(components: Sequence[str]) -> str:
    """``Names.uniqueId`` of a construct: the rule of logical ids.

    Args:
        components: The ids from the root down.
    """
    return names.resource_name(components)


def extension(path: str) -> str:
    """What comes after the hash in the name of a staged asset.

    Args:
        path: The source; only its name counts.
    """
    lowered = path.lower()
    for known in ARCHIVES:
        if lowered.endswith(known):
            return known
    name = os.path.basename(path)
    dot = name.rfind(".")
    # Node's extname: none for a name with only a leading dot, and for "..".
    return name[dot:] if dot > 0 and name != ".." else ""


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and str(int(key[:11])) == key and int(key) < _MAX_INDEX


def _member(given: object) -> AssetHashType | None:
    if given is None or isinstance(given, AssetHashType):
        return given
    if isinstance(given, Enum) and type(given).__name__ == "AssetHashType":
        given = given.name
    if not isinstance(given, str):
        raise OptionTypeError(f"asset_hash_type must be AssetHashType, not {type(given).__name__}")
    for member in AssetHashType:
        if given in {member.name, member.value}:
            return member
    raise OptionError(f"unknown asset_hash_type {given!r}").with_hint(
        "use SOURCE, OUTPUT or CUSTOM"
    )
