"""The tree of constructs: a parent, children with distinct ids, and a context that children inherit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambda_assets.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_assets.assembly.scope import Construct


@dataclass(frozen=True, slots=True)
class MetadataEntry:
    """Something noted on a construct.

    Attributes:
        type: The kind of note.
        data: Any JSON.
    """

    type: str
    data: Any


class Node:
    """The place of a construct in the tree.

    Attributes:
        id: Its name below its parent.
        scope: Its parent, None for the root.
    """

    def __init__(self, host: Construct, scope: Construct | None, id: str) -> None:  # noqa: A002
        self._host = host
        self.scope = scope
        self.id = id.replace("/", "--")
        self._children: dict[str, Construct] = {}
        self._context: dict[str, Any] = {}
        self._metadata: list[MetadataEntry] = []
        if scope is None:
            return
        if not id:
            raise ValidationError("Only root constructs may have an empty ID")
        siblings = scope.node._children  # noqa: SLF001  of this class
        if self.id in siblings:
            kind = type(scope).__name__
            named = f" [{scope.node.id}]" if scope.node.id else ""
            raise ValidationError(
                f"There is already a Construct with name '{self.id}' in {kind}{named}", "Error"
            )
        siblings[self.id] = host

    @property
    def scopes(self) -> list[Construct]:
        """The constructs from the root down to this one."""
        above = [] if self.scope is None else self.scope.node.scopes
        return [*above, self._host]

    @property
    def components(self) -> list[str]:
        """The ids from the root down, without empty ones."""
        return [c.node.id for c in self.scopes if c.node.id]

    @property
    def path(self) -> str:
        """The ids from the root down, with slashes."""
        return "/".join(self.components)

    @property
    def root(self) -> Construct:
        """The construct at the top."""
        return self.scopes[0]

    @property
    def children(self) -> list[Construct]:
        """The constructs right below, in order of creation."""
        return list(self._children.values())

    @property
    def metadata(self) -> list[MetadataEntry]:
        """What was noted here."""
        return list(self._metadata)

    def find_all(self) -> Iterator[Construct]:
        """This construct and all below, each before its children."""
        yield self._host
        for child in self.children:
            yield from child.node.find_all()

    def try_find_child(self, id: str) -> Construct | None:  # noqa: A002
        """The child with an id, None if there is none.

        Args:
            id: Its id.
        """
        return self._children.get(id.replace("/", "--"))

    def find_child(self, id: str) -> Construct:  # noqa: A002
        """The child with an id.

        Args:
            id: Its id.

        Raises:
            ValidationError: There is none.
        """
        child = self.try_find_child(id)
        if child is None:
            raise ValidationError(f"No child with id: '{id}'")
        return child

    def set_context(self, key: str, value: object) -> None:
        """Set a value for this construct and those below.

        Args:
            key: Its key.
            value: Any JSON.

        Raises:
            ValidationError: There are children, which may have read another value.
        """
        if self._children:
            names = ",".join(self._children)
            raise ValidationError(f"Cannot set context after children have been added: {names}")
        self._context[key] = value

    def try_get_context(self, key: str) -> Any:  # noqa: ANN401  any JSON
        """The value set here or at the nearest construct above, None if there is none.

        Args:
            key: Its key.
        """
        if key in self._context:
            return self._context[key]
        return None if self.scope is None else self.scope.node.try_get_context(key)

    def add_metadata(self, type: str, data: object) -> None:  # noqa: A002
        """Note something.

        Args:
            type: The kind of note.
            data: Any JSON.
        """
        self._metadata.append(MetadataEntry(type, data))
