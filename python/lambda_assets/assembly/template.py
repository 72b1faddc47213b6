"""A template of CloudFormation: resources and outputs as they are given, nothing invented."""

from __future__ import annotations

import re
from typing import Any

from lambda_assets.assembly.tokens import to_cfn
from lambda_assets.errors import ValidationError

_LOGICAL_ID = re.compile(r"[A-Za-z][A-Za-z0-9]{0,254}")


class CfnResource:
    """A resource of a template.

    Attributes:
        logical_id: Its name.
        document: ``Type``, ``Properties`` and the rest.
    """

    def __init__(self, logical_id: str, document: dict[str, Any]) -> None:
        self.logical_id = logical_id
        self.document = document

    def add_metadata(self, key: str, value: Any) -> None:  # noqa: ANN401  any JSON
        """Set an entry of its ``Metadata``.

        Args:
            key: The entry.
            value: Any JSON.
        """
        self.document.setdefault("Metadata", {})[key] = value


class Template:
    """A template while it grows.

    Args:
        description: What it says about itself.

    Attributes:
        paths: Where in the tree, below the stack, what has a logical id stands.
    """

    def __init__(self, description: str | None = None) -> None:
        self._description = description
        self._resources: dict[str, CfnResource] = {}
        self._outputs: dict[str, Any] = {}
        self._parameters: dict[str, Any] = {}
        self._rules: dict[str, Any] = {}
        self.paths: dict[str, str] = {}

    def add_resource(
        self, logical_id: str, resource: dict[str, Any], path: str | None = None
    ) -> CfnResource:
        """Add a resource; see ``Stack.add_resource``."""
        self._check(logical_id, path)
        if not isinstance(resource.get("Type"), str):
            raise ValidationError(f"resource '{logical_id}' has no Type")
        made = CfnResource(logical_id, dict(resource))
        self._resources[logical_id] = made
        return made

    def add_output(self, logical_id: str, value: object, description: str | None) -> None:
        """Add an output; see ``Stack.add_output``."""
        self._check(logical_id)
        shown = {} if description is None else {"Description": description}
        self._outputs[logical_id] = {
            **shown,
            "Value": to_cfn(value) if isinstance(value, str) else value,
        }

    def add_parameter(
        self, logical_id: str, parameter: dict[str, Any], path: str | None = None
    ) -> None:
        """Add a parameter.

        Args:
            logical_id: Its name.
            parameter: As the template shows it.
            path: Where in the tree, below the stack, it stands.
        """
        self._check(logical_id, path)
        self._parameters[logical_id] = parameter

    def add_rule(self, logical_id: str, rule: dict[str, Any]) -> None:
        """Add a rule.

        Args:
            logical_id: Its name.
            rule: As the template shows it.
        """
        self._check(logical_id)
        self._rules[logical_id] = rule

    def document(self) -> dict[str, Any]:
        """The template; sections without content are left out."""
        sections = {
            "Description": self._description,
            "Resources": {name: r.document for name, r in self._resources.items()},
            "Outputs": self._outputs,
            "Parameters": self._parameters,
            "Rules": self._rules,
        }
        return {name: section for name, section in sections.items() if section}

    def _check(self, logical_id: str, path: str | None = None) -> None:
        if not _LOGICAL_ID.fullmatch(logical_id):
            raise ValidationError(
                f"logical id '{logical_id}' must start with a letter and have letters and digits only, at most 255"
            )
        if logical_id in self.paths:
            raise ValidationError(f"the template has '{logical_id}' already")
        self.paths[logical_id] = path or logical_id
