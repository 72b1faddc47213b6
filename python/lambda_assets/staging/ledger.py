"""What an app has put under which name: the first asset of a name keeps it, and nothing else is trusted."""

from __future__ import annotations

import os
import warnings
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambda_assets.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_assets.assembly.scope import Construct


@dataclass(frozen=True, slots=True)
class Claim:
    """What an asset puts under a name.

    Attributes:
        owner: What tells its inputs from those of others, their content aside.
        wanted: Digest of what must be there; None if it can't be known without making it.
        look: Digest of what is at a path; None if nothing of the kind is.
    """

    owner: object
    wanted: Callable[[], str | None]
    look: Callable[[str], str | None]


@dataclass(slots=True, weakref_slot=True)
class Ledger:
    """The names of one app.

    Attributes:
        claims: Path of each name, and what was put there.
        settled: Path of each name that this app has put or compared, with its inode and change time.
        tidied: Directories in which leftovers were looked for.
    """

    claims: dict[str, Claim] = field(default_factory=dict)
    settled: dict[str, tuple[int, int]] = field(default_factory=dict)
    tidied: set[str] = field(default_factory=set)

    def may_stay(self, target: str, claim: Claim) -> bool:
        """Whether what lies at a name is what an asset would put there, or belongs to an earlier asset of the app.

        Two assets of one name are the user's doing (one custom hash for two sources) or differ in what the CDK's hash
        doesn't see. Upstream gives both what the first had; so does this, with a warning.

        Args:
            target: The name.
            claim: What the asset would put there.
        """
        first = self.claims.get(target)
        if (
            first is not None
            and first.owner == claim.owner
            and _stamp(target) == self.settled.get(target)
        ):
            # The same inputs under the same hash, and what this app put there is there: upstream does not look either.
            return True
        try:
            found = claim.look(target)
            if found is None:
                return False
            if found == claim.wanted():
                self.settle(target, self.claims.setdefault(target, claim))
                return True
            if first is None or first.owner == claim.owner or first.look(target) != first.wanted():
                return False
        except AssetError:
            return False  # it changes while it is looked at, or is unreadable
        warnings.warn(
            f"two assets have the name {target!r} and differ in content; both get that of the first:"
            " give them different hashes, for example by asset_hash or AssetHashType.OUTPUT",
            stacklevel=2,
        )
        return True

    def settle(self, target: str, claim: Claim) -> None:
        """Note that a name has what an asset wants.

        Args:
            target: The name.
            claim: What the asset wants.
        """
        self.claims[target] = claim
        stamp = _stamp(target)
        if stamp is not None:
            self.settled[target] = stamp


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_ctime_ns


_ledgers: weakref.WeakKeyDictionary[Construct, Ledger] = weakref.WeakKeyDictionary()


def ledger_of(root: Construct) -> Ledger:
    """The ledger of an app.

    Args:
        root: Its root.
    """
    return _ledgers.setdefault(root, Ledger())
