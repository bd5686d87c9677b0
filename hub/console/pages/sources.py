"""Sources: how each connected system is doing, what may be written to it, what is stuck, and what it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import OPERATORS, Page
from hub.console.sheets import csv_answer
from hub.console.shell import configuration, field, fields, part, redirect, render, shell, tell, tenant_id
from hub.core.configuration import Configuration
from hub.core.redacting import personal_paths, redacted, redacted_text
from hub.errors import RequestError
from hub.flows import profile
from hub.flows.plan_writes import group_of
from hub.store import labels, sources
from hub.store.sources import Source, Which
from hub.store.subscriptions import Modes
from schema import ENTITIES

MODES = ("observe", "propose", "write")
SHOWN = 50
MOST_CSV = 20_000
LOOKED_AT = 50_000
"""Contributions up to which a profile is made while somebody waits."""

SET_MODE = """
mutation SetMode($system: String!, $entity: String!, $group: String!, $mode: String!) {
  setMode(system: $system, entity: $entity, fieldGroup: $group, mode: $mode) { done errors { code message field remedy } } }
"""
SET_PAUSED = "mutation Pause($system: String!, $paused: Boolean!) { setPaused(system: $system, paused: $paused) { done errors { code message field remedy } } }"
CHECK = "mutation Check($system: String!) { checkSystem(system: $system) { findings { about state says remedy } errors { code message field remedy } } }"
DISCONNECT = """
mutation Disconnect($system: String!, $reason: String!) { disconnectSystem(system: $system, reason: $reason) { done errors { code message field remedy } } }
"""
RELEASE = "mutation Release($system: String!) { releaseBrake(system: $system) { done errors { code message field remedy } } }"
RETRY = """
mutation Retry($subscription: ID, $records: [ID!], $task: Long, $entity: String) {
  replay(subscriptionId: $subscription, recordIds: $records, taskId: $task, entity: $entity) { count errors { code message field remedy } } }
"""


async def listed(request: Request) -> Response:
    """Every system in a line."""
    async with shell(request).pool.acquire() as connection:
        found = await sources.read(connection, tenant_id(request))
    if request.query_params.get("format") == "csv":
        header = ("system", "kind", "state", "last_poll", "errors", "waiting_in", "due_out", "waiting_for_parents", "held_by_mode", "parked", "tasks")
        lines = (
            (one.name, one.kind, one.state, one.polled_at, "; ".join(one.errors), one.inbox_open, one.due, one.held("waiting"),
             one.held("observed") + one.held("proposed"), one.held("parked"), sum(each["tasks"] for each in one.tasks))
            for one in found.values()
        )  # fmt: skip
        return csv_answer("sources.csv", header, lines)
    return render(request, "sources/list.html", title="Sources", sources=list(found.values()), most_open=sources.MOST_OPEN)


async def one(request: Request) -> Response:
    source = await source_of(request)
    async with shell(request).pool.acquire() as connection:
        reasons = await sources.parked_reasons(connection, tenant_id(request), source.name)
    return render(request, "sources/one.html", **titled(source), tab="overview", source=source, reasons=reasons, most_open=sources.MOST_OPEN)


async def source_of(request: Request) -> Source:
    """The system the address names; raises NOT_FOUND for one that is not connected."""
    name = request.path_params["system"]
    async with shell(request).pool.acquire() as connection:
        found = (await sources.read(connection, tenant_id(request), name)).get(name)
    if found is None:
        raise RequestError("NOT_FOUND", f"no system {name[:60]!r} is connected", remedy="Look at the list of sources.")
    return found


def titled(source: Source, *more: tuple[str, str]) -> dict[str, Any]:
    """Title and crumbs of a page about a system."""
    crumbs = (("Sources", "/sources"), (source.name, f"/sources/{source.name}" if more else ""), *more)
    return {"title": source.name, "crumbs": crumbs}


# pausing and brakes


async def pause(request: Request) -> Response:
    return await _set_paused(request, True, "is paused: what it should get gathers here.")


async def resume(request: Request) -> Response:
    return await _set_paused(request, False, "goes on.")


async def _set_paused(request: Request, is_paused: bool, said: str) -> Response:
    name = request.path_params["system"]
    await tell(request, SET_PAUSED, system=name, paused=is_paused)
    return redirect(request, f"/sources/{name}", f"{name} {said}")


async def check(request: Request) -> Response:
    """Try the system now; what was found is shown in place."""
    source = await source_of(request)
    told = await tell(request, CHECK, system=source.name)
    return part(request, "sources/one.html", "findings", source=source, findings=told["findings"])


async def disconnect(request: Request) -> Response:
    name = request.path_params["system"]
    await tell(request, DISCONNECT, system=name, reason=await field(request, "reason"))
    return redirect(request, f"/sources/{name}", f"{name} is removed: it is read and written no more. What it told stays.")


async def release(request: Request) -> Response:
    """Let the run go that the brake stopped."""
    name = request.path_params["system"]
    await tell(request, RELEASE, system=name)
    return redirect(request, f"/sources/{name}", f"The brake of {name} is released; what was wanted up to now is sent.")


# modes


async def modes(request: Request) -> Response:
    """What may be written: an entity a line, its field groups below it."""
    source = await source_of(request)
    config = await configuration(request)
    async with shell(request).pool.acquire() as connection:
        held = await sources.held_fields(connection, tenant_id(request), source.name)
    return render(
        request, "sources/modes.html", **titled(source, ("Modes", "")), tab="modes", source=source, modes=MODES,
        matrix=matrix(source, config, held), most_held=sources.MOST_HELD,
    )  # fmt: skip


def matrix(source: Source, config: Configuration, held: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Every entity the system can be written, with the mode in force and what it holds back, whole and by field group."""
    entries = {(each["entity"], each["field_group"]): each for each in source.modes}
    in_force = Modes({(source.name, *name): each["mode"] for name, each in entries.items()})
    found = []
    for entity, names in writable(config, source.name).items():
        meta, counts = ENTITIES[entity], held.get(entity, {})
        groups: dict[str, int] = {}
        for name in names:
            group = group_of(meta, name)
            groups[group] = groups.get(group, 0) + counts.get(name, 0)
        found.append({
            "entity": entity, "mode": in_force.of(source.name, entity, "*"), "entry": entries.get((entity, "*")) or entries.get(("*", "*")),
            "held": source.lanes.get("observed", {}).get(entity, 0) + source.lanes.get("proposed", {}).get(entity, 0),
            "groups": [
                {"name": group, "mode": in_force.of(source.name, entity, group), "entry": entries.get((entity, group)), "held": count}
                for group, count in groups.items()
            ],
        })  # fmt: skip
    return found


