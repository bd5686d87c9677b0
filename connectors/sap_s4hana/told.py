"""What was told of sets that have no versions: of these only what differs is told again, as long as that is safe.

A page counts as told when the next poll begins where it ended, for then the hub has saved it; a poll that begins anywhere else (another
process read meanwhile, a page was not saved) forgets everything, so at worst a record is told once more.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from connectors.port import Incoming

MOST = 200_000
"""Records remembered of one set."""


@dataclass
class Chain:
    """Polls of one set, each of which began where the one before ended."""

    told: dict[str, bytes] = field(default_factory=dict)
    pending: dict[str, bytes] = field(default_factory=dict)
    end: str = ""

    def news(self, messages: Sequence[Incoming], *, is_full: bool) -> tuple[Incoming, ...]:
        """What differs from what was told; of a whole listing everything, since what is missing in it is gone."""
        self.pending = {one.external_id: blake2b(one.body, digest_size=12).digest() for one in messages}
        return tuple(one for one in messages if is_full or self.told.get(one.external_id) != self.pending[one.external_id])


@dataclass
class Told:
    """The chains of all sets of one connector."""

    _chains: dict[str, Chain] = field(default_factory=dict)

    def begun(self, resource: str, checkpoint: str) -> Chain:
        """The chain a poll belongs to: the one that ended at this checkpoint, else a new one."""
        chain = self._chains.get(resource)
        if chain is None or not checkpoint or chain.end != checkpoint:
            chain = self._chains[resource] = Chain()
        chain.told |= chain.pending
        if len(chain.told) > MOST:
            chain.told.clear()
        chain.pending, chain.end = {}, ""
        return chain


def mark() -> str:
    """What makes an end of a poll unlike any other."""
    return secrets.token_hex(4)
