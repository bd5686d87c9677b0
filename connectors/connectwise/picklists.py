"""The firm's own lists (statuses, countries, stages, currencies): read from the vendor, told with the records that refer to them, and found
by name when a record is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connectors.connectwise.config import Kind
from connectors.errors import RejectedError
from schema.paths import ABSENT, at_path

HOLDS_S = 900.0


class Entries(NamedTuple):
    """A list as it was read: by id."""

    read_at: float
    by_id: Mapping[str, Mapping[str, Any]]


@dataclass
class Picklists:
    """``listed`` reads a list to its end, given its path and what is being done."""

    system: str
    listed: Callable[[str, str], Awaitable[list[Any]]]
    clock: Callable[[], float]
    _kept: dict[str, Entries] = field(default_factory=dict)

    async def read_for(self, kind: Kind) -> None:
        """Have what is told with the records of a kind."""
        await asyncio.gather(*(self.read(one.path) for one in kind.picklists.values() if one.tells))

    async def read(self, path: str, *, anew: bool = False) -> None:
        known = self._kept.get(path)
        if known is None or anew or self.clock() - known.read_at > HOLDS_S:
            rows = await self.listed(path, f"list {path}")
            self._kept[path] = Entries(self.clock(), {str(row["id"]): row for row in rows if isinstance(row, dict) and "id" in row})

    def entries(self, path: str) -> Mapping[str, Mapping[str, Any]]:
        known = self._kept.get(path)
        return known.by_id if known else {}

    def has_for(self, kind: Kind) -> bool:
        return all(one.path in self._kept for one in kind.picklists.values() if one.tells)

    def told(self, kind: Kind, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record with what the lists say of its references."""
        found = dict(record)
        for name, pick in kind.picklists.items():
            stated = found.get(name)
            entry = self.entries(pick.path).get(str(stated.get("id"))) if isinstance(stated, dict) else None
            if entry is not None and isinstance(stated, dict):
                tells = {key: next(_values(entry, paths), None) for key, paths in pick.tells.items()}
                found[name] = stated | {key: value for key, value in tells.items() if value is not None and stated.get(key) is None}
        return found

    async def picked(self, kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
        """A body whose named values have the ids they have with this firm. Raises RejectedError for one it does not have."""
        found = dict(body)
        for name, pick in kind.picklists.items():
            stated = found.get(name)
            wanted = stated.get(pick.by) if isinstance(stated, Mapping) and "id" not in stated else None
            if wanted is not None:
                found[name] = {"id": await self._id_of(name, pick.path, pick.tells.get(pick.by, (pick.by,)), wanted)}
        return found

    async def _id_of(self, name: str, path: str, keys: tuple[str, ...], wanted: Any) -> Any:
        """The id of the entry with this value; a list that lacks it is read anew once."""
        for anew in (False, True):
            await self.read(path, anew=anew)
            for entry in self.entries(path).values():
                if wanted in _values(entry, keys):
                    return entry["id"]
        remedy = f"Set it up in ConnectWise ({path}), or map its code (Codes in the console)."
        raise RejectedError(f"{self.system} has no {name} {wanted!r}", cause="validation", field=name, remedy=remedy, system=self.system)


def _values(entry: Mapping[str, Any], paths: tuple[str, ...]) -> Iterator[Any]:
    """What an entry says at these paths, as far as it says something plain."""
    for path in paths:
        found = at_path(entry, path)
        if found is not ABSENT and found is not None and not isinstance(found, dict | list):
            yield found