def writable(config: Configuration, system: str) -> dict[str, list[str]]:
    """Entity → fields that the system's mapping can write, in the model's order."""
    found: dict[str, set[str]] = {}
    for (name, _), several in config.mappings.items():
        for mapping in several if name == system else ():
            if mapping.fields_out:
                found.setdefault(mapping.entity, set()).update(mapping.fields_out)
    return {entity: [name for name in ENTITIES[entity].fields if name in found[entity]] for entity in ENTITIES if entity in found}


async def preview(request: Request) -> Response:
    """What setting a mode would do, before it is set."""
    source = await source_of(request)
    entity, group, mode = (request.query_params.get(name, "") for name in ("entity", "group", "mode"))
    if mode not in MODES or (entity != "*" and entity not in ENTITIES):
        raise RequestError("INVALID_VALUE", "choose a mode", field="mode", remedy="observe, propose or write.")
    members = _members(entity, group)
    async with shell(request).pool.acquire() as connection:
        told = await sources.consequences(connection, tenant_id(request), source.name, None if entity == "*" else entity, members, mode)
        wanted = [(each["entity"], UUID(plan["golden_id"])) for each in told.writes for plan in each["sample"]]
        names = await labels.read(connection, tenant_id(request), wanted)
    return part(request, "sources/modes.html", "preview", source=source, entity=entity, group=group, set_to=mode, told=told, names=names, members=members)


def _members(entity: str, group: str) -> list[str] | None:
    """The fields of a group; None for all."""
    if group in ("", "*") or entity not in ENTITIES:
        return None
    meta = ENTITIES[entity]
    return [member.name for member in meta.groups[group].members] if group in meta.groups else [group]


async def set_mode(request: Request) -> Response:
    name = request.path_params["system"]
    entity, group, mode = await field(request, "entity"), await field(request, "group", "*"), await field(request, "mode")
    await tell(request, SET_MODE, system=name, entity=entity, group=group or "*", mode=mode)
    what = "everything" if entity == "*" else entity.replace("_", " ") + ("" if group in ("", "*") else f" {group.replace('_', ' ')}")
    return redirect(request, f"/sources/{name}/modes", f"{name}: {what} is set to {mode}.")


# what is stuck


async def parked(request: Request) -> Response:
    """Deliveries set aside, with their reasons; narrowed by the address."""
    source = await source_of(request)
    which, skip, is_csv = _which(request), _number(request.query_params.get("skip")), request.query_params.get("format") == "csv"
    async with shell(request).pool.acquire() as connection:
        rows = await sources.parked(connection, tenant_id(request), source.name, which, skip=0 if is_csv else skip, most=MOST_CSV if is_csv else SHOWN + 1)
        reasons = await sources.parked_reasons(connection, tenant_id(request), source.name)
        names = await labels.read(connection, tenant_id(request), [(row["entity"], row["golden_id"]) for row in rows])
    shown = [{**row, "name": names.get(row["golden_id"], ""), "error": redacted(row["error"] or {}), "reason": redacted_text(row["reason"] or "")} for row in rows]
    if is_csv:
        header = ("entity", "record", "id", "operation", "cause", "reason", "tries", "parked_at")
        lines = ((row["entity"], row["name"], row["golden_id"], row["operation"], row["cause"], row["reason"], row["attempts"], row["updated_at"].isoformat()) for row in shown)
        return csv_answer(f"parked-{source.name}.csv", header, lines)
    return render(
        request, "sources/parked.html", **titled(source, ("Parked", "")), tab="parked", source=source, rows=shown[:SHOWN], reasons=reasons,
        entity=which.entity or "", task=which.task_id or "", skip=skip, has_more=len(rows) > SHOWN, step=SHOWN,
    )  # fmt: skip


