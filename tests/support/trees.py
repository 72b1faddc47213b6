"""Seeded random directory trees, biased to what is hard to hash.

A tree has a directory ``root``, which is hashed or copied, beside others to which links lead. All of it is data: a
failing test prints :meth:`Tree.describe`, and :meth:`Tree.build` makes the same tree anywhere.
"""

from __future__ import annotations

import os
import posixpath
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random

#: Stands for the absolute path of the tree in the text of a link.
BASE = b"{BASE}"
#: A tree lies this many directories below its place, so that ``..`` too many does not lead to other trees.
PADDING = "p/q/r/s/t"
CHUNK = 8192


@dataclass(frozen=True)
class File:
    """A regular file."""

    content: bytes
    mode: int = 0o644


@dataclass(frozen=True)
class Folder:
    """A directory, maybe an empty one."""

    mode: int = 0o755


@dataclass(frozen=True)
class Link:
    """A symbolic link; ``BASE`` in its text stands for the tree's place."""

    text: bytes


@dataclass(frozen=True)
class Special:
    """A FIFO or a socket."""

    kind: int = stat.S_IFIFO


Entry = File | Folder | Link | Special


@dataclass
class Tree:
    """Entries by path, parents first.

    Attributes:
        entries: Path relative to the tree → what is there.
    """

    entries: dict[bytes, Entry] = field(default_factory=dict)

    def build(self, place: Path) -> Path:
        """Make the tree.

        Args:
            place: An existing directory.

        Returns:
            The directory that holds ``root``.
        """
        base = place / PADDING
        base.mkdir(parents=True)
        top = os.fsencode(base)
        for name, entry in self.entries.items():
            path = os.path.join(top, name)
            if isinstance(entry, Folder):
                os.mkdir(path, entry.mode)
            elif isinstance(entry, File):
                with open(path, "xb") as file:
                    file.write(entry.content)
                os.chmod(path, entry.mode)
            elif isinstance(entry, Link):
                os.symlink(entry.text.replace(BASE, top), path)
            else:
                os.mknod(path, entry.kind | 0o644)
        return base

    def describe(self) -> str:
        """Return the tree as text, one entry a line."""
        lines = []
        for name, entry in self.entries.items():
            if isinstance(entry, File):
                content = entry.content
                shown = (
                    repr(content)
                    if len(content) < 60
                    else f"{content[:20]!r}... {len(content)} bytes"
                )
                lines.append(f"{name!r}: {oct(entry.mode)} {shown}")
            elif isinstance(entry, Link):
                lines.append(f"{name!r} -> {entry.text!r}")
            else:
                lines.append(f"{name!r}: {entry}")
        return "\n".join(lines)

    def below(self, top: bytes = b"root/") -> list[str]:
        """Return the paths below a directory as JavaScript sees them.

        Args:
            top: The directory with a slash.

        Returns:
            Relative paths, also those that lead through links.
        """
        paths = [name.removeprefix(top) for name in self.entries if name.startswith(top)]
        for link in [name for name, entry in self.entries.items() if isinstance(entry, Link)]:
            if link.startswith(top):
                target = self._resolve(link)
                inside = [
                    name for name in self.entries if target and name.startswith(target + b"/")
                ]
                paths += [
                    link.removeprefix(top) + name.removeprefix(target or b"") for name in inside[:4]
                ]
        return [path.decode("utf-8", "replace") for path in paths]

    def _resolve(self, link: bytes) -> bytes | None:
        entry = self.entries[link]
        if not isinstance(entry, Link) or entry.text.startswith(b"/"):
            return None
        text = entry.text.removeprefix(BASE + b"/")
        where = b"" if text != entry.text else posixpath.dirname(link)
        return posixpath.normpath(posixpath.join(where, text))


PLAIN_NAMES = (
    "a",
    "b",
    "c",
    "lib",
    "index.js",
    "a.txt",
    "a-b",
    "a0",
    "x.ts",
    "node_modules",
    "README.md",
)
ODD_NAMES = (
    ".env",
    ".git",
    "..a",
    "...x",
    "a b",
    " lead",
    "trail ",
    "n\nl",
    "c\rr",
    "a\\b",
    "\\",
    "\\a",
    "#h",
    "!n",
    "{a,b}",
    "[x]",
    "*",
    "?",
    "@(a)",
    "a|b",
    "$",
    "A",
    "LIB",
    "Index.JS",
    "é",
    "e\u0301",
    "\u00fc\u00df",
    "\u212a",
    "\u017f",
    "µ",
    "μ",
    "\uff21",
    "\ufb00",
    "\U0001f600",
    "\U00010000",
    "\U0010ffff",
    "\ue000",
    "\ud7ff",
    "\uffee",
    "a\U0001f600",
    "a\uff21",
    "\ufffd",
    "b\ufffd",
    "\x01",
    "\x7f",
    "\u2028",
    "constructor",
    "__proto__",
    "toString",
    "valueOf",
    "hasOwnProperty",
)
#: In GIT mode such a name at the top refuses the whole tree, so it must be rare.
DOTS = ("...", "....")
BAD_NAMES = (b"b\xff", b"\xff", b"\xc3\x28", b"x\xe2\x82", b"\xed\xa0\x80")

