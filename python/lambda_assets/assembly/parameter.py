"""Parameters of a template."""

from __future__ import annotations

from typing import Any

from lambda_assets.assembly import names
from lambda_assets.assembly.scope import Construct, Stack


class CfnParameter(Construct):
    """A value that is given at deployment.

    Args:
        scope: Its parent.
        id: Its name there.
        type: Its type, ``String`` if None.
        default: Its value if none is given.
        description: What it is.

    Attributes:
        logical_id: Its name in the template.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  the CDK's name
        *,
        type: str | None = None,  # noqa: A002  the CDK's name
        default: object = None,
        description: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        inner = self.node.components[len(stack.node.components) :]
        self.logical_id = names.resource_name(inner)
        shown: dict[str, Any] = {"Type": type or "String"}
        if default is not None:
            shown["Default"] = default
        if description is not None:
            shown["Description"] = description
        stack.template.add_parameter(self.logical_id, shown)

    @property
    def value_as_string(self) -> str:
        """The text that stands for its value."""
        return f"${{{self.logical_id}}}"
