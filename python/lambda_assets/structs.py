"""Structs as ``aws_cdk`` takes them: an instance, or a dict with the names of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

from lambda_assets.errors import OptionTypeError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Struct = TypeVar("Struct", bound=DataclassInstance)


def coerce(cls: type[Struct], value: object, name: str) -> Struct | None:
    """Make a struct of what a caller passed for one.

    Args:
        cls: The dataclass.
        value: None, an instance, a dict with snake_case keys, or the struct of ``aws_cdk`` with the same class name.
        name: The option, for messages.

    Returns:
        The struct; None only for None.

    Raises:
        OptionTypeError: The value is something else, a field is unknown, or a required one is missing.
    """
    if value is None or isinstance(value, cls):
        return value
    names = [field.name for field in fields(cls)]
    if isinstance(value, Mapping):
        unknown = [key for key in value if key not in names]
        if unknown:
            raise OptionTypeError(f"{name} has no field {unknown[0]!r}").with_hint(
                f"the fields are {', '.join(names)}"
            )
        return _make(cls, dict(value), name)
    if type(value).__name__ == cls.__name__ and all(hasattr(value, field) for field in names):
        return _make(cls, {field: getattr(value, field) for field in names}, name)
    kind = type(value).__name__
    raise OptionTypeError(f"{name} must be {cls.__name__} or a dict, not {kind}")


def _make(cls: type[Struct], values: dict[str, Any], name: str) -> Struct:
    missing = [
        field.name
        for field in fields(cls)
        if field.name not in values
        and field.default is MISSING
        and field.default_factory is MISSING
    ]
    if missing:
        raise OptionTypeError(f"{name} needs the field {missing[0]!r}")
    return cls(**values)
