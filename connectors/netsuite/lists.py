"""Short lists that people edit in NetSuite (terms, currencies): what their entries are called, read from NetSuite itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.netsuite import suiteql

AGAIN_S = 60.0
"""What is not found is looked for again, but not more often than this."""
Ask = Callable[[str, str], Awaitable[list[Any]]]


@dataclass
class Lists:
    """Entries by the field that names them; read when first asked for, and again when one is missing. Names compare without case."""

    tables: Mapping[str, tuple[str, str]]
    ask: Ask
    clock: Callable[[], float]
    _names: dict[str, dict[str, str]] = field(default_factory=dict, init=False)
    _read_at: dict[str, float] = field(default_factory=dict, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def names(self, field: str) -> Mapping[str, str]:
        """Name by id."""
        await self._read(field, 3600.0)
        return self._names[field]

    async def id_of(self, field: str, name: str) -> str | None:
        """Id of the entry of this name, None when there is none."""
        for patience_s in (3600.0, AGAIN_S):
            await self._read(field, patience_s)
            found = next((id for id, one in self._names[field].items() if one.casefold() == name.casefold()), None)
            if found is not None:
                return found
        return None

    async def _read(self, field: str, patience_s: float) -> None:
        async with self._lock:
            if field in self._names and self.clock() - self._read_at[field] < patience_s:
                return
            rows = await self.ask(f"list {field}", suiteql.listed(*self.tables[field]))
            self._names[field] = {str(row["id"]): str(row.get("name") or "") for row in rows}
            self._read_at[field] = self.clock()
