"""What one service says of a record completed by another: whose customer a number is, which project a WBS element belongs to; and back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.errors import RejectedError
from connectors.odata.config import EntitySet
from connectors.odata.query import alike, both, compared, either
from connectors.sap_s4hana.config import Join, Shape
from connectors.sap_s4hana.derived import ZERO
from connectors.sap_s4hana.shapes import bare, rows_at
from schema.paths import ABSENT, at_path, put_path

if TYPE_CHECKING:
    from connectors.sap_s4hana.connector import SapConnector

AT_ONCE = 25
"""Records looked for in one request: an address has its limits."""
KEPT_S = 300.0
MOST_KEPT = 50_000

Values = tuple[str, ...]
Row = Mapping[str, Any]


@dataclass
class Joins:
    """Looks rows up in bulk and keeps them a while."""

    connector: SapConnector
    _kept: dict[tuple[str, Values, Values], tuple[float, Row]] = field(default_factory=dict)
    _shut: dict[str, float] = field(default_factory=dict)
    """Services that are not ours to ask → until when they are not asked again."""

    async def complete(self, one: EntitySet, shape: Shape, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records with what joins lend, each below the join's name; None where there is no such row."""
        for join in shape.joins:
            rows = [row for record in records for row in rows_at(record, join.at)]
            wanted = [_values(row, join) for row in rows]
            found = await self._found(join, {values for values in wanted if values})
            for row, values in zip(rows, wanted, strict=True):
                row[join.name] = _lent(join, found.get(values)) if values else None
        return records

    async def _found(self, join: Join, wanted: Iterable[Values]) -> dict[Values, Row]:
        now = time.monotonic()
        place = f"{join.rows.name} {join.rows.where}", tuple(join.by.values())
        held = {values: self._kept.get((*place, values)) for values in wanted}
        found: dict[Values, Row] = {values: kept[1] for values, kept in held.items() if kept is not None and kept[0] > now and _is_enough(join, kept[1])}
        missing = sorted(values for values in held if values not in found)
        if missing and self._shut.get(join.rows.service, 0.0) > now:
            return found
        for start in range(0, len(missing), AT_ONCE):
            for row in await self._asked(join, missing[start : start + AT_ONCE]):
                values = tuple(_text(row.get(name), join, name) for name in join.by.values())
                found.setdefault(values, row)
        if len(self._kept) > MOST_KEPT:
            self._kept.clear()
        for values in missing:
            if values in found:
                self._kept[(*place, values)] = (now + KEPT_S, found[values])
        return found

    async def _asked(self, join: Join, wanted: Sequence[Values]) -> list[dict[str, Any]]:
        try:
            return await self._asked_there(join, wanted)
        except RejectedError as error:
            if not (join.is_optional and error.cause in ("permission", "not_found")):
                raise
            self._shut[join.rows.service] = time.monotonic() + KEPT_S
            return []

    async def _asked_there(self, join: Join, wanted: Sequence[Values]) -> list[dict[str, Any]]:
        types = await self.connector.types_of(join.rows)
        names = tuple(join.by.values())
        conditions = [alike(dict(zip(names, values, strict=True)), types, 2) for values in wanted]
        asked = either(*(f"({one})" if len(names) > 1 and len(conditions) > 1 else one for one in conditions))
        return await self.connector.rows_of(join.rows, both(join.rows.where, asked))

    async def stated(self, shape: Shape, body: dict[str, Any], *, lends: bool = True) -> dict[str, Any]:
        """A body with what it says of joined rows told by the record's own fields. Raises RejectedError when there is no such row."""
        for join in shape.joins:
            said = body.pop(join.name, None) if not join.at else None
            wanted = {name: value for name, value in (said or {}).items() if value not in (None, "")}
            if not wanted:
                continue
            row = await self._row(join, wanted)
            for path, name in join.by.items():
                put_path(body, path, row[name])
            for name in join.lends if lends else ():
                if at_path(body, name) in (ABSENT, None, "") and row.get(name):
                    body[name] = row[name]
        return body

    async def _row(self, join: Join, wanted: Mapping[str, Any]) -> Row:
        types = await self.connector.types_of(join.rows)
        own = join.take[0]
        is_whole = bool(join.root) and own not in wanted
        root = compared(join.root, "eq", ZERO, types.get(join.root, ""), 2) if is_whole else ""
        rows = await self.connector.rows_of(join.rows, both(join.rows.where, alike(dict(wanted), types, 2), root), top=2)
        if not rows:
            system = self.connector.config.system
            raise RejectedError(
                f"{system} has no {join.rows.set} for the {join.name}", cause="reference", field=next(iter(join.by)), system=system,
                remedy=f"Enter it there ({' and '.join(sorted(wanted))} are known), then retry.",
            )  # fmt: skip
        return rows[0]


def _values(row: Mapping[str, Any], join: Join) -> Values:
    """What a row is looked for by; () when a part of it is missing."""
    found = tuple(_text(at_path(row, path), join, name) for path, name in join.by.items())
    return found if all(one.strip("0") for one in found) else ()


def _text(value: Any, join: Join, name: str) -> str:
    if value is ABSENT or value is None:
        return ""
    return str(bare(value) if name in join.numbers else value)


def _is_enough(join: Join, row: Row) -> bool:
    return all(name in row for name in join.take)


def _lent(join: Join, row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    found = {name: bare(row.get(name)) if name in join.numbers else row.get(name) for name in join.take}
    if join.root and row.get(join.root) == ZERO:
        found[join.take[0]] = None  # it stands for its parent, which is told by another field
    return found
