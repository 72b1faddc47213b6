"""``PythonDependencies``: code with its packages for a Lambda runtime, without a container."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lambda_assets.bundling.options import BundlingOutput
from lambda_assets.bundling.python import build, reproducible, tools
from lambda_assets.bundling.python.options import LEFT_OUT, read_options
from lambda_assets.docker.image import DockerImage
from lambda_assets.errors import NotLockedError, OptionError
from lambda_assets.filesystem.options import path_text
from lambda_assets.staging.identity import sha256

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambda_assets.bundling.options import BundlingOptions
    from lambda_assets.bundling.python.report import BundleReport
    from lambda_assets.filesystem.options import StrPath


@dataclass(frozen=True, slots=True)
class Part:
    """One asset of a function that was split: ``Code.from_asset(part.path, **part.options)``.

    Attributes:
        path: Its source.
        options: Arguments for ``Code.from_asset`` and ``Asset``.
    """

    path: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Split:
    """A function whose packages are an asset of their own.

    Attributes:
        code: The code, an asset by its files.
        dependencies: The packages as a layer, an asset by what is locked: new code does not touch it.
    """

    code: Part
    dependencies: Part


class PythonDependencies:
    """Bundles Python code with its packages, or either alone, for a Lambda runtime; an ``ILocalBundling``.

    Args:
        runtime: ``python3.9`` to ``python3.14``, or a ``Runtime`` of ``aws_cdk``.
        architecture: ``x86_64`` or ``arm64``, or an ``Architecture`` of ``aws_cdk``.
        source: The directory of the code; needed where a caller of ``try_bundle`` does not pass it, as ``aws_cdk`` does not.
        requirements: The file that says what is needed: ``uv.lock``, ``pylock.toml``, ``poetry.lock``, a requirements file or
            ``pyproject.toml``. The first of these in the source if None.
        tool: ``uv``, ``pip``, or ``auto`` for uv where it is installed and pip elsewhere.
        layout: ``function``, or ``layer`` to put everything into ``python/``.
        contents: ``all``, or ``dependencies`` or ``code`` alone.
        extras: Extras of the project to install.
        groups: Dependency groups of the project to install.
        exclude: More patterns (GLOB) of what is not taken from the code, after ``LEFT_OUT``.
        from_source: Names of packages without wheels that are built here. They must be pure Python.
        allow_foreign: Names of packages that may hold files for other machines.
        scripts: Whether the programs that packages bring in ``bin`` stay. They start with the Python of the path then.
        layers_size: Bytes of the layers that the function uses besides, counted with it.
        oversize: ``error``, or ``warn`` to only log that Lambda will refuse it.

    Raises:
        OptionError: An option has a wrong value or type.
    """

    def __init__(  # noqa: PLR0913  each is an option of its own
        self,
        *,
        runtime: object,
        architecture: object = "x86_64",
        source: StrPath | None = None,
        requirements: StrPath | None = None,
        tool: str = "auto",
        layout: str = "function",
        contents: str = "all",
        extras: Sequence[str] = (),
        groups: Sequence[str] = (),
        exclude: Sequence[str] = (),
        from_source: Sequence[str] = (),
        allow_foreign: Sequence[str] = (),
        scripts: bool = False,
        layers_size: int = 0,
        oversize: str = "error",
    ) -> None:
        self._options = read_options(
            runtime=runtime,
            architecture=architecture,
            source=source,
            requirements=requirements,
            tool=tool,
            layout=layout,
            contents=contents,
            extras=extras,
            groups=groups,
            exclude=exclude,
            from_source=from_source,
            allow_foreign=allow_foreign,
            scripts=scripts,
            layers_size=layers_size,
            oversize=oversize,
        )

    def try_bundle(
        self,
        output_dir: str,
        options: BundlingOptions | None = None,  # noqa: ARG002  the protocol's; nothing of a container counts here
        *,
        source_path: str | None = None,
        **_: object,
    ) -> bool:
        """Bundle for an asset.

        Args:
            output_dir: Where to, an empty directory.
            options: The options of the asset.
            source_path: The source of the asset.

        Returns:
            True: what can't be done is an error, since no container would do it otherwise.

        Raises:
            OptionError: No source is known, or ``source`` is not that of the asset, whose files make up its hash.
            PythonBundlingError: See :meth:`bundle`.
        """
        own = self._options.source
        source = own or source_path
        if source is None:
            raise OptionError("nobody says where the code is").with_hint("give source=…")
        if own and source_path and os.path.realpath(own) != os.path.realpath(source_path):
            raise OptionError(
                f"the bundler's source {own!r} is not that of the asset, {source_path!r}"
            ).with_hint("leave out source=…")
        self.bundle(source, output_dir)
        return True

    def bundle(self, source: StrPath, output_dir: StrPath) -> BundleReport:
        """Bundle into a directory, which appears when it is complete.

        Args:
            source: The directory of the code, or the file that says what is needed.
            output_dir: Where to; absent, or an empty directory.

        Returns:
            What it weighs.

        Raises:
            PythonToolError: No tool is installed, or not the one that the lock file needs.
            SourceDistributionError: A package has no wheel and was not named in ``from_source``, or is not pure Python.
            ForeignWheelError: A package would not load in the runtime.
            SizeLimitError: It is larger than Lambda unpacks.
            PythonBundlingError: Anything else that can't be bundled; what the tool said is in the message.
            AssetIOError: The system refuses something.
        """
        there = os.path.abspath(path_text(output_dir, "output_dir"))
        return build.bundle(self._options, os.path.abspath(path_text(source, "source")), there)

    def check_reproducible(self, source: StrPath, *, fresh: bool | None = None) -> BundleReport:
        """Bundle twice, in two directories, and compare bytes, modes and times.

        Args:
            source: As for :meth:`bundle`.
            fresh: Whether the second run fetches and builds every package anew; if None, only where ``from_source`` names
                one: the caches of uv and pip hold what they have built.

        Returns:
            What it weighs.

        Raises:
            NotReproducibleError: They differ; it names each file.
            PythonBundlingError: See :meth:`bundle`.
        """
        here = os.path.abspath(path_text(source, "source"))
        anew = bool(self._options.from_source) if fresh is None else fresh
        return reproducible.check(self._options, here, fresh=anew)

    def cache_key(self) -> str:
        """What tells this bundler's results from others of the same source: options, tool and its version."""
        options = self._options
        shown = options.described()
        shown["tool"] = str(tools.find(options.tool)) if options.installs else ""
        # No bundle that was good for one function is taken for another that has more layers.
        shown["limit"] = [options.layers_size, options.oversize]
        return json.dumps(shown, sort_keys=True)

    def bundling(self) -> dict[str, Any]:
        """The argument ``bundling`` of an asset whose hash follows the options of this bundler.

        The CDK hashes nothing of a local bundler. The options stand in a variable of the container, which is never started.
        """
        image = f"public.ecr.aws/sam/build-{self._options.target.runtime}"
        return {
            "image": DockerImage.from_registry(image),
            "environment": {
                "LAMBDA_ASSETS_PYTHON": json.dumps(self._options.described(), sort_keys=True)
            },
            "local": self,
            "output_type": BundlingOutput.NOT_ARCHIVED,
        }

    def split(self, source: StrPath) -> Split:
        """Split a function into its code and a layer of its packages.

        The layer's name follows from what is locked for the runtime and the options, not from the code, nor from the tool
        that installs.

        Args:
            source: The directory of the code.

        Raises:
            NotLockedError: Not every package is locked by version and hash.
            PythonBundlingError: What is needed can't be read.
        """
        path = os.path.abspath(path_text(source, "source"))
        needed = self._options.needed(path)
        loose = [one.text for one in needed.lines if not one.is_locked]
        if loose:
            raise NotLockedError(
                f"{needed.files[0]!r} does not lock " + ", ".join(map(repr, loose))
            ).with_hint(
                "`uv lock`, or `uv pip compile --generate-hashes requirements.in -o requirements.txt`"
            )
        layer = object.__new__(PythonDependencies)
        layer._options = replace(
            self._options,
            source=path,
            requirements=needed.files[0],
            layout="layer",
            contents="dependencies",
            exclude=(),
        )
        key = sha256(json.dumps(layer._options.described(), sort_keys=True))
        inside = build.files_inside(needed, path)
        code = {"exclude": [*LEFT_OUT, *build.own_files(needed, path), *self._options.exclude]}
        # Nothing but what says what is needed is its source: new code is no reason to install again.
        only = ["*", *(f"!{part}" for name in inside for part in _with_parents(name))]
        layer_options = {"asset_hash": key, "bundling": layer.bundling(), "exclude": only}
        return Split(code=Part(path, code), dependencies=Part(path, layer_options))


def _with_parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
