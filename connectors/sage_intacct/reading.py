"""Asking the gateway for records, and putting each together: with its lines, with what other objects say of it, with what is made of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConfigurationError, SchemaDriftError
from connectors.sage_intacct import functions
from connectors.sage_intacct.config import CURRENCIES, Entry, Join
from connectors.sage_intacct.gateway import Gateway, Result
from connectors.sage_intacct.records import agrees, derive, record, text
from connectors.sage_intacct.state import State
from connectors.xml import Element
from schema.paths import at_path

Rows = list[dict[str, Any]]
MOST_ALIKE = 3
"""So many candidates are enough to see that there is more than one."""


@dataclass
class Reader:
    """Reads one company. ``page``: how many records are asked for at once; ``currency``: what a record has that says none."""

    gateway: Gateway
    page: int
    currency: str = ""
    _known: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False)

    async def changed(self, entry: Entry, state: State) -> tuple[Rows, int, str | None]:
        """The next records of a walk by their numbers, how many remain, and the vendor's clock."""
        asked = entry.asked
        conditions = list(_always(asked))
        if state.asked_from:
            conditions.append(functions.condition("greaterthanorequalto", asked.modified, functions.stamp(state.asked_from)))
        if state.after:
            conditions.append(functions.condition("greaterthan", "RECORDNO", str(state.after)))
        return await self._queried(asked, conditions, f"list {entry.object}")

    async def composed(self, entry: Entry, told: Rows) -> Rows:
        """Whole records of what a query told; of headers, their lines."""
        if not told:
            return []
        if entry.header is not None:
            headers = {text(one.get("RECORDNO")): one for one in told}
            told = await self.lines(entry.object, entry.by, await self._fields(entry.object, entry.selected, entry.optional), list(headers))
            for one in told:
                one[entry.header.object] = headers[text(one.get(entry.by))]
        if entry.lines is not None:
            await self._attach(entry, told)
        await self._join(entry.joins, told)
        for one in told:
            self._say_currency(entry, one)
            derive(one, entry.derived)
        return told

    def _say_currency(self, entry: Entry, one: dict[str, Any]) -> None:
        """Companies of one currency have no fields for it, or leave them empty."""
        for name in CURRENCIES if self.currency else ():
            for fields, found in ((entry.fields, one), (entry.header.fields, one[entry.header.object]) if entry.header else ((), one)):
                if name in fields and not text(found.get(name)):
                    found[name] = self.currency
            for join in entry.joins:
                one.update({mine: self.currency for mine, theirs in join.take.items() if theirs == name and not text(one.get(mine))})

    async def lines(self, object: str, by: str, names: Sequence[str], headers: Sequence[str]) -> Rows:
        """All lines of these headers, in the order in which they were entered."""
        found: Rows = []
        for start in range(0, len(headers), functions.MOST_IN):
            some = functions.condition("in", by, *headers[start : start + functions.MOST_IN])
            after = 0
            while True:
                conditions = [some, *([functions.condition("greaterthan", "RECORDNO", str(after))] if after else [])]
                result, _ = await self.gateway.one(functions.query(object, names, conditions, size=self.page), f"list {object}")
                rows, remaining = self._rows(result, object, "")
                found.extend(rows)
                if not rows or not remaining:
                    break
                after = max(number_of(one, object) for one in rows)
        return found

    async def deleted(self, entry: Entry, since: str) -> list[tuple[str, str]]:
        """Key and instant of what the audit trail says was deleted since."""
        found: list[tuple[str, str]] = []
        conditions = [
            functions.condition("equalto", "OBJECTTYPE", entry.asked.audit), functions.condition("equalto", "ACCESSMODE", "D"),
            functions.condition("greaterthanorequalto", "ACCESSTIME", functions.stamp(since)),
        ]  # fmt: skip
        fields = ("OBJECTTYPE", "OBJECTKEY", "ACCESSMODE", "ACCESSTIME")
        while True:
            function = functions.query("AUDITHISTORY", fields, conditions, order="ACCESSTIME", size=self.page, offset=len(found))
            result, _ = await self.gateway.one(function, f"list deleted {entry.object}")
            rows, remaining = self._rows(result, "AUDITHISTORY", "ACCESSTIME")
            found.extend((text(one.get("OBJECTKEY")), text(one.get("ACCESSTIME"))) for one in rows)
            if not rows or not remaining:
                return found

    async def one(self, entry: Entry, external_id: str) -> dict[str, Any] | None:
        """A record as it is now; a webhook may name it by its record number where it is known by another id."""
        parts = external_id.split("|") if len(entry.id) > 1 else [external_id]
        if len(parts) == len(entry.id):
            found = await self.alike(entry, dict(zip(entry.id, parts, strict=True)), f"read {entry.object}")
            if found:
                return found[0]
        if entry.id == ("RECORDNO",) or not (external_id.isascii() and external_id.isdecimal()):
            return None
        found = await self.alike(entry, {"RECORDNO": external_id}, f"read {entry.object}")
        return found[0] if found else None

    async def alike(self, entry: Entry, wanted: Mapping[str, Any], what: str) -> Rows:
        """The records that have these values, a few of them, whole. What lies in a header or is derived is compared here."""
        made, beside = {one.name for one in entry.derived}, entry.header.object if entry.header else ""
        plain = {name: text(value) for name, value in wanted.items() if name not in made and name.partition(".")[0] != beside and text(value)}
        number = plain.get("RECORDNO", "0")
        if not (number.isascii() and number.isdecimal()):
            return []
        if not plain:
            raise ConfigurationError(f"{entry.object} cannot be looked up by {', '.join(wanted) or 'nothing'}")
        conditions = [*_always(entry), *(functions.condition("equalto", name, value) for name, value in plain.items())]
        rows, _, _ = await self._queried(entry, conditions, what)
        if entry.header is None:
            rows = await self.composed(entry, rows[: MOST_ALIKE + 1])
        elif rows:
            keys = sorted({text(one.get(entry.by)) for one in rows})[: functions.MOST_IN]
            headers, _, _ = await self._queried(entry.header, [functions.condition("in", "RECORDNO", *keys)], what)
            lines = {text(one.get("RECORDNO")) for one in rows}
            rows = [one for one in await self.composed(entry, headers) if text(one.get("RECORDNO")) in lines]
        return [one for one in rows if agrees(one, wanted)][: MOST_ALIKE + 1]

    async def _queried(self, entry: Entry, conditions: Sequence[Element], what: str) -> tuple[Rows, int, str | None]:
        names = await self._fields(entry.object, entry.selected, entry.optional)
        result, date = await self.gateway.one(functions.query(entry.object, names, conditions, size=self.page), what)
        rows, remaining = self._rows(result, entry.object, entry.modified)
        return rows, remaining, date

    def _rows(self, result: Result, object: str, modified: str) -> tuple[Rows, int]:
        system = self.gateway.config.system
        if result.data is None:
            raise SchemaDriftError(f"{system} answered a query of {object} with no data", object=object, path="data", system=system)
        try:
            remaining = int(result.data.attributes.get("numremaining", "0") or 0)
        except ValueError as error:
            raise SchemaDriftError(f"{system} does not say how many {object} remain", object=object, path="numremaining", system=system) from error
        return [record(each, modified) for each in result.data.children], remaining

    async def _fields(self, object: str, wanted: Sequence[str], optional: frozenset[str]) -> Sequence[str]:
        """What is asked for: optional fields only where the company has them."""
        if not optional:
            return wanted
        if object not in self._known:
            result, _ = await self.gateway.one(functions.lookup(object), f"look at the fields of {object}")
            self._known[object] = _field_names(result.data)
            if not self._known[object]:
                system = self.gateway.config.system
                raise SchemaDriftError(f"{system} does not say which fields {object} has", object=object, path="Fields", system=system)
        return [one for one in wanted if one not in optional or one in self._known[object]]

    async def _attach(self, entry: Entry, told: Rows) -> None:
        lines = entry.lines
        assert lines is not None
        names = tuple(dict.fromkeys(("RECORDNO", lines.by, *lines.fields)))
        headers = [text(one.get("RECORDNO")) for one in told]
        found = await self.lines(lines.object, lines.by, await self._fields(lines.object, names, lines.optional), headers)
        await self._join(lines.joins, found)
        by_header: dict[str, Rows] = {}
        for one in found:
            derive(one, lines.derived)
            own = by_header.setdefault(text(one.get(lines.by)), [])
            own.append(one | {"LINE_SEQ": len(own) + 1})
        for one in told:
            one["LINES"] = by_header.get(text(one.get("RECORDNO")), [])

    async def _join(self, joins: Sequence[Join], told: Rows) -> None:
        for join in joins:
            keys = sorted({text(at_path(one, join.on)) for one in told} - {""})
            rows: dict[str, dict[str, Any]] = {}
            for start in range(0, len(keys), functions.MOST_IN):
                some = functions.condition("in", join.key, *keys[start : start + functions.MOST_IN])
                wanted = tuple(dict.fromkeys((join.key, *join.take.values())))
                fields = await self._fields(join.object, wanted, frozenset(join.take.values()))
                result, _ = await self.gateway.one(functions.query(join.object, fields, [some], order=join.key), f"look up {join.object}")
                rows |= {text(at_path(one, join.key)): one for one in self._rows(result, join.object, "")[0]}
            for one in told:
                other = rows.get(text(at_path(one, join.on)), {})
                for name, theirs in join.take.items():
                    one[name] = text(at_path(other, theirs))


def number_of(told: Mapping[str, Any], object: str) -> int:
    """A record's number. Raises SchemaDriftError when it has none."""
    number = text(told.get("RECORDNO"))
    if not (number.isascii() and number.isdecimal()):
        raise SchemaDriftError(f"a record of {object} has no RECORDNO", object=object, path="RECORDNO")
    return int(number)


def _always(entry: Entry) -> Iterator[Element]:
    """What holds for every record that is read of an object."""
    yield from (functions.condition("equalto", name, value) for name, value in entry.where.items())
    yield from (functions.condition("isnotnull", name) for name in entry.needs)


def _field_names(data: Element | None) -> frozenset[str]:
    """The ids of the fields that a lookup tells."""
    waiting, found = [data] if data is not None else [], set()
    while waiting:
        one = waiting.pop()
        waiting.extend(one.children)
        if one.name == "Field":
            found.add(one.said("ID"))
    return frozenset(found)
