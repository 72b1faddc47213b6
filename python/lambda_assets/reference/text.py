"""Strings as JavaScript sees them, and its path functions, which work on text alone.

A *unit string* is a ``str`` in which each character is one UTF-16 code unit: characters above U+FFFF appear as two
surrogates. All pattern matching happens on unit strings, because ``?`` and ``[...]`` consume one code unit.
"""

from __future__ import annotations

#: What ``\s`` and ``trim`` mean in JavaScript, as the inside of a character class.
JS_SPACE = (
    "\\t\\n\\x0b\\x0c\\r\\x20\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
)
#: The same as characters, for ``str.strip``.
JS_SPACE_CHARACTERS = (
    "\t\n\x0b\x0c\r \xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
#: What a JavaScript ``.`` does not match, as the inside of a character class.
JS_LINE_ENDS = "\\n\\r\\u2028\\u2029"


def to_units(text: str) -> str:
    """Split every supplementary character into its two surrogates.

    Args:
        text: Any text.

    Returns:
        One character for each UTF-16 code unit.
    """
    raw = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(raw[i] | raw[i + 1] << 8) for i in range(0, len(raw), 2))


def from_units(units: str) -> str:
    """Join surrogate pairs to characters; lone surrogates stay.

    Args:
        units: A unit string.

    Returns:
        The text by code points.
    """
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def utf16_order(name: str) -> bytes:
    """Return the sort key of a name: JavaScript compares strings by code units.

    Args:
        name: A file name.

    Returns:
        Bytes that sort like the name.
    """
    return name.encode("utf-16-be", "surrogatepass")


def normalize(path: str) -> str:
    """Remove ``.``, ``..`` and repeated slashes by text alone, as Node's ``path.normalize`` does.

    Args:
        path: An absolute or relative path.

    Returns:
        The shorter path; a trailing slash is kept, nothing becomes ``.``.
    """
    absolute = path.startswith("/")
    kept: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if kept and kept[-1] != "..":
                kept.pop()
                continue
            if absolute:
                continue
        kept.append(part)
    result = "/".join(kept)
    if result and path.endswith("/"):
        result += "/"
    if absolute:
        return "/" + result
    return result or ("./" if path.endswith("/") and path else ".")


def resolve(base: str, path: str) -> str:
    """Make a path absolute by text alone, before any link is looked at, as Node's ``path.resolve`` does.

    Args:
        base: An absolute directory.
        path: An absolute or relative path.

    Returns:
        An absolute path without trailing slash.
    """
    joined = path if path.startswith("/") else f"{base}/{path}"
    return normalize(joined).rstrip("/") or "/"


def dirname(path: str) -> str:
    """Return the parent of a path, as Node's ``path.dirname`` does.

    Args:
        path: Any path; trailing slashes do not count.

    Returns:
        The text before the last name, ``.`` or ``/`` if there is none.
    """
    end = len(path)
    while end > 1 and path[end - 1] == "/":
        end -= 1
    cut = path.rfind("/", 0, end)
    if cut < 0:
        return "."
    if cut == 0:
        return "/"
    # Upstream's oddity: two slashes at the very start are kept.
    return "//" if cut == 1 and path[0] == "/" else path[:cut]


def join(parent: str, name: str) -> str:
    """Append one name to an absolute directory.

    Args:
        parent: An absolute directory.
        name: A name without slash.

    Returns:
        The path of the entry.
    """
    return f"/{name}" if parent == "/" else f"{parent}/{name}"


def relative(base: str, path: str) -> str:
    """Return the way from one absolute path to another, as Node's ``path.relative`` does.

    Args:
        base: Where the way starts: a normalised absolute directory.
        path: Where it leads: a normalised absolute path.

    Returns:
        Names and ``..`` joined by slashes, empty if both are the same.
    """
    a = [part for part in base.split("/") if part]
    b = [part for part in path.split("/") if part]
    same = 0
    while same < len(a) and same < len(b) and a[same] == b[same]:
        same += 1
    return "/".join([".."] * (len(a) - same) + b[same:])
