"""Which writes would follow a plan: what each connected system would be sent after it and would not be sent now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from connectors.port import Capabilities, ObjectCapabilities
from hub.core.configuration import Configuration
from hub.core.contexts import contexts_of, seen_in
from hub.core.records import Golden
from hub.flows import contexts, plan_writes
from hub.flows.plans_compute import Seen
from hub.store import crosswalk, subscriptions
from hub.store.lanes import Lane
from hub.store.statements import Connection
from hub.store.subscriptions import Modes, Subscription
from schema import ENTITIES

NO_TOKEN = UUID(int=0)
ABLE = ObjectCapabilities(can_create=True, can_update=True, can_deactivate=True)


@dataclass(frozen=True, slots=True)
class Reader:
    """A connected system that takes changes, and how."""

    subscription: Subscription
    system: str
    has_connector: bool


async def readers(tx: Connection, config: Configuration) -> list[Reader]:
    """The subscriptions by which systems are written to."""
    rows = await tx.fetch(
        "SELECT id, name, kind, system, filter, payload, coalesces FROM hub.subscription "
        "WHERE tenant_id = $1 AND kind = 'connector' AND state <> 'disabled' ORDER BY name",
        config.tenant_id,
    )
    return [
        Reader(
            Subscription(row["id"], row["name"], row["kind"], row["system"], None, None, row["filter"], row["payload"], row["coalesces"]),
            row["system"], bool(config.systems[row["system"]].connector),
        )
        for row in rows if row["system"] in config.systems
    ]  # fmt: skip


async def following(
    tx: Connection, now: Configuration, then: Configuration, entity: str, seen: Mapping[UUID, Seen], to: Sequence[Reader]
) -> list[dict[str, Any]]:
    """Rows of golden_id, system, entity, mode, op and fields: what is written after the plan and not before it.

    ``now`` and ``then`` are the configurations before and after; only records whose values change are looked at, and every one
    where some consumer has a context: what it is sent may change without them.
    """
    in_contexts = any(contexts_of(ENTITIES[entity], config.policy) for config in (now, then))
    changed = {golden_id: one for golden_id, one in seen.items() if in_contexts or (one.step is not None and one.step.op != "lineage")}
    if not changed:
        return []
    modes = await subscriptions.modes(tx, now.tenant_id)
    rows: list[dict[str, Any]] = []
    for reader in to:
        wanted = reader.subscription.filter.get("entities")
        if (not wanted or entity in wanted) and _takes(now, reader.system, entity):
            rows += await _of_one(tx, now, then, entity, changed, reader, modes)
    return rows


def _takes(config: Configuration, system: str, entity: str) -> bool:
    return any(
        one.entity == entity and one.fields_out for (name, _), several in config.mappings.items() if name == system for one in several
    )


async def _of_one(
    tx: Connection, now: Configuration, then: Configuration, entity: str, changed: Mapping[UUID, Seen], reader: Reader, modes: Modes
) -> list[dict[str, Any]]:
    externals = await crosswalk.external_ids(tx, now.tenant_id, reader.system, _referred(entity, changed.values()))
    objects = {object_ for system, object_ in now.mappings if system == reader.system}
    able = Capabilities((), dict.fromkeys(objects, ABLE)) if reader.has_connector else None
    rows: list[dict[str, Any]] = []
    for golden_id, one in changed.items():
        told = []
        joined = one.contributions if one.joined is None else one.joined
        for config, golden, said in ((now, one.before, one.contributions), (then, one.after, joined)):
            is_there = golden is not None and golden.is_born
            told.append(_write(config, reader, able, modes, replace(one, contributions=said), golden, externals, entity) if golden is not None and is_there else None)
        before, after = told
        if after is None:
            continue
        pending = before["fields"] if before is not None and before["op"] == after["op"] else {}
        fields = {name: way for name, way in after["fields"].items() if pending.get(name) != way}
        if fields or before is None:
            rows.append({"golden_id": golden_id, "system": reader.system, "entity": entity, **after, "fields": fields})
    return rows


def _write(
    config: Configuration, reader: Reader, able: Capabilities | None, modes: Modes, one: Seen, golden: Golden,
    externals: Mapping[UUID, Any], entity: str,
) -> dict[str, Any] | None:  # fmt: skip
    """Mode, op and fields of the write a golden record leads to; None when it leads to none."""
    name = contexts.context_of(config, reader.subscription)
    if name:
        golden = seen_in(ENTITIES[entity], golden, one.contributions, one.decisions, config.policy, name, one.at, one.resolve)
        config = contexts.under(config, name)
    context = plan_writes.Context(
        config, config.systems[reader.system], able, modes, {(golden.id, 1): golden}, {golden.id: one.contributions},
        {golden.id: one.decisions}, externals, {},
    )  # fmt: skip
    lane = Lane(reader.subscription, golden.id, "", entity, 1, 0, 0, 0, None, None, "", NO_TOKEN)
    planned = plan_writes.plan(context, lane)
    if planned.shown is None:
        return None
    held = set(planned.held.values())
    mode = "write" if not held else held.pop() if len(held) == 1 and planned.verdict == "hold" else "mixed"
    return {"mode": mode, "op": planned.shown["op"], "fields": planned.shown["fields"]}


def _referred(entity: str, seen: Iterable[Seen]) -> set[UUID]:
    names = [one.name for one in ENTITIES[entity].references]
    goldens = [golden for one in seen for golden in (one.before, one.after) if golden is not None]
    return {UUID(golden.values[name]) for golden in goldens for name in names if golden.values.get(name)}
