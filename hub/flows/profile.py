"""Profile a source before trusting it: a file that is not loaded yet, or what a system has contributed. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.port import Incoming
from hub.errors import RequestError
from hub.flows import load_setup
from hub.flows.load import Read, open_pool
from hub.flows.load_plan import FilePlan, plan_of
from hub.flows.profile_figures import (
    EXAMPLES,
    Check,
    Figures,
    Orphans,
    Refers,
    check_of,
    folded,
    guess,
    name_columns,
)
from hub.flows.profile_report import Profile, show
from hub.settings import Settings
from hub.store import loads
from hub.store.pool import Pool
from schema import ENTITIES
from schema.mapping import Mapping as SystemMapping
from schema.mapping import unbound
from schema.mapping_lines import Line
from schema.paths import flattened

SHOWN_BAD = 10
LOOKED_AT = 1000


async def main(
    settings: Settings, tenant: str, source: str, mapping: Path | None = None, as_json: bool = False, *, read: Read
) -> int:
    """``hub profile``: print what a file or a system holds; 0 when that could be said, whatever it is."""
    if Path(source).is_file():
        plan = plan_of(mapping, is_only_read=True) if mapping else None
        show(of_file(Path(source), plan, read), as_json)
        return 0
    pool = await open_pool(settings)
    try:
        show(await of_system(pool, await load_setup.tenant_of(pool, tenant), source), as_json)
        return 0
    finally:
        await pool.close()


# a file


def of_file(file: Path, plan: FilePlan | None, read: Read) -> Profile:
    """The profile of a file; with a plan the mapping says what columns are, else their names do.

    A file whose lines belong to several systems is profiled for each. Raises :class:`RequestError` when it cannot be read.
    """
    plan = plan if plan and plan.mappings else FilePlan(("record",), dialect=plan.dialect if plan else {})
    profile = Profile(file.name, [])
    sight = _Sight()
    parts: dict[str, _Part] = {}
    every = tuple(one for some in plan.mappings.values() for one in some)
    looked_at, strange = 0, set[str]()
    for found, _ in read(file, plan.objects[0], sight, plan.dialect):
        if not isinstance(found, Incoming):
            profile.bad_lines += 1
            if len(profile.bad) < SHOWN_BAD:
                profile.bad.append(f"line {found.number}: {found.reason}")
            continue
        record = flattened(sight.record)
        system = str(record.get(plan.system_column) or "?") if plan.system_column else ""
        if system not in parts:
            parts[system] = _Part(plan, f"{file.name} {system}".strip(), list(record))
        parts[system].add(sight.record, record, f"line {found.line}")
        if every and looked_at < LOOKED_AT:
            looked_at += 1
            strange |= unbound(every, sight.record) - {plan.system_column}
    profile.figures = [parts[name].done() for name in sorted(parts)]
    profile.unbound = tuple(sorted(strange))
    return profile


class _Sight:
    """Remembers the record at hand; every record has an id here, so that none is passed over."""

    def __init__(self) -> None:
        self.record: Mapping[str, Any] = {}

    def __call__(self, record: Mapping[str, Any]) -> str | None:
        self.record = record
        return "-"


class _Part:
    """One system's lines of a file under way."""

    def __init__(self, plan: FilePlan, title: str, columns: list[str]) -> None:
        self._plan = plan
        mappings = [one for some in plan.mappings.values() for one in some]
        self.figures = Figures(
            title, _checks(mappings), _named_by(plan, columns), _country_by(mappings, columns), tuple(_refers(mappings)), not mappings
        )
        self._known: dict[tuple[str, str], set[int]] = {}
        self._answers = [(object_, plan.identify(object_), _path_of(some[0], "name")) for object_, some in plan.mappings.items()]

    def add(self, record: Mapping[str, Any], flat: Mapping[str, Any], where: str) -> None:
        self.figures.add(flat, where)
        for object_, identify, named in self._answers:
            id_ = identify(record)
            if object_ not in self._plan.repeats:
                self.figures.has_id(id_, where)
            self._known.setdefault((object_, "id"), set()).add(hash(folded(id_ or "")))
            if named and flat.get(named):
                self._known.setdefault((object_, "name"), set()).add(hash(folded(str(flat[named]))))

    def done(self) -> Figures:
        """Complete with the references that nothing in the file answers."""
        for one in self.figures.refers:
            counts = self.figures.mentioned.get((one.column, one.object), Counter())
            known = self._known.get((one.object, one.by))
            missing = {name: count for name, count in counts.items() if known is None or hash(name) not in known}
            shown = [f"{name} ×{count}" for name, count in Counter(missing).most_common(EXAMPLES)]
            to = f"{one.object} by {one.by}"
            self.figures.orphans.append(Orphans(one.column, to, sum(missing.values()), len(missing), shown, known is not None))
        return self.figures


