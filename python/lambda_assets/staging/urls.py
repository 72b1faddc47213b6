"""Package index addresses without their passwords, as the WHATWG URL standard writes them (spec staging, section 2)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from lambda_assets.errors import ValidationError

PIP_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
_PORTS = {"http": "80", "https": "443", "ftp": "21", "ws": "80", "wss": "443"}
_MAX_PORT = 65535
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(.*)", re.DOTALL)
_AUTHORITY = re.compile(r"([^/\\?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_BAD_HOST = re.compile(r"[\x00-\x20#%/:<>?@\[\\\]^|\x7f]")
_PATH = ' "#<>?`{}'
_USER = _PATH + "/:;=@[\\]^|"


def clean_url(name: str, value: str) -> str:
    """An address without its password; unchanged if it has none.

    Args:
        name: The variable, for the message.
        value: The address.

    Raises:
        ValidationError: It is not an address.
    """
    text = re.sub(r"[\t\n\r]", "", value.strip("".join(map(chr, range(33)))))
    found = _URL.fullmatch(text)
    if not found:
        raise _invalid(name, value)
    scheme, rest = found.group(1).lower(), found.group(2)
    if scheme not in _PORTS:
        return value
    parts = _AUTHORITY.fullmatch(rest.lstrip("/\\"))
    if parts is None:
        raise _invalid(name, value)
    authority, path, query, fragment = parts.groups(default="")
    login, _, place = authority.rpartition("@")
    user, _, password = login.partition(":")
    host = _host(place, scheme)
    if host is None:
        raise _invalid(name, value)
    if not password:
        return value
    shown = _encode(user, _USER)
    return (
        f"{scheme}://{shown + '@' if shown else ''}{host}{_resolved(path)}"
        + (_encode(query, " \"#<>'") if query != "?" else "")
        + (("#" + _encode(fragment[1:], ' "<>`')) if len(fragment) > 1 else "")
    )


def _host(place: str, scheme: str) -> str | None:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:]*)(?::([0-9]*))?", place)
    if not found:
        return None
    host, port = found.group(1).lower(), (found.group(2) or "").lstrip("0")
    if found.group(2) and not port:
        port = "0"
    if port and (len(port) > len(str(_MAX_PORT)) or int(port) > _MAX_PORT):
        return None
    if not host.startswith("["):
        host = unquote(host)
        try:
            host = host if host.isascii() else host.encode("idna").decode()
        except UnicodeError:
            return None
        if not host or _BAD_HOST.search(host):
            return None
    return host if not port or port == _PORTS[scheme] else f"{host}:{port}"


def _resolved(path: str) -> str:
    kept: list[str] = []
    segments = path.replace("\\", "/").split("/")[1:]
    for number, segment in enumerate(segments, 1):
        plain = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(_encode(segment, _PATH))
        if plain in {".", ".."} and number == len(segments):
            kept.append("")
    return "/" + "/".join(kept)


def _encode(text: str, special: str) -> str:
    def one(char: str) -> str:
        if " " <= char <= "~" and char not in special:
            return char
        return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))

    return "".join(map(one, text))


def _invalid(name: str, value: str) -> ValidationError:
    return ValidationError(f"{name} must be a valid URL, got {value}.", "InvalidUrl")
