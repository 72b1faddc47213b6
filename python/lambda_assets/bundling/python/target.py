"""The machine that a bundle is made for: a Lambda runtime and an architecture.

Runtimes up to Python 3.11 stand on Amazon Linux 2 (glibc 2.26), later ones on Amazon Linux 2023 (glibc 2.34): a wheel
tagged for a newer glibc does not load there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging import tags

from lambda_assets.errors import OptionError, OptionTypeError

if TYPE_CHECKING:
    from packaging.tags import Tag

#: Minor version of Python 3, and of the glibc 2 of its runtime.
_GLIBC = {9: 26, 10: 26, 11: 26, 12: 34, 13: 34, 14: 34}
#: What users call an architecture, and its name in wheels.
_MACHINES = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "arm64": "aarch64",
    "aarch64": "aarch64",
}
#: The oldest glibc that a wheel of an architecture can name, and the old names of some of them.
_OLDEST = {"x86_64": 5, "aarch64": 17}
_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
#: The profiles that uv has, newest first; it takes a wheel for an older glibc too.
_UV_GLIBC = (34, 33, 32, 31, 28, 17)

RUNTIMES = tuple(f"python3.{minor}" for minor in _GLIBC)
"""The runtimes that are known."""
ARCHITECTURES = ("x86_64", "arm64")
"""The architectures of Lambda."""


@dataclass(frozen=True)
class Target:
    """Where a bundle must run.

    Attributes:
        minor: Minor version of Python 3.
        machine: ``x86_64`` or ``aarch64``.
    """

    minor: int
    machine: str

    @property
    def runtime(self) -> str:
        """Lambda's name of the runtime, such as ``python3.12``."""
        return f"python3.{self.minor}"

    @property
    def python(self) -> str:
        """The version of Python, such as ``3.12``."""
        return f"3.{self.minor}"

    @property
    def architecture(self) -> str:
        """Lambda's name of the architecture, ``x86_64`` or ``arm64``."""
        return "arm64" if self.machine == "aarch64" else self.machine

    @property
    def glibc(self) -> int:
        """Minor version of the glibc 2 there."""
        return _GLIBC[self.minor]

    @property
    def uv_platform(self) -> str:
        """The value of ``--python-platform`` that fits best without promising a newer glibc."""
        best = next(level for level in _UV_GLIBC if level <= self.glibc)
        return f"{self.machine}-manylinux_2_{best}"

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """The platform tags that load there, the best first."""
        found = []
        for level in range(self.glibc, _OLDEST[self.machine] - 1, -1):
            found.append(f"manylinux_2_{level}_{self.machine}")
            if level in _OLD_NAMES:
                found.append(f"{_OLD_NAMES[level]}_{self.machine}")
        return (*found, f"linux_{self.machine}")

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """The wheel tags that load there, the best first."""
        version = (3, self.minor)
        exact = tags.cpython_tags(version, abis=[f"cp3{self.minor}"], platforms=self.platforms)
        general = tags.compatible_tags(version, f"cp3{self.minor}", self.platforms)
        return (*exact, *general)

    @property
    def markers(self) -> dict[str, str]:
        """What markers of requirements see there."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }

    def __str__(self) -> str:
        return f"{self.runtime} on {self.architecture} (glibc 2.{self.glibc})"


def target(runtime: object, architecture: object) -> Target:
    """Read what a caller passed.

    Args:
        runtime: ``python3.12``, or an object with such a ``name``, as ``aws_cdk``'s ``Runtime`` is.
        architecture: ``x86_64``, ``arm64``, or an object with such a ``name``, as ``aws_cdk``'s ``Architecture`` is.

    Raises:
        OptionTypeError: Neither a text nor such an object.
        OptionError: No runtime or architecture of that name is known.
    """
    name = _name(runtime, "runtime")
    if name not in RUNTIMES:
        raise OptionError(f"unknown runtime {name!r}").with_hint("use " + ", ".join(RUNTIMES))
    machine = _MACHINES.get(_name(architecture, "architecture").lower())
    if machine is None:
        raise OptionError(f"unknown architecture {architecture!r}").with_hint(
            "use " + ", ".join(ARCHITECTURES)
        )
    return Target(minor=int(name.rpartition(".")[2]), machine=machine)


def _name(value: object, what: str) -> str:
    name = value if isinstance(value, str) else getattr(value, "name", None)
    if not isinstance(name, str):
        raise OptionTypeError(f"{what} must be str, not {type(value).__name__}")
    return name
