"""App, stages and stacks in the sense of the CDK, as much of them as assets need (spec assembly, sections 3, 4, 7)."""

from __future__ import annotations

import os
import re
import tempfile
from typing import TYPE_CHECKING, Any

from lambda_assets.assembly import names
from lambda_assets.assembly.context import context_of_cli
from lambda_assets.assembly.manifest import AssetManifest
from lambda_assets.assembly.model import Environment
from lambda_assets.assembly.node import Node
from lambda_assets.assembly.synthesizers import DefaultStackSynthesizer, StackSynthesizer
from lambda_assets.assembly.template import CfnResource, Template
from lambda_assets.assembly.tokens import ACCOUNT, REGION
from lambda_assets.errors import ValidationError, asset_io_error
from lambda_assets.filesystem.options import path_text
from lambda_assets.settings import cdk_variable
from lambda_assets.structs import coerce

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambda_assets.assembly.model import (
        DockerImageAssetLocation,
        DockerImageAssetSource,
        FileAssetLocation,
        FileAssetSource,
    )
    from lambda_assets.assembly.write import CloudAssembly
    from lambda_assets.filesystem.options import StrPath

_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_STAGE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_MAX_STACK_NAME = 128
SCHEMA_VERSION = "21.0.0"
"""Low, so that every tool accepts it (spec assembly, section 1)."""

STOCK_SCHEMA_VERSION = "55.0.0"
"""What aws-cdk-lib 2.275.0 writes."""

STAGING = "lambda-assets:staging"
"""Context key: how assets are staged that do not say it."""


class Construct:
    """Anything in the tree.

    Args:
        scope: Its parent.
        id: Its name there.

    Attributes:
        node: Its place in the tree.
    """

    def __init__(self, scope: Construct | None, id: str) -> None:  # noqa: A002  the CDK's name
        self.node = Node(self, scope, id)


