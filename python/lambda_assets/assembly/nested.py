"""``NestedStack``: a stack that is a resource of another; its assets and template are assets of that (spec assembly, 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambda_assets.assembly import names
from lambda_assets.assembly.scope import Construct, Stack
from lambda_assets.assembly.template import Template
from lambda_assets.assembly.tokens import is_token
from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.model import FileAssetLocation


class NestedStack(Stack):
    """A stack that is a resource of another one.

    Args:
        scope: Its parent in the tree, in a stack.
        id: Its name there.
        description: What the template says about itself.
        notification_arns: Topics that hear of its events.
        parameters: Values for the parameters of its template.

    Attributes:
        nested_stack_parent: The stack that it is a resource of.
        nested_stack_resource: The resource; its properties are complete when the assembly is written.

    Raises:
        ValidationError: There is no stack around it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  the CDK's name
        *,
        description: str | None = None,
        notification_arns: Sequence[str] | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        Construct.__init__(self, scope, id)
        parent = next((c for c in reversed(self.node.scopes[:-1]) if isinstance(c, Stack)), None)
        if parent is None:
            raise ValidationError(
                "Nested stacks must be defined within scope of another non-nested stack"
            )
        self.nested_stack_parent = parent
        self.account, self.region = parent.account, parent.region
        self.termination_protection = False
        self.tags = {}
        self.needed = {}
        self.notification_arns = list(notification_arns or ())
        self.artifact_id = names.resource_name(self.node.components)
        self.stack_name = "${AWS::StackName}"
        self.template = Template(description)
        # All of its assets are listed with those of the outermost stack.
        self.synthesizer, self.specialized = parent.synthesizer, parent.specialized
        self.assets = parent.assets
        self._parameters = dict(parameters or {})
        self._needed: list[str] = []
        inner = scope.node.components[len(parent.node.components) :]
        path = [*inner, f"{id}.NestedStack", f"{id}.NestedStackResource"]
        self.nested_stack_resource = parent.template.add_resource(
            names.resource_name(path), {"Type": "AWS::CloudFormation::Stack"}, "/".join(path)
        )

    @property
    def template_file(self) -> str:
        """File name of the template."""
        return f"{self.artifact_id}.nested.template.json"

    def need(self, other: NestedStack) -> None:
        """Deploy another stack of the same parent first.

        Args:
            other: The other stack.
        """
        name = other.nested_stack_resource.logical_id
        if name not in self._needed:
            self._needed.append(name)

    def complete(self, location: FileAssetLocation) -> None:
        """Fill in the resource.

        Args:
            location: Where the template will be.
        """
        properties = {
            "NotificationARNs": self.notification_arns,
            "Parameters": self._parameters,
            "TemplateURL": self._url(location),
        }
        document = {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {key: value for key, value in properties.items() if value},
            "DependsOn": sorted(self._needed),
            "UpdateReplacePolicy": "Delete",
            "DeletionPolicy": "Delete",
        }
        if not self._needed:
            del document["DependsOn"]
        self.nested_stack_resource.document.update(document)

    def _url(self, location: FileAssetLocation) -> dict[str, Any]:
        """The address as upstream joins it, so that the templates are equal."""
        region: str | dict[str, str] = self.region
        bucket: str | dict[str, str] = location.bucket_name
        if is_token(region):
            region = {"Ref": "AWS::Region"}
        if is_token(bucket):
            bucket = {"Fn::Sub": location.bucket_name}
        key = f"/{location.object_key}"
        parts: list[Any] = []
        for part in ("https://s3.", region, ".", {"Ref": "AWS::URLSuffix"}, "/", bucket, key):
            if parts and isinstance(part, str) and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
        return {"Fn::Join": ["", parts]}
