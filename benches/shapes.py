"""Names of generated files: how packages, icon sets and virtual environments spread over directories.

Names matter where patterns are matched: a tree has the README files, maps, tests and type declarations that real exclude
lists name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    Links = list[tuple[str, str]]
    Shape = Callable[[Random, Sequence[str], Sequence[int]], tuple[list[str], Links]]

FILES_A_PACKAGE = 70
LINKS = 35
TEXT_ENDINGS = (".js", ".d.ts", ".js.map", ".mjs", ".json", ".md", ".cjs", ".ts", ".d.mts")
TEXT_WEIGHTS = (46, 24, 9, 6, 4, 3, 3, 3, 2)
BINARY_ENDINGS = (".node", ".wasm", ".png", ".woff2")
PARTS = ("dist", "dist/esm", "dist/cjs", "lib", "lib/internal", "src", "test", "docs", "umd", "")
PART_WEIGHTS = (20, 16, 14, 18, 8, 8, 4, 2, 2, 8)
SITE = "lib/python3.12/site-packages"


def npm(rng: Random, kinds: Sequence[str], sizes: Sequence[int]) -> tuple[list[str], Links]:
    """Packages, scoped and nested ones among them, of about seventy files in nine or ten a directory."""
    count = max(1, len(kinds) // FILES_A_PACKAGE)
    packages: list[str] = []
    for number in range(count):
        scope = f"@scope{number % 9}/" if number % 3 == 0 else ""
        nested = f"{rng.choice(packages)}/node_modules/" if packages and number % 11 == 10 else ""
        packages.append(f"{nested}{scope}package-{number}")
    # A few directories each, the first of which holds most.
    layouts = [rng.choices(PARTS, PART_WEIGHTS, k=rng.randrange(2, 9)) for _ in packages]
    paths = []
    for number, (kind, size) in enumerate(zip(kinds, sizes, strict=True)):
        chosen = int(count * rng.random() ** 2)
        package, layout = packages[chosen], layouts[chosen]
        place = int(len(layout) * rng.random() ** 2)
        part = f"{layout[place]}/feature-{place}" if place % 2 else layout[place]
        paths.append(f"{package}/{part}/{_module(rng, number, kind, size)}".replace("//", "/"))
    links = [
        (f".bin/tool-{number}", f"../{paths[rng.randrange(len(paths))]}")
        for number in range(min(LINKS, len(paths)))
    ]
    return paths, links


def icons(rng: Random, kinds: Sequence[str], sizes: Sequence[int]) -> tuple[list[str], Links]:
    """One package of tiny modules in five directories."""
    del rng, sizes
    parts = ("material", "material/esm", "material/node", "material/utils", "")
    paths = []
    for number in range(len(kinds)):
        # Nearly all in two of them, as twins.
        part = parts[number % 2] if number % 400 else parts[number // 400 % 5]
        ending = (".js", ".js", ".d.ts", ".d.ts")[number % 4]
        name = f"Icon{number:05}{('Outlined', 'Rounded', 'Sharp', '')[number // 4 % 4]}{ending}"
        paths.append(f"{part}/{name}" if part else name)
    return paths, []


def venv(rng: Random, kinds: Sequence[str], sizes: Sequence[int]) -> tuple[list[str], Links]:
    """Python packages: modules, byte code beside them, extension modules, metadata and tests."""
    count = max(1, len(kinds) // 150)
    paths = []
    for number, (kind, size) in enumerate(zip(kinds, sizes, strict=True)):
        package = f"package{int(count * rng.random() ** 1.5)}"
        part = f"part{rng.randrange(6)}" if rng.random() < 0.8 else ""
        part += "/tests" if part and rng.random() < 0.1 else ""
        if kind != "binary":
            ending = rng.choices((".py", ".pyi", ".txt", ".json"), (88, 6, 3, 3))[0]
            name = f"module{number}{ending}"
        elif size > 150_000:
            name = f"_native{number}.cpython-312-x86_64-linux-gnu.so"
        else:
            name = f"__pycache__/module{number}.cpython-312.pyc"
        if kind != "binary" and number % 60 == 0:
            paths.append(f"{SITE}/{package}-1.0.dist-info/METADATA-{number}")
        else:
            paths.append(f"{SITE}/{package}/{part}/{name}".replace("//", "/"))
    return paths, [("lib64", "lib"), ("bin/tool", f"../{paths[0]}"), ("bin/tool2", "tool")]


def numbered(rng: Random, kinds: Sequence[str], sizes: Sequence[int]) -> tuple[list[str], Links]:
    """A hundred files a directory, sixty-four directories in one above."""
    del rng, sizes
    return [f"d{n // 6400:02}/s{n // 100:05}/file{n:06}.txt" for n in range(len(kinds))], []


SHAPES: dict[str, Shape] = {"npm": npm, "icons": icons, "venv": venv, "numbered": numbered}


def _module(rng: Random, number: int, kind: str, size: int) -> str:
    if kind == "binary":
        return f"asset-{number}{rng.choice(BINARY_ENDINGS)}"
    if size > 1 << 20:
        return f"bundle-{number}.js"
    if number % 90 == 0:
        return f"LICENSE-{number}"
    return f"module-{number}{rng.choices(TEXT_ENDINGS, TEXT_WEIGHTS)[0]}"