class Stage(Construct):
    """Stacks that are deployed together; one assembly of its own.

    Args:
        scope: Its parent.
        id: Its name there.
        env: Account and region of its stacks, unless they have their own.
        outdir: Directory of the assembly, for an outermost stage only.
        stage_name: Its part of the names of its stacks, the id if None.

    Attributes:
        outdir: Directory of the assembly, as given.
        asset_outdir: Directory of the outermost assembly, where assets are staged.
        account: The account, None if unknown.
        region: The region, None if unknown.
        stage_name: Its name in those of its stacks.

    Raises:
        ValidationError: The id is no valid name, or an inner stage has an ``outdir``.
    """

    def __init__(
        self,
        scope: Construct | None,
        id: str,  # noqa: A002  the CDK's name
        *,
        env: Environment | Mapping[str, Any] | None = None,
        outdir: StrPath | None = None,
        stage_name: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        if id and not _STAGE_NAME.fullmatch(id):
            raise ValidationError(
                f'invalid stage name "{id}". Stage name must start with a letter and contain only alphanumeric'
                " characters, hypens ('-'), underscores ('_') and periods ('.')",
                "InvalidStageNameStage",
            )
        parent = None if scope is None else Stage.of(scope)
        own = coerce(Environment, env, "env") or Environment()
        self.parent_stage: Stage | None = parent
        self.account: str | None = own.account or (parent.account if parent else None)
        self.region: str | None = own.region or (parent.region if parent else None)
        own_name = id if stage_name is None else stage_name
        above = parent.stage_name if parent else ""
        self.stage_name: str = "-".join(filter(None, [above, own_name]))
        if parent is None:
            self.outdir = _directory(outdir)
            self.asset_outdir = self.outdir
        elif outdir is not None:
            raise ValidationError('"outdir" cannot be specified for nested stages')
        else:
            self.outdir = os.path.normpath(os.path.join(parent.outdir, self.artifact_id))
            self.asset_outdir = parent.asset_outdir

    @property
    def artifact_id(self) -> str:
        """The directory of the assembly, and its artifact in that of the parent."""
        return f"assembly-{self.node.path.replace('/', '-')}" if self.node.path else ""

    @staticmethod
    def of(construct: Construct) -> Stage | None:
        """The nearest stage around a construct, None if there is none.

        Args:
            construct: Anything in the tree.
        """
        found = (c for c in reversed(construct.node.scopes) if isinstance(c, Stage))
        return next(found, None)


class App(Stage):
    """The outermost stage.

    Args:
        outdir: Directory of the assembly; ``CDK_OUTDIR`` or a temporary directory if None, as upstream.
        context: Values for :meth:`Node.try_get_context`.
        cli_context: Whether what the CLI hands to a program that it runs as an app holds over ``context``. Nothing of it
            is read otherwise, as it can change hashes.
        default_stack_synthesizer: Where assets go of stacks that do not say it.
        schema_version: Version in the manifests: low by default; :data:`STOCK_SCHEMA_VERSION` for that of stock.
        staging: How file assets are staged that do not say it: ``copy``, ``link``, ``zip`` or ``reference``.
    """

    def __init__(
        self,
        *,
        outdir: StrPath | None = None,
        context: Mapping[str, Any] | None = None,
        cli_context: bool = False,
        default_stack_synthesizer: StackSynthesizer | None = None,
        schema_version: str = SCHEMA_VERSION,
        staging: str | None = None,
    ) -> None:
        super().__init__(None, "", outdir=outdir)
        self.schema_version = schema_version
        self.default_stack_synthesizer = default_stack_synthesizer
        handed = context_of_cli() if cli_context else {}
        for key, value in {**(context or {}), **handed}.items():
            self.node.set_context(key, value)
        if staging is not None:
            self.node.set_context(STAGING, staging)

    def synth(self) -> CloudAssembly:
        """Write the assembly; ``manifest.json`` comes last.

        Returns:
            What was written.

        Raises:
            ValidationError: What would be written is not valid.
            AssetIOError: The system refuses something.
        """
        from lambda_assets.assembly.write import write_assembly  # noqa: PLC0415  it imports this module

        return write_assembly(self, self.schema_version)


class Stack(Construct):
    """What is deployed as one: resources, and the assets that they need.

    Args:
        scope: Its parent; an app of its own if None.
        id: Its name there, ``Default`` if None.
        env: Account and region, those of the stage if None.
        stack_name: Its name, made of the ids if None.
        synthesizer: Where assets go, as the app says if None.
        description: What the template says about itself.
        termination_protection: Whether the stack is protected from deletion.
        notification_arns: Topics that hear of its events.
        tags: Tags of the stack and of all that it holds.

    Attributes:
        account: The account, or its placeholder.
        region: The region, or its placeholder.
        stack_name: Its name.
        artifact_id: Its id in the assembly.
        nested_stack_parent: The stack that this one is a resource of, None if it stands alone.
        needed: Stacks that are deployed before this one, with the reason.

    Raises:
        ValidationError: The name is not valid.
    """

    nested_stack_parent: Stack | None = None
    account: str
    region: str
    stack_name: str
    artifact_id: str
    needed: dict[Stack, str]

    def __init__(  # noqa: PLR0913  the CDK's options
        self,
        scope: Construct | None = None,
        id: str | None = None,  # noqa: A002  the CDK's name
        *,
        env: Environment | Mapping[str, Any] | None = None,
        stack_name: str | None = None,
        synthesizer: StackSynthesizer | None = None,
        description: str | None = None,
        termination_protection: bool | None = None,
        notification_arns: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(App() if scope is None else scope, "Default" if id is None else id)
        stage = Stage.of(self)
        own = coerce(Environment, env, "env") or Environment()
        self.account = own.account or (stage and stage.account) or ACCOUNT
        self.region = own.region or (stage and stage.region) or REGION
        self.termination_protection = bool(termination_protection)
        self.notification_arns = list(notification_arns or ())
        self.tags = dict(tags or {})
        self.needed = {}
        below = stage.node.components if stage else []
        inner = self.node.components[len(below) :]
        self.artifact_id = names.stack_artifact_id(self.node.components)
        generated = names.stack_unique_name(inner)
        if stage and stage.stage_name:
            generated = f"{stage.stage_name}-{generated}"
        self.stack_name = stack_name or generated
        _check_stack_name(self.stack_name)
        self.template = Template(description)
        default = getattr(self.node.root, "default_stack_synthesizer", None)
        self.synthesizer: StackSynthesizer = synthesizer or default or DefaultStackSynthesizer()
        self.specialized = self.synthesizer.bind(self)
        self.assets = AssetManifest()

    @property
    def template_file(self) -> str:
        """File name of the template."""
        return f"{self.artifact_id}.template.json"

    @property
    def outermost(self) -> Stack:
        """This stack, or that around all that it is nested in."""
        parent = self.nested_stack_parent
        return self if parent is None else parent.outermost

    @property
    def dependencies(self) -> list[Stack]:
        """Stacks that are deployed before this one."""
        return list(self.needed)

    @property
    def environment(self) -> str:
        """Account and region as the manifest shows them."""
        account = "unknown-account" if self.account == ACCOUNT else self.account
        region = "unknown-region" if self.region == REGION else self.region
        return f"aws://{account}/{region}"

    @staticmethod
    def of(construct: Construct) -> Stack:
        """The nearest stack around a construct.

        Args:
            construct: Anything in the tree.

        Raises:
            ValidationError: There is none.
        """
        for candidate in reversed(construct.node.scopes):
            if isinstance(candidate, Stack):
                return candidate
        kind = type(construct).__name__
        raise ValidationError(
            f"{kind} at '{construct.node.path}' should be created in the scope of a Stack, but no Stack found",
            "ShouldBeCreatedInStackScope",
        )

    def add_stack_dependency(self, target: Stack, reason: str | None = None) -> None:
        """Deploy another stack first.

        Args:
            target: The other stack.
            reason: Why, for messages.

        Raises:
            ValidationError: The stacks are in different stages, or one would wait for itself.
        """
        from lambda_assets.assembly.dependencies import depend  # noqa: PLC0415  it imports this module

        depend(self, target, reason)

    add_dependency = add_stack_dependency

    def add_file_asset(self, asset: FileAssetSource) -> FileAssetLocation:
        """List a file asset in the manifest.

        Args:
            asset: The asset.

        Returns:
            Where it will be.

        Raises:
            ValidationError: It has neither file name and packaging nor a command.
        """
        entry, location = self.specialized.file_asset(asset)
        self.assets.add_file(asset.source_hash, entry)
        return location

    def add_docker_image_asset(self, asset: DockerImageAssetSource) -> DockerImageAssetLocation:
        """List an image asset in the manifest.

        Args:
            asset: The asset.

        Returns:
            Where it will be.

        Raises:
            ValidationError: It has not exactly one of a directory and a command.
        """
        entry, location = self.specialized.image_asset(asset)
        prefix = f"{asset.asset_name}-" if asset.asset_name else ""
        self.assets.add_image(prefix + asset.source_hash, entry)
        return location

    def add_resource(self, logical_id: str, resource: dict[str, Any]) -> CfnResource:
        """Put a resource into the template.

        Args:
            logical_id: Its name.
            resource: ``Type`` and ``Properties``, as the template shows them.

        Raises:
            ValidationError: The name is taken or not valid.
        """
        return self.template.add_resource(logical_id, resource)

    def add_output(self, logical_id: str, value: object, *, description: str | None = None) -> None:
        """Put an output into the template.

        Args:
            logical_id: Its name.
            value: Its value; a text may have placeholders.
            description: What it is.

        Raises:
            ValidationError: The name is taken or not valid.
        """
        self.template.add_output(logical_id, value, description)


def name_in_stack(construct: Construct) -> str:
    """The path of a construct below the outermost stack around it: what tools call an asset that has no other name.

    Args:
        construct: The construct.
    """
    above = Stack.of(construct).outermost.node.components
    return "/".join(construct.node.components[len(above) :])


def _directory(outdir: StrPath | None) -> str:
    given = path_text(outdir, "outdir") if outdir is not None else cdk_variable("CDK_OUTDIR")
    try:
        if not given:
            return tempfile.mkdtemp(prefix="cdk.out")
        os.makedirs(given, exist_ok=True)
    except OSError as error:
        raise asset_io_error("mkdir", error) from None
    return given


def _check_stack_name(name: str) -> None:
    if len(name) > _MAX_STACK_NAME:
        raise ValidationError(
            f"Stack name must be <= {_MAX_STACK_NAME} characters. Stack name: '{name}'"
        )
    if not _STACK_NAME.fullmatch(name):
        raise ValidationError(
            f"Stack name must match the regular expression: /^[A-Za-z][A-Za-z0-9-]*$/, got '{name}'"
        )