def _which(request: Request) -> Which:
    entity = request.query_params.get("entity") or None
    return Which(entity if entity in ENTITIES else None, _number(request.query_params.get("task")) or None)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 18 else 0


async def retry(request: Request) -> Response:
    """Try some, those of a task, or all that the list shows again."""
    name, how = request.path_params["system"], await field(request, "how")
    count = 0
    if how == "marked":
        chosen = await fields(request, "lane")
        if not chosen:
            raise RequestError("NOTHING_CHOSEN", "no delivery is chosen", remedy="Mark some, or try all again.")
        by_subscription: dict[str, list[str]] = {}
        for each in chosen:
            subscription, _, golden = each.partition("/")
            by_subscription.setdefault(subscription, []).append(golden)
        for subscription, records in by_subscription.items():
            count += (await tell(request, RETRY, subscription=subscription, records=records))["count"]
    else:
        entity, task = await field(request, "entity"), await field(request, "task")
        for subscription in await _subscriptions(request, name):
            count += (await tell(request, RETRY, subscription=subscription, entity=entity or None, task=task or None))["count"]
    return redirect(request, f"/sources/{name}/parked", f"{count} deliveries are tried again. What did arrive is not made twice.")


async def _subscriptions(request: Request, system: str) -> list[str]:
    async with shell(request).pool.acquire() as connection:
        rows = await connection.fetch("SELECT id FROM hub.subscription WHERE tenant_id = $1 AND system = $2 AND kind = 'connector'", tenant_id(request), system)
    return [str(row["id"]) for row in rows]


async def attempts(request: Request) -> Response:
    """Every try of one delivery: what was sent and answered, secrets and personal values covered."""
    source = await source_of(request)
    try:
        lane = (UUID(request.path_params["subscription"]), UUID(request.path_params["golden"]), request.query_params.get("key", ""))
    except ValueError:
        raise RequestError("NOT_FOUND", "there is no such delivery", remedy="Look at the list of parked deliveries.") from None
    entity = request.query_params.get("entity", "")
    config = await configuration(request)
    mappings = [mapping for (system, _), several in config.mappings.items() if system == source.name for mapping in several]
    paths = personal_paths(mappings, ENTITIES[entity]) if entity in ENTITIES else frozenset[str]()
    async with shell(request).pool.acquire() as connection:
        rows = await sources.attempts(connection, tenant_id(request), source.name, lane)
    shown = [{**row, **{name: redacted(row[name], paths) for name in ("request", "response", "error")}} for row in rows]
    return part(request, "sources/parked.html", "attempts", source=source, attempts=shown)


# what it holds


async def profiled(request: Request) -> Response:
    """The page of a profile; the figures come by themselves, since they take a while."""
    source = await source_of(request)
    return render(request, "sources/profile.html", **titled(source, ("Profile", "")), tab="profile", source=source)


async def figures(request: Request) -> Response:
    source = await source_of(request)
    async with shell(request).pool.acquire() as connection:
        records = await connection.fetchval(
            "SELECT count(*) FROM (SELECT FROM hub.source_record WHERE tenant_id = $1 AND system = $2 LIMIT $3) AS few",
            tenant_id(request), source.name, LOOKED_AT + 1,
        )  # fmt: skip
    if records > LOOKED_AT:
        return part(request, "sources/profile.html", "figures", source=source, parts=None, most=LOOKED_AT)
    found = await asyncio.wait_for(profile.of_system(shell(request).pool, tenant_id(request), source.name), 20)
    return part(request, "sources/profile.html", "figures", source=source, parts=[each.as_json() for each in found.figures], most=LOOKED_AT)


PAGE = Page(
    "Sources",
    "/sources",
    (
        Route("/sources", listed),
        Route("/sources/{system}", one),
        Route("/sources/{system}/pause", pause, methods=["POST"]),
        Route("/sources/{system}/resume", resume, methods=["POST"]),
        Route("/sources/{system}/release", release, methods=["POST"]),
        Route("/sources/{system}/check", check, methods=["POST"]),
        Route("/sources/{system}/disconnect", disconnect, methods=["POST"]),
        Route("/sources/{system}/modes", modes),
        Route("/sources/{system}/modes", set_mode, methods=["POST"]),
        Route("/sources/{system}/modes/preview", preview),
        Route("/sources/{system}/parked", parked),
        Route("/sources/{system}/retry", retry, methods=["POST"]),
        Route("/sources/{system}/attempts/{subscription}/{golden}", attempts),
        Route("/sources/{system}/profile", profiled),
        Route("/sources/{system}/profile/figures", figures),
    ),
    section="systems",
    icon="plug",
    roles=OPERATORS,
)
