"""Which stack is deployed before which (spec assembly, section 5): between stacks of one stage, or nested ones of one parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambda_assets.assembly.nested import NestedStack
from lambda_assets.assembly.scope import Stage
from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from lambda_assets.assembly.scope import Stack


def depend(source: Stack, target: Stack, reason: str | None) -> None:
    """Deploy one stack after another.

    Args:
        source: The later one.
        target: The earlier one.
        reason: Why, for messages.

    Raises:
        ValidationError: The stacks are in different stages, one would wait for itself, or for the stack that it is nested in.
    """
    later, earlier = _line(source), _line(target)
    if source is target or source in earlier:
        return
    if target in later:
        raise ValidationError(
            f"'{source.node.path}' cannot depend on parent stack '{target.node.path}'",
            "CannotDependOnParent",
        )
    if later[0] is not earlier[0]:
        _depend_outermost(later[0], earlier[0], reason)
        return
    level = next(
        n for n, pair in enumerate(zip(later, earlier, strict=False)) if len(set(pair)) > 1
    )
    one, other = later[level], earlier[level]
    if isinstance(one, NestedStack) and isinstance(other, NestedStack):
        one.need(other)


def _line(stack: Stack) -> list[Stack]:
    """The stack and those that it is nested in, the outermost first."""
    parent = stack.nested_stack_parent
    return [*(_line(parent) if parent else ()), stack]


def _depend_outermost(source: Stack, target: Stack, reason: str | None) -> None:
    here, there = Stage.of(source), Stage.of(target)
    if here is not there:
        raise ValidationError(
            f"You cannot have a dependency from '{source.node.path}' ({_place(here)}) to '{target.node.path}'"
            f" ({_place(there)}): dependency cannot cross stage boundaries",
            "NoCrossStageDependency",
        )
    why = reason or f"<{source.node.path}>.addStackDependency(<{target.node.path}>)"
    circle = _reasons(target, source)
    if circle is not None:
        raise ValidationError(
            f"'{target.node.path}' depends on '{source.node.path}' ({', '.join(circle)}). Adding this dependency"
            f" ({why}) would create a cyclic reference.",
            "DependencyCycle",
        )
    source.needed.setdefault(target, why)


def _place(stage: Stage | None) -> str:
    return f"in Stage '{stage.node.path}'" if stage and stage.node.path else "in the App"


def _reasons(source: Stack, target: Stack) -> list[str] | None:
    """Why one stack needs another, by way of others; None if it does not."""
    for needed, why in source.needed.items():
        more = [] if needed is target else _reasons(needed, target)
        if more is not None:
            return [why, *more]
    return None