ATOMS = (
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\r\n",
    b"a",
    b"line\r\n",
    "é".encode(),
    "€".encode(),
    "\U0001f600".encode(),
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xc0\x80",
    b"\xe0\x80",
    b"\xe0\xa0",
    b"\xf0\x8f",
    b"\xf0\x90\x80",
    b"\xf4\x90",
    b"\xf4\x8f\xbf",
    b"\xf5",
    b"\xff",
    b"\xfe",
    b"\x80",
    b"\xbf",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xc3",
    b"\x7f",
    b"\xee\x80\x80",
    b"\xed\x9f\xbf",
)


def random_content(rng: Random, *, long: float = 0.1) -> bytes:
    """Make file content at the edges of the content rule.

    Args:
        rng: Source of randomness.
        long: Share of contents that reach over a slice of 8 KiB.

    Returns:
        The bytes.
    """
    nul = rng.random() < 0.2
    if rng.random() >= long:
        if rng.random() < 0.2:
            return rng.randbytes(rng.randrange(48))
        return _noise(rng, 12, nul=nul)
    content = b""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        edge = (len(content) // CHUNK + 1) * CHUNK
        content += _noise(rng, 6, nul=nul and rng.random() < 0.3)
        filler = rng.choice((b"a", b"a", b"\r", b"\n", b"\xff"))
        content += filler * max(0, edge - len(content) - rng.randrange(7))
        if rng.random() < 0.4:
            # A run of slices that end in CR: the text that is held back.
            content = (content + b"a" * CHUNK)[: edge - 1] + b"\r"
        content += _noise(rng, 6, nul=nul)
    return content


def _noise(rng: Random, most: int, *, nul: bool) -> bytes:
    pool = (*ATOMS, b"\0") if nul else ATOMS
    return b"".join(rng.choice(pool) for _ in range(rng.randrange(most + 1)))


def random_tree(
    rng: Random,
    *,
    special: float = 0.15,
    undecodable: float = 0.08,
    links: int = 6,
    long: float = 0.1,
) -> Tree:
    """Make a tree.

    Args:
        rng: Source of randomness.
        special: Share of trees with a FIFO or socket.
        undecodable: Share of trees with a name that is not UTF-8.
        links: Most links in a tree.
        long: Share of files over 8 KiB.

    Returns:
        The tree; it always has ``root`` and ``ext``.
    """
    tree = Tree()
    folders = [b"root", b"ext"]
    if rng.random() < 0.3:
        folders.append(b"root2")
    tree.entries.update(dict.fromkeys(folders, Folder()))
    for _ in range(rng.randrange(6)):
        parent = rng.choice([folder for folder in folders if folder.count(b"/") < 3])
        _add(rng, tree, folders, parent, Folder())
    for _ in range(rng.randrange(2, 10)):
        mode = rng.choice((0o644, 0o644, 0o644, 0o755, 0o600, 0o444, 0o4755, 0o2755))
        _add(rng, tree, folders, rng.choice(folders), File(random_content(rng, long=long), mode))
    for _ in range(rng.randrange(links + 1)):
        place = rng.choice((b"root", b"root", rng.choice(folders), rng.choice(folders)))
        _add(rng, tree, folders, place, Link(_link_text(rng, tree, place)))
    if rng.random() < special:
        kind = rng.choice((stat.S_IFIFO, stat.S_IFSOCK))
        name = _add(rng, tree, folders, rng.choice(folders), Special(kind))
        if name and rng.random() < 0.5:
            _add(rng, tree, folders, b"root", Link(posixpath.relpath(name, b"root")))
    if rng.random() < undecodable:
        _add_undecodable(rng, tree, rng.choice([folder for folder in folders if folder != b"ext"]))
    return tree


def _add(
    rng: Random, tree: Tree, folders: list[bytes], parent: bytes, entry: Entry
) -> bytes | None:
    if rng.random() < 0.002:  # noqa: SIM108  nested conditions read worse
        name = rng.choice(DOTS)
    else:
        name = rng.choice(PLAIN_NAMES if rng.random() < 0.6 else ODD_NAMES)
    if isinstance(entry, Link) and rng.random() < 0.5:
        name = f"l{rng.randrange(4)}"
    path = parent + b"/" + name.encode()
    if path in tree.entries:
        return None
    tree.entries[path] = entry
    if isinstance(entry, Folder):
        folders.append(path)
    return path


def _add_undecodable(rng: Random, tree: Tree, parent: bytes) -> None:
    name = rng.choice(BAD_NAMES)
    kinds: tuple[Entry, ...] = (File(b"bad"), Folder(), Link(b"a"), Special())
    tree.entries[parent + b"/" + name] = rng.choice(kinds)
    twin = parent + b"/" + name.decode("utf-8", "replace").encode()
    if rng.random() < 0.5 and twin not in tree.entries:
        tree.entries[twin] = rng.choice(kinds)


def _link_text(rng: Random, tree: Tree, place: bytes) -> bytes:
    """Choose where a link in the directory ``place`` leads."""
    target = rng.choice(list(tree.entries))
    depth = place.count(b"/") + 1
    way = rng.random()
    if way < 0.08:
        return rng.choice(
            (b"nope", b"no/such/../thing", b"../ext/none", BASE + b"/root/no/pe", b"t\xff\xfe")
        )
    if way < 0.16:
        return rng.choice(
            (b".", b"..", b"/".join([b".."] * rng.randrange(1, depth + 1)), b"./", b"l0", b"l1")
        )
    aliases = [name for name, entry in tree.entries.items() if isinstance(entry, Link)]
    if way < 0.28 and aliases:
        # Through another link: to something below it, beside it or above what it leads to.
        last = posixpath.basename(target)
        target = rng.choice(aliases) + rng.choice((b"", b"/" + last, b"/../" + last, b"/.."))
    text = posixpath.relpath(posixpath.dirname(target) or b".", place)
    text = posixpath.join(text, posixpath.basename(target))
    if rng.random() < 0.3:
        text = BASE + b"/" + target
    if rng.random() < 0.1:
        front = b"" if text.startswith(BASE) else b"./"
        text = rng.choice((front + text, text.replace(b"/", b"//"), text + b"/", text + b"/."))
    return text


def random_patterns(rng: Random, paths: Sequence[str], *, most: int = 5) -> list[str]:
    """Make an exclude list that hits some of the paths.

    Args:
        rng: Source of randomness.
        paths: Relative paths.
        most: Most patterns in the list.

    Returns:
        The patterns.
    """
    patterns = []
    for _ in range(rng.randrange(most + 1)):
        pattern = random_pattern(rng, rng.choice(paths) if paths else "a")
        patterns.append(f"!{pattern}" if rng.random() < 0.3 else pattern)
    return patterns


def random_pattern(rng: Random, path: str) -> str:  # noqa: C901, PLR0911, PLR0912  one branch a kind of pattern
    """Make a pattern that has something to do with a path.

    Args:
        rng: Source of randomness.
        path: A relative path.

    Returns:
        A pattern without exclamation mark in front, unless the path begins with one.
    """
    names = path.split("/")
    cut = rng.randrange(len(names))
    name = names[cut]
    head = "/".join(names[: cut + 1])
    stem, dot, extension = name.rpartition(".")
    choice = rng.randrange(20)
    if choice == 0:
        return path
    if choice == 1:
        return name
    if choice == 2:
        return head + rng.choice(("/", "/*", "/**", "/**/*", "/.*"))
    if choice == 3:
        return f"*{dot}{extension}" if dot else f"{name[:1]}*"
    if choice == 4:
        return f"**/{name}" + rng.choice(("", "", "/**", "/"))
    if choice == 5:
        return rng.choice(("/", "./", "//", " ")) + head
    if choice == 6:
        return _replace_one(
            rng, head, rng.choice(("?", "*", "[!z]", "[^z]", "[[:alpha:]]", "[a-z]", "**"))
        )
    if choice == 7:
        return _replace_one(rng, head, None)
    if choice == 8:
        return f"{{{name},{rng.choice(names)}}}" + rng.choice(("", "/*", "*"))
    if choice == 9:
        return f"{rng.choice('@?*+!')}({name}|{rng.choice(('x', '*', stem or 'y'))})"
    if choice == 10:
        return rng.choice((head.upper(), head.lower(), head.swapcase()))
    if choice == 11:
        return rng.choice(("*", "**", "*/*", "**/*", ".*", "**/.*", "*.*", "?", "??*", "[!.]*"))
    if choice == 12:
        return rng.choice(("#" + head, "", " ", head + " ", head + "\\ ", "\\" + head, head + "\\"))
    if choice == 13:
        return "/".join(rng.choice((part, "*", "**", part)) for part in names)
    if choice == 14:
        return f"{'/'.join(names[:cut])}/{rng.choice(('.', '..', '*', '**'))}/{name}".lstrip("/")
    if choice == 15:
        return rng.choice(
            (f"*.!({extension or 'js'})", f"!({name})", f"+({name[:1]}|{name[1:2]})*")
        )
    if choice == 16:
        return (
            rng.choice(("(", "[", "a[", "a{2}", "a+", "(a|b)", "\\d", "a|b", "^a", "a$", "\\w+"))
            + name
        )
    if choice == 17:
        return "**/" * rng.randrange(1, 3) + "/**/".join(rng.sample(names, len(names)))
    if choice == 18:
        return f"{names[0]}/**/{names[-1]}"
    return "".join(rng.choice(SCRAPS) for _ in range(rng.randrange(1, 6)))


#: Pieces of patterns, to be strung together without sense.
SCRAPS = (
    *("a", "b", "c", ".", "/", "*", "**", "?", "!", "A", "-", "|", ",", "^", "$", "#", " "),
    *(
        "[ab]",
        "[!a]",
        "[a-c]",
        "[^b]",
        "[]",
        "[",
        "]",
        "[]a]",
        "[a",
        "[z-a]",
        "[\\^a]",
        "[a\\]]",
        "[.]",
    ),
    *(
        "{a,b}",
        "{a,b/c}",
        "{1..3}",
        "{c..a}",
        "{,a}",
        "{",
        "}",
        "{}",
        "{a}",
        "${a,b}",
        "\\{",
        "\\}",
        "\\,",
    ),
    *(
        "@(a|b)",
        "!(a)",
        "+(a|.b)",
        "*(b)",
        "?(a)",
        "@(",
        "!(",
        "(",
        ")",
        "@()",
        "!()",
        "!(a|)",
        "*(.a|b)",
    ),
    *(
        "@(a|!(b|c))",
        "+(a|@(b|*(c)))",
        "!(!(a))",
        "!(@(a))",
        "*(!(a))",
        "@(*|a)",
        "\\|",
        "@(a\\|b)",
    ),
    *(
        "\\",
        "\\\\",
        "\\*",
        "\\a",
        "\\d",
        "\\w",
        "\\b",
        "\\1",
        "(a)",
        "\\!",
        "\\ ",
        "\\x61",
        "\\u0061",
        "\\0",
    ),
    *(
        "..",
        "./",
        "**/",
        "/**",
        "/**/",
        "//",
        "*.",
        ".*",
        "..a",
        "{2}",
        "+",
        "\n",
        "\t",
        "\r\n",
        "\u00a0",
    ),
    *(
        "[[:alpha:]]",
        "[[:digit:]a]",
        "[![:upper:]]",
        "[[:punct:]]",
        "[[:graph:]a]",
        "[[:ascii:]]",
        "[[:bogus:]]",
    ),
    *("é", "É", "\U0001f600", "\uff21", "\ufeff", "\u2028", "ß", "µ", "\u212a", "k"),
)
#: Pieces of paths that go with them.
PATH_SCRAPS = (
    *("a", "b", "c", "A", "ab", ".", "/", "/", ".a", "a/b", "b/c", "a.b", "1", "2", "d", "k"),
    *(
        "\\",
        " ",
        "!",
        "#",
        "[",
        "]",
        "-",
        "{",
        "}",
        "(",
        ")",
        "|",
        ",",
        "*",
        "?",
        "+",
        "@",
        "^",
        "$",
        "\n",
    ),
    *(
        "é",
        "É",
        "\U0001f600",
        "\uff21",
        "\u2028",
        "ß",
        "μ",
        "Μ",  # noqa: RUF001  they fold alike
        "\u212a",
        "\ufffd",
        "constructor",
        "toString",
    ),
)


def random_path(rng: Random) -> str:
    """Make a relative path without sense.

    Args:
        rng: Source of randomness.

    Returns:
        A normalised path that is not empty and stays inside.
    """
    while True:
        text = "".join(rng.choice(PATH_SCRAPS) for _ in range(rng.randrange(1, 6)))
        path = posixpath.normpath(text.lstrip("/") or ".")
        if path != "." and not path.startswith("..") and not path.startswith("/"):
            return path


def _replace_one(rng: Random, path: str, replacement: str | None) -> str:
    """Replace one character, or put it into brackets or behind a backslash."""
    if not path:
        return "*"
    at = rng.randrange(len(path))
    character = path[at]
    if replacement is None:
        replacement = rng.choice(
            (f"[{character}]", f"\\{character}", f"[!{character}]", f"[{character}-z]")
        )
    return path[:at] + replacement + path[at + 1 :]
