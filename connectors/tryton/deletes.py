"""Which records a log of deletes is about.

``ir.model.log`` tells that something was deleted and no longer what: its ``resource`` reads as empty once the record is gone. Yet one
may still search by it, so an id is found digit by digit: which rows are about an id that begins with 1, which with 12, which *are* 12.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.tryton.database import Database

LOG = "ir.model.log"
DIGITS = 15
"""Longer than any id."""


@dataclass
class Deleted:
    """The rows of a model's log of deletes, each with the id it is about; what was found out is kept."""

    database: Database
    _known: dict[str, dict[int, int]] = field(default_factory=dict)

    def unknown(self, model: str, rows: Iterable[int]) -> set[int]:
        """The rows whose ids were not found out yet."""
        return set(rows) - self._known.get(model, {}).keys()

    async def ids(self, model: str, rows: Iterable[int]) -> dict[int, int]:
        """Row of the log → id of the record that was deleted."""
        known, wanted = self._known.setdefault(model, {}), set(rows)
        if missing := self.unknown(model, wanted):
            await self._find(model, missing, "", known)
        return {row: known[row] for row in sorted(wanted & known.keys())}

    async def _find(self, model: str, rows: set[int], prefix: str, known: dict[int, int]) -> None:
        if prefix:
            about = await self._about(rows, "=", f"{model},{prefix}")
            known.update(dict.fromkeys(about, int(prefix)))
            rows = rows - about
        for digit in "0123456789" if prefix else "123456789":
            if not rows or len(prefix) == DIGITS:
                return
            inside = await self._about(rows, "like", f"{model},{prefix}{digit}%")
            if inside:
                await self._find(model, inside, prefix + digit, known)
                rows = rows - inside

    async def _about(self, rows: set[int], operator: str, value: str) -> set[int]:
        return set(await self.database.search(LOG, [["id", "in", sorted(rows)], ["resource", operator, value]]))
