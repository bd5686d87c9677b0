"""What a record says by ids of other entities: read along them, a page of records at a time, and remembered for a while.

``countryID > Countries.countryCode`` is the code of its country; ``companyID > Companies.currencyID > Currencies.name`` goes on from
there; ``taskID > Tasks.projectID | ticketID > Tickets.projectID`` takes the first that leads somewhere (``= 13``
stands for one that always does); ``contractID < Projects.contractID``
is the only project of the contract, if there is just one; ``internal currency`` and ``internal currency id`` are the firm's own.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_STEP = re.compile(r"([A-Za-z]\w*)\.([A-Za-z]\w*)")
INTERNAL, INTERNAL_ID = "internal currency", "internal currency id"
KEPT_S = 3600.0
"""How long what was read is taken to hold."""


@dataclass(frozen=True, slots=True)
class Hop:
    """From an id to a field of the entity; ``is_back``: to the id of the only record whose field holds it."""

    entity: str
    field: str
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    start: str
    hops: tuple[Hop, ...]
    constant: int | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Ways to a value, in order; or what is ``internal``."""

    ways: tuple[Way, ...] = ()
    internal: str = ""

    @property
    def is_currency(self) -> bool:
        """Whether it leads to a currency's code."""
        return self.internal == INTERNAL or any(way.hops[-1:] == (Hop("Currencies", "name"),) for way in self.ways)

    @property
    def plain(self) -> Way | None:
        """The way back from a value to the field it was read by, where there is one."""
        return self.ways[0] if len(self.ways) == 1 and len(self.ways[0].hops) == 1 and not self.ways[0].hops[0].is_back else None


def parse_join(said: str) -> Join:
    """
    >>> parse_join("countryID > Countries.countryCode").plain
    Way(start='countryID', hops=(Hop(entity='Countries', field='countryCode', is_back=False),), constant=None)
    """
    if said in (INTERNAL, INTERNAL_ID):
        return Join(internal=said)
    return Join(tuple(_way(one.strip(), said) for one in said.split("|")))


def _way(said: str, whole: str) -> Way:
    if said.startswith("=") and said[1:].strip().isdecimal():
        return Way("", (), int(said[1:]))
    start, *rest = re.split(r"\s*([<>])\s*", said)
    hops = []
    for sign, step in zip(rest[::2], rest[1::2], strict=True):
        found = _STEP.fullmatch(step)
        if found is None:
            raise ValueError(f"expected a way such as companyID > Companies.currencyID, got {whole!r}")
        hops.append(Hop(found[1], found[2], sign == "<"))
    if not hops or not re.fullmatch(r"\w+", start):
        raise ValueError(f"expected a way such as companyID > Companies.currencyID, got {whole!r}")
    return Way(start, tuple(hops))


Find = Callable[[Hop, list[int]], Awaitable[Mapping[int, Any]]]
"""What a hop leads to, for many ids at once; an id that leads nowhere is left out."""


@dataclass
class Known:
    """What hops led to, until it is forgotten."""

    find: Find
    clock: Callable[[], float]
    most: int = 100_000
    _found: dict[Hop, dict[int, tuple[float, Any]]] = field(default_factory=dict)

    async def ahead(self, hop: Hop, ids: Iterable[int]) -> dict[int, Any]:
        """What these ids lead to."""
        now, known = self.clock(), self._found.setdefault(hop, {})
        wanted = set(ids)
        missing = sorted(one for one in wanted if one not in known or known[one][0] <= now)
        if len(known) + len(missing) > self.most:
            known.clear()
            missing = sorted(wanted)
        if missing:
            found = await self.find(hop, missing)
            known.update({one: (now + KEPT_S, found.get(one)) for one in missing})
        return {one: known[one][1] for one in wanted}

    async def along(self, join: Join, records: list[dict[str, Any]]) -> list[Any]:
        """Where a join leads each of the records; None where nowhere."""
        found: list[Any] = [None for _ in records]
        for way in join.ways:
            if way.constant is not None:
                return [way.constant if answer is None else answer for answer in found]
            here = [record.get(way.start) if answer is None else None for record, answer in zip(records, found, strict=True)]
            for hop in way.hops:
                leads = await self.ahead(hop, (one for one in map(_id, here) if one is not None))
                here = [None if (id := _id(one)) is None else leads.get(id) for one in here]
            found = [new if answer is None else answer for new, answer in zip(here, found, strict=True)]
        return found


def _id(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return int(value) if isinstance(value, int) or (value.isascii() and value.isdecimal()) else None
