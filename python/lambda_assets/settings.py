"""What the environment may decide: speed, place and output, never a hash.

Each variable is a constant followed by its sentence for the documentation; a test compares both with
``docs/reference/environment.md``. Nothing else in the package reads the environment.
"""

from __future__ import annotations

import os
import sys

from lambda_assets._core import CacheDir
from lambda_assets.errors import OptionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    Notice: TypeAlias = tuple[str, str]

CACHE_DIR = "LAMBDA_ASSETS_CACHE_DIR"
"""Directory of the caches, instead of the platform's cache directory."""

NO_CACHE = "LAMBDA_ASSETS_NO_CACHE"
"""If not empty: no cache is read or written, every file is read and every asset is built."""

JOBS = "LAMBDA_ASSETS_JOBS"
"""Number of threads; 0 or nothing: as many as this process may use."""

BUNDLING = "LAMBDA_ASSETS_BUNDLING"
"""Where results of bundling come from: `auto` (default) cache or bundler, `always` bundler, `never` cache or error."""

NO_PROGRESS = "LAMBDA_ASSETS_NO_PROGRESS"
"""If not empty: no progress bar."""

LOG = "LAMBDA_ASSETS_LOG"
"""What the command says on stderr: `error`, `notice` (default), or `debug` (all notices, and tracebacks)."""

NO_COLOR = "NO_COLOR"
"""If not empty: no colours."""

CI = "CI"
"""If not empty: no progress bar."""

VARIABLES = (CACHE_DIR, NO_CACHE, JOBS, BUNDLING, NO_PROGRESS, LOG, NO_COLOR, CI)
LOG_LEVELS = ("error", "notice", "debug")
BUNDLING_MODES = ("auto", "always", "never")

_APP = "lambda-assets"
# One directory for each kind of cache, with its format version: an upgrade abandons, it does not migrate.
_DIGESTS = "digests-v1"
_BUNDLES = "bundles-v1"
_ARCHIVES = "archives-v1"


class Settings:
    """The environment, read once.

    Attributes:
        cache_dir: Where the digest cache lives, None if there is no place for it.
        use_cache: Whether a fingerprint reads and writes it.
        jobs: Number of threads, 0 = as many as this process may use.
        progress: Whether a progress bar may be shown.
        color: Whether colours may be used on a terminal.
        log: One of :data:`LOG_LEVELS`.
        bundling: One of :data:`BUNDLING_MODES`.
    """

    __slots__ = ("bundling", "cache_dir", "color", "jobs", "log", "progress", "use_cache")

    def __init__(self, environ: Mapping[str, str], platform: str) -> None:
        self.cache_dir = cache_directory(environ, platform)
        self.use_cache = not environ.get(NO_CACHE)
        self.jobs = _jobs(environ.get(JOBS, ""))
        self.progress = not (environ.get(NO_PROGRESS) or environ.get(CI))
        self.color = not environ.get(NO_COLOR)
        self.log = _log(environ.get(LOG, ""))
        self.bundling = _one_of(BUNDLING, environ.get(BUNDLING, ""), BUNDLING_MODES, "auto")

    @classmethod
    def resolve(
        cls, environ: Mapping[str, str] | None = None, platform: str | None = None
    ) -> Settings:
        """Read the environment.

        Args:
            environ: Instead of ``os.environ``.
            platform: Instead of ``sys.platform``.

        Raises:
            OptionError: A variable has a value that does not exist.
        """
        return cls(os.environ if environ is None else environ, platform or sys.platform)

    def notices(self) -> list[Notice]:
        """What the user should know about these settings, as (code, message)."""
        if self.cache_dir is not None or not self.use_cache:
            return []
        base = "LOCALAPPDATA" if sys.platform == "win32" else "HOME"
        message = f"no digest cache: {base} is not set; set {CACHE_DIR} or {NO_CACHE}=1"
        return [("cache-no-home", message)]

    def cache(self) -> CacheDir | None:
        """The digest cache for a native call, None if it is off."""
        return self.cache_place() if self.use_cache else None

    def cache_place(self) -> CacheDir | None:
        """The digest cache also if it is off for fingerprints, None if there is no place."""
        if self.cache_dir is None:
            return None
        geteuid = getattr(os, "geteuid", None)
        place = os.path.join(self.cache_dir, _DIGESTS)
        return CacheDir(place, uid=geteuid() if geteuid else None)

    def bundles(self) -> str | None:
        """The directory of the results of bundling, None if there is no cache."""
        return self._kind(_BUNDLES)

    def archive_facts(self) -> str | None:
        """The directory of what is known about archives, None if there is no cache."""
        return self._kind(_ARCHIVES)

    def _kind(self, name: str) -> str | None:
        if self.cache_dir is None or not self.use_cache:
            return None
        return os.path.join(self.cache_dir, name)


