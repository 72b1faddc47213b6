"""Bundlers without a container, in every shape in which they are written (spec staging, section 11)."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from lambda_assets.errors import OptionTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_assets.bundling.options import BundlingOptions


def run_local(options: BundlingOptions, output_dir: str, source_path: str) -> bool:
    """Ask the local bundler.

    It is an object with ``try_bundle`` or a plain function. Its second positional parameter gets the options;
    keyword-only parameters get the options of their names, and ``source_path`` the source.

    Args:
        options: The options of the asset.
        output_dir: Where to write to.
        source_path: The source.

    Returns:
        Whether the asset is done.

    Raises:
        OptionTypeError: It is no bundler, or returned something other than a bool.
    """
    call = _callable(options.local)
    result = call(output_dir, *_positional(call, options), **_named(call, options, source_path))
    if not isinstance(result, bool):
        raise OptionTypeError(
            "Returned by callback method tryBundle: Unable to deserialize value as boolean,"
            f" got {type(result).__name__}"
        ).with_hint("return True if the asset is done, False if Docker must do it")
    return result


def identity(local: Any) -> object:  # noqa: ANN401  a bundler of any class
    """What tells a bundler from others in this process: its class and ``cache_key()``, else the object itself.

    Args:
        local: The bundler, or None.

    Raises:
        OptionTypeError: ``cache_key()`` is no text.
    """
    lasting = lasting_identity(local)
    return ("object", id(local), _Keep(local)) if lasting is None else ("key", *lasting)


def lasting_identity(local: Any) -> list[str] | None:  # noqa: ANN401  a bundler of any class
    """What tells a bundler from others in any process, None if it has no ``cache_key()``.

    The key must change whenever the bundler would write something else for the same source and options.

    Args:
        local: The bundler, or None.

    Returns:
        Module and name of its class, and its key.

    Raises:
        OptionTypeError: ``cache_key()`` is no text.
    """
    key = getattr(local, "cache_key", None)
    if not callable(key):
        return None
    found = key()
    if not isinstance(found, str):
        raise OptionTypeError(
            f"cache_key() of bundling.local must return str, not {type(found).__name__}"
        )
    kind = type(local)
    return [kind.__module__, kind.__qualname__, found]


class _Keep:
    """Holds an object, so that its id is not given to another; equal to any other of its kind."""

    __slots__ = ("held",)

    def __init__(self, held: object) -> None:
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keep)

    def __hash__(self) -> int:
        return 0


def _callable(local: Any) -> Callable[..., object]:  # noqa: ANN401  a bundler of any class
    call = getattr(local, "try_bundle", local)
    if not callable(call):
        kind = type(local).__name__
        raise OptionTypeError(f"bundling.local must have a method try_bundle, {kind} has none")
    result: Callable[..., object] = call
    return result


def _positional(call: Callable[..., object], options: BundlingOptions) -> list[BundlingOptions]:
    parameters = inspect.signature(call).parameters.values()
    places = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    more = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return [options] if len(places) > 1 or more else []


def _named(
    call: Callable[..., object], options: BundlingOptions, source_path: str
) -> dict[str, object]:
    parameters = inspect.signature(call).parameters.values()
    names = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    known = {name: getattr(options, name) for name in type(options).__dataclass_fields__}
    known["source_path"] = source_path
    return {name: known[name] for name in names if name in known}
