"""What is measured: each job with its trees, its options and those who take part."""

from __future__ import annotations

from dataclasses import dataclass

from trees import BIG

MAIN = ("npm", "icons", "venv", "gen")
#: Trees on which exclude patterns are measured; the others have no names that a real list would hit.
PATTERN_TREES = ("npm", "venv")
BIG_FILES = tuple(name for name in BIG if name != "big-memory")
SCALE = ("scale-10k", "scale-50k", "scale-100k", "scale-500k")

GLOB10 = (
    "*.md",
    "**/*.map",
    "**/test",
    "**/tests/**",
    "**/docs/**",
    "*.ts",
    "LICENSE*",
    "**/{umd,cjs}/**",
    "!**/index.d.ts",
    "**/*.d.[mc]ts",
)
#: The lists that people grow: caches, editors, tests, documentation, sources of what is built.
GLOB20 = (
    *GLOB10,
    "**/__pycache__/**",
    "**/*.pyc",
    "**/*.dist-info/RECORD",
    ".git/**",
    "**/.DS_Store",
    "**/.{vscode,idea}/**",
    "**/coverage/**",
    "**/*.{spec,test}.[jt]s",
    "**/examples/**",
    "cdk.out",
)
GIT10 = (
    "*.md",
    "*.map",
    "test/",
    "tests/",
    "docs/",
    "*.ts",
    "LICENSE*",
    "umd/",
    "!index.d.ts",
    "__pycache__/",
)
DOCKER10 = (
    "**/*.md",
    "**/*.map",
    "**/test",
    "**/tests",
    "**/docs",
    "**/*.ts",
    "**/LICENSE*",
    "**/umd",
    "!**/index.d.ts",
    "**/__pycache__",
)


@dataclass(frozen=True)
class Options:
    """Options of a fingerprint that change its cost."""

    exclude: tuple[str, ...] = ()
    ignore_mode: str = "glob"


OPTIONS = {
    "none": Options(),
    "glob10": Options(GLOB10),
    "git10": Options(GIT10, "git"),
    "docker10": Options(DOCKER10, "docker"),
    "glob20": Options(GLOB20),
}


@dataclass(frozen=True)
class Job:
    """One row of questions.

    Attributes:
        name: How it is called on the command line and in results.
        title: What it is, for people.
        operation: ``fingerprint``, ``copy``, ``stage``, ``app`` for an app of ten functions, or ``process`` for whole
            commands.
        trees: The trees it runs on, all at once for an app.
        contenders: Those who take part if they are there.
        warm: Each has its own filled cache; otherwise none has one.
        options: A key of :data:`OPTIONS`.
    """

    name: str
    title: str
    operation: str
    trees: tuple[str, ...]
    contenders: tuple[str, ...]
    warm: bool = False
    options: str = "none"


HASHERS = ("ours", "ours-1", "node", "jsii")
OTHERS = ("sha256sum", "b3sum", "dirhash")
LABELS = {
    "glob10": "10 GLOB patterns",
    "git10": "10 GIT patterns",
    "docker10": "10 DOCKER patterns",
    "glob20": "20 GLOB patterns",
}


def _with_patterns() -> list[Job]:
    return [
        Job(
            f"{state}-{key}",
            f"{state} hash with {label}",
            "fingerprint",
            PATTERN_TREES,
            HASHERS if state == "warm" else (*HASHERS, "reference"),
            warm=state == "warm",
            options=key,
        )
        for key, label in LABELS.items()
        for state in ("cold", "warm")
    ]


_cold = ("ours", "ours-fill", "ours-1", "node", "jsii", "reference", *OTHERS)
COLD_FLOORS = ("floor-read", "floor-hash", "floor-settled")
WARM_FLOORS = ("floor-list", "floor-stat", "floor-order")
APP = ("npm", "icons", "venv")
APPS = ("ours", "ours-link", "ours-zip", "ours-reference", "node", "jsii")
_copy = ("ours", "node", "jsii", "cp")
JOBS = (
    Job("cold", "cold hash", "fingerprint", MAIN, (*_cold, *COLD_FLOORS)),
    Job("warm", "warm hash", "fingerprint", MAIN, (*HASHERS, *WARM_FLOORS), warm=True),
    *_with_patterns(),
    Job("copy", "copy", "copy", ("copy",), _copy),
    Job("stage", "hash and copy", "stage", ("copy",), ("ours", "node", "jsii")),
    Job("app", "an app of ten functions on three trees, cold", "app", APP, APPS),
    Job("app-warm", "the same, warm, into a fresh directory", "app", APP, APPS, warm=True),
    Job("big", "one large file, cold", "fingerprint", BIG_FILES, ("ours", "node", "sha256sum")),
    Job("memory", "large files, cold", "fingerprint", ("big-memory",), ("ours", "node")),
    Job("scale-cold", "cold hash by number of files", "fingerprint", SCALE, ("ours", "node")),
    Job(
        "scale-warm",
        "warm hash by number of files",
        "fingerprint",
        SCALE,
        ("ours", "node"),
        warm=True,
    ),
    Job(
        "cli",
        "the command, start to end, on a warm tree",
        "process",
        ("npm",),
        ("command", "import", "interpreter", "node-command"),
        warm=True,
    ),
)
BY_NAME = {job.name: job for job in JOBS}
