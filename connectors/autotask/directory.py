"""Where the ids of a record lead, and back: the code of its country, the currency of its company, the project of its task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.autotask import filters
from connectors.autotask.asking import Asking
from connectors.autotask.config import MOST, Entity
from connectors.autotask.joins import INTERNAL, INTERNAL_ID, Hop, Join, Known
from connectors.autotask.records import is_same
from connectors.errors import RejectedError, SchemaDriftError


@dataclass
class Directory:
    """The joins of one database, and what they found."""

    asking: Asking
    _known: Known = field(init=False, repr=False)
    _internal: list[int] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        self._known = Known(self._hop, self.asking.clock)

    async def leads(self, join: Join, items: list[dict[str, Any]]) -> list[Any]:
        """What a join leads each of the records to; a currency that is not said is the firm's own."""
        if join.internal == INTERNAL_ID:
            return [await self._internal_id()] * len(items)
        currency = self.asking.config.currency
        found = [currency] * len(items) if join.internal == INTERNAL else await self._known.along(join, items)
        return [one or currency for one in found] if join.is_currency else found

    async def back(self, entity: Entity, ours: str, value: Any) -> tuple[str, Any]:
        """The field and id behind a value that a join reads. Raises RejectedError when no record says it."""
        way, system = entity.joins[ours].plain, self.asking.config.rest.system
        assert way is not None
        if value is None:
            return way.start, None
        there, name = way.hops[0].entity, way.hops[0].field
        found = await self.asking.all(Entity(there, ("id", name)), [filters.is_(name, value)])
        ids = [item["id"] for item in found if is_same(item.get(name), value)]
        if not ids:
            remedy = f"Enter it among the {there} in Autotask, or mend the value in the hub."
            raise RejectedError(f"{system} has no {there} {str(value)[:40]!r}", cause="reference", field=way.start, remedy=remedy, system=system)
        return way.start, ids[0]

    async def _internal_id(self) -> int:
        """Which of its currencies is the firm's own."""
        if not self._internal:
            found = await self.asking.all(Entity("Currencies", ("id", "name")), [filters.is_("isInternalCurrency", value=True)])
            if not found:
                system = self.asking.config.rest.system
                raise SchemaDriftError(f"{system} has no internal currency", object="Currencies", path="isInternalCurrency", system=system)
            self._internal.append(int(found[0]["id"]))
        return self._internal[0]

    async def _hop(self, hop: Hop, ids: list[int]) -> dict[int, Any]:
        """What a field of these records says, with its label; or the only record whose field holds the id."""
        entity, found = Entity(hop.entity, ("id", hop.field)), list[dict[str, Any]]()
        for start in range(0, len(ids), MOST):
            found += await self.asking.all(entity, [filters.among(hop.field if hop.is_back else "id", ids[start : start + MOST])])
        if hop.is_back:
            holders: dict[int, list[int]] = {}
            for item in found:
                holders.setdefault(int(item[hop.field]), []).append(int(item["id"]))
            return {id: those[0] for id, those in holders.items() if len(those) == 1}
        fields = await self.asking.fields(hop.entity)
        return {int(item["id"]): fields.label(hop.field, item.get(hop.field)) for item in found}