def _checks(mappings: list[SystemMapping]) -> dict[str, Check]:
    """Column → how it is checked, by the field it is bound to; of the firm's own fields by the column's name."""
    found: dict[str, Check] = {}
    for one in mappings:
        for line in one.lines:
            check = guess(line.path) if line.field.startswith("extra.") else check_of(ENTITIES[one.entity].fields.get(line.field))
            if line.path and check is not None:
                found.setdefault(line.path, _through(line, check))
    return found


def _through(line: Line, check: Check) -> Check:
    """The check of what the line's codec makes of a raw value; what it cannot read is invalid."""

    def is_valid(value: Any, country: str) -> bool | None:
        try:
            told = line.codec.read(value) if not line.codec.beside else value
        except ValueError:
            return False
        return None if told is None else check.is_valid(told, country)

    return Check(check.name, is_valid, check.is_identifier)


def _named_by(plan: FilePlan, columns: list[str]) -> tuple[str, ...]:
    for object_, some in plan.mappings.items():
        if object_ not in plan.repeats:
            called = [path for name in ("name", "given_name", "family_name") if (path := _path_of(some[0], name))]
            if called:
                return tuple(called)
    return () if plan.mappings else name_columns(columns)


def _country_by(mappings: list[SystemMapping], columns: list[str]) -> str:
    stated = next((path for one in mappings if (path := _path_of(one, "country"))), "")
    return stated or next((one for one in columns if one.lower() == "country"), "")


def _path_of(mapping: SystemMapping, name: str) -> str:
    return next((line.path for line in mapping.lines if line.field == name), "")


def _refers(mappings: list[SystemMapping]) -> Iterator[Refers]:
    for one in mappings:
        for line in one.lines:
            if line.codec.name == "reference":
                told = line.codec.read("any")
                if told["system"] == one.system:
                    yield Refers(line.path, told["object"], "name" if "name" in told else "id")


# a system


async def of_system(pool: Pool, tenant_id: int, system: str) -> Profile:
    """The profile of what a system has contributed, for each of its objects and entities.

    Raises :class:`RequestError` when the tenant has no such system.
    """
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        known = [row["name"] for row in await connection.fetch("SELECT name FROM hub.system WHERE tenant_id = $1 ORDER BY 1", tenant_id)]
        if system not in known:
            raise RequestError(
                "UNKNOWN_SYSTEM", f"{system!r} is neither a file nor a connected system; systems are {', '.join(known) or 'none yet'}"
            )
        figures: dict[tuple[str, str], Figures] = {}
        async for row in loads.contributions(connection, tenant_id, system):
            name = (row["object"], row["entity"])
            if name not in figures:
                figures[name] = _figures_of(f"{system} {row['object']}", row["entity"])
            figures[name].add({key: _shown(value) for key, value in row["values"].items()}, row["external_id"])
        for row in await loads.orphans(connection, tenant_id, system, EXAMPLES):
            for (_, entity), one in figures.items():
                if entity == row["entity"]:
                    to = f"{row['object'].removesuffix('#name')} by {'name' if row['object'].endswith('#name') else 'id'}"
                    one.orphans.append(Orphans(row["field"], to, row["records"], row["different"], list(row["examples"])))
    return Profile(system, [figures[name] for name in sorted(figures)])


def _figures_of(title: str, entity: str) -> Figures:
    fields = ENTITIES[entity].fields
    checks = {name: check for name, one in fields.items() if (check := check_of(one)) is not None}
    named = tuple(name for name in ("name", "given_name", "family_name") if name in fields)
    return Figures(title if title.endswith(f" {entity}") else f"{title} as {entity}", checks, named, "country" if "country" in fields else "")


def _shown(value: Any) -> Any:
    """A canonical value as one cell: of a reference its id or name."""
    if isinstance(value, dict) and "object" in value:
        return value.get("name", value.get("id"))
    return value
