"""Parameters of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambda_assets.assembly import names
from lambda_assets.assembly.scope import Construct, Stack
from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence


class CfnParameter(Construct):
    """A value that is given at deployment.

    Args:
        scope: Its parent.
        id: Its name there.
        allowed_pattern: A regular expression that a value matches.
        allowed_values: All values that there are.
        constraint_description: What the user reads if a value is refused.
        default: Its value if none is given.
        description: What it is.
        max_length: Longest text.
        max_value: Largest number.
        min_length: Shortest text.
        min_value: Smallest number.
        no_echo: Whether the value is hidden.
        type: Its type, ``String`` if None.

    Attributes:
        logical_id: Its name in the template.
        type: Its type.
    """

    logical_id: str
    type: str

    def __init__(  # noqa: PLR0913  the CDK's options
        self,
        scope: Construct,
        id: str,  # noqa: A002  the CDK's name
        *,
        allowed_pattern: str | None = None,
        allowed_values: Sequence[str] | None = None,
        constraint_description: str | None = None,
        default: object = None,
        description: str | None = None,
        max_length: float | None = None,
        max_value: float | None = None,
        min_length: float | None = None,
        min_value: float | None = None,
        no_echo: bool | None = None,
        type: str | None = None,  # noqa: A002  the CDK's name
    ) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        inner = self.node.components[len(stack.node.components) :]
        self.logical_id = names.resource_name(inner)
        self.type = type or "String"
        values: dict[str, Any] = {
            "Type": self.type,
            "Default": default,
            "AllowedPattern": allowed_pattern,
            "AllowedValues": None if allowed_values is None else list(allowed_values),
            "ConstraintDescription": constraint_description,
            "Description": description,
            "MaxLength": max_length,
            "MaxValue": max_value,
            "MinLength": min_length,
            "MinValue": min_value,
            "NoEcho": no_echo,
        }
        shown = {name: value for name, value in values.items() if value is not None}
        stack.template.add_parameter(self.logical_id, shown, "/".join(inner))

    @property
    def value_as_string(self) -> str:
        """The text that stands for its value.

        Raises:
            ValidationError: It is a list.
        """
        if self.type.startswith("List<") or self.type == "CommaDelimitedList":
            raise ValidationError(
                f"Parameter type ({self.type}) is not a string or number type",
                "ParameterType",
            )
        return f"${{{self.logical_id}}}"