def cache_directory(environ: Mapping[str, str], platform: str) -> str | None:
    """The directory of all caches of this package.

    The platform's conventions by hand: a library for them costs more time than a warm hash. Relative values of
    ``XDG_CACHE_HOME`` are ignored, as its specification says.
    """
    own = environ.get(CACHE_DIR)
    if own:
        return os.path.abspath(own)
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return os.path.join(local, _APP, "Cache") if local else None
    home = environ.get("HOME")
    if platform == "darwin":
        return os.path.join(home, "Library", "Caches", _APP) if home else None
    xdg = environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):
        return os.path.join(xdg, _APP)
    return os.path.join(home, ".cache", _APP) if home else None


def cdk_variable(name: str) -> str:
    """A variable of the CDK that decides a place or a program, such as ``CDK_OUTDIR`` or ``CDK_DOCKER``.

    Args:
        name: Its name; empty if it is not set.
    """
    return os.environ.get(name, "")


def environment_for_git() -> dict[str, str]:
    """The environment without the variables that point git at another repository, as a git hook sets them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_OPTIONAL_LOCKS": "0"}


def environment_for_installers() -> dict[str, str]:
    """The environment for uv, pip and poetry: what says where packages come from stays, what changes which goes.

    A variable such as ``PIP_TARGET`` or ``UV_CONSTRAINT`` would make a bundle depend on whose shell made it.
    """
    kept = {name: value for name, value in os.environ.items() if _may_reach_installers(name)}
    fixed = {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "315532800",  # 1980-01-01, for packages that are built
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return {**kept, **fixed}


#: How the names of variables go on, after ``PIP_`` or ``UV_``, that say where packages come from and how they are fetched.
_SOURCES = (
    "CACHE",
    "CERT",
    "CLIENT_CERT",
    "CONFIG_FILE",
    "CONCURRENT",
    "DEFAULT_INDEX",
    "DEFAULT_TIMEOUT",
    "EXTRA_INDEX_URL",
    "FIND_LINKS",
    "HTTP_",
    "INDEX",
    "INSECURE_HOST",
    "KEYRING",
    "NATIVE_TLS",
    "NETRC",
    "NO_CACHE",
    "NO_CONFIG",
    "NO_INDEX",
    "OFFLINE",
    "PROXY",
    "REQUEST_TIMEOUT",
    "RETRIES",
    "SYSTEM_CERTS",
    "TIMEOUT",
    "TRUSTED_HOST",
)


def _may_reach_installers(name: str) -> bool:
    if name in {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"}:
        return False
    for prefix in ("PIP_", "UV_"):
        if name.startswith(prefix):
            return name.removeprefix(prefix).startswith(_SOURCES)
    return True


def environment_for_command(more: Mapping[str, str]) -> dict[str, str]:
    """The environment for a command that the user declared.

    Args:
        more: Variables besides, or instead.
    """
    return {**os.environ, **more}


def _jobs(value: str) -> int:
    if not value:
        return 0
    if not (value.isascii() and value.isdigit()):
        raise OptionError(f"{JOBS} must be a number of threads, not {value!r}")
    return int(value)


def _log(value: str) -> str:
    return _one_of(LOG, value, LOG_LEVELS, "notice")


def _one_of(name: str, value: str, known: tuple[str, ...], default: str) -> str:
    found = value.lower() or default
    if found not in known:
        raise OptionError(f"unknown {name} {value!r}").with_hint("use " + ", ".join(known))
    return found
