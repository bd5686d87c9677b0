"""What is asked of a database whatever the purpose: what its fields are, and the records that conditions find."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.autotask import filters
from connectors.autotask.config import BASE, AutotaskConfig, Entity
from connectors.autotask.metadata import KEPT_S, Fields, fields_of
from connectors.errors import ConnectorError, SchemaDriftError
from connectors.http import Answer, HttpClient
from connectors.rest.answers import found_at, parsed
from schema.paths import at_path


@dataclass
class Asking:
    """Questions to one database. ``error``: what a refused one is, by its answer and by what was asked."""

    client: HttpClient
    config: AutotaskConfig
    clock: Callable[[], float]
    error: Callable[[Answer, str], ConnectorError]
    known: dict[str, Fields] = field(default_factory=dict)
    """Fields of entities, as they were told."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def fields(self, entity: str, *, older_s: float = KEPT_S) -> Fields:
        """Its fields and picklists, asked for again when they are older than this."""
        async with self._lock:
            known, now = self.known.get(entity), self.clock()
            if known is None or now - known.at >= older_s:
                answer = await self.client.request("GET", f"{BASE}/{entity}/entityInformation/fields")
                if answer.status >= 400:
                    raise self.error(answer, f"describe {entity}")
                known = self.known[entity] = fields_of(parsed(self.config.rest, answer, entity), now, entity, self.config.rest.system)
            return known

    async def cursors(self, entity: Entity) -> list[str]:
        """Of the instants that a change moves, those that this database has."""
        known = (await self.fields(entity.name)).known
        found = [name for name in entity.changed if name in known]
        if entity.changed and not found:
            message = f"{self.config.rest.system} has none of the instants that changes of {entity.name} are found by"
            raise SchemaDriftError(message, object=entity.name, path=entity.changed[0], system=self.config.rest.system)
        return found

    async def page(self, entity: Entity, conditions: Sequence[filters.Condition], what: str) -> Answer:
        """One page of the records that all conditions find, in the order of their ids."""
        query: dict[str, Any] = {"filter": list(conditions), "MaxRecords": self.config.page_size}
        if not entity.udfs:  # how user fields are asked for beside others is not documented: with them, records come whole
            query["IncludeFields"] = (await self.fields(entity.name)).asked(entity)
        answer = await self.client.request("POST", f"{BASE}/{entity.name}/query", json=query, is_read=True)
        if answer.status >= 400:
            raise self.error(answer, what)
        return answer

    async def all(self, entity: Entity, conditions: Sequence[filters.Condition]) -> list[dict[str, Any]]:
        """All records these conditions find, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            last = [filters.is_("id", found[-1]["id"], "gt")] if found else []
            body = parsed(self.config.rest, await self.page(entity, [*last, *conditions], f"read {entity.name}"), entity.name)
            items = self.rows(entity.name, found_at(self.config.rest, body, "items", entity.name))
            found.extend(items)
            if not items or not has_more(body):
                return found

    def rows(self, entity: str, items: Any) -> list[dict[str, Any]]:
        """The records of a page. Raises SchemaDriftError when they are none, or not in the order of their ids."""
        system = self.config.rest.system
        if not isinstance(items, list) or not all(isinstance(item, dict) and isinstance(item.get("id"), int) for item in items):
            raise SchemaDriftError(f"{system} answered no list of {entity}", object=entity, path="items", system=system)
        ids = [item["id"] for item in items]
        if ids != sorted(ids):
            message = f"{system} does not list {entity} by id, so none of them could be said to be read"
            raise SchemaDriftError(message, object=entity, path="items", system=system)
        return items

    async def count(self, entity: Entity) -> int | None:
        """How many records there are, for the progress of a first load; None when it is not said."""
        query = {"filter": [filters.is_("id", 0, "gt")]}
        answer = await self.client.request("POST", f"{BASE}/{entity.name}/query/count", json=query, is_read=True)
        try:
            return int(answer.json()["queryCount"]) if answer.status < 400 else None
        except (ValueError, KeyError, TypeError):
            return None


def has_more(body: Any) -> bool:
    """Whether an answer says that another page follows."""
    return bool(at_path(body, "pageDetails.nextPageUrl"))
