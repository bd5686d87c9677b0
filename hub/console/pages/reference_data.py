"""Reference data: the governed sets of codes and the governed entities, their values, validity and use."""

from __future__ import annotations

from collections import Counter
from typing import Any

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import Page
from hub.console.sheets import csv_answer
from hub.console.shell import part, render, shell, tenant_id
from hub.errors import RequestError
from hub.store import codes, labels, reference
from hub.store.statements import Connection
from schema import CODE_SETS, ENTITIES
from schema.codes import CodeSet
from schema.fields import Family
from schema.language import EntityMeta

SHOWN = 25
MOST_CSV = 50_000


async def listed(request: Request) -> Response:
    """Every set of codes and every governed entity."""
    wanted = request.query_params.get("q", "").strip().lower()
    async with shell(request).pool.acquire() as connection:
        counts = await reference.counts(connection, tenant_id(request))
        mapped: dict[str, set[str]] = {}
        for row in await codes.maps(connection, tenant_id(request)):
            mapped.setdefault(row["code_set"], set()).add(row["system"])
    sets = [
        {"set": one, "fields": codes.fields_of(name), "systems": sorted(mapped.get(name, ()))}
        for name, one in sorted(CODE_SETS.items()) if wanted in f"{name} {one.doc}".lower().replace("_", " ") or wanted in name.lower()
    ]  # fmt: skip
    entities = [meta for meta in reference.entities() if wanted in f"{meta.name} {meta.doc}".lower().replace("_", " ")]
    return render(request, "reference_data/list.html", title="Reference data", sets=sets, entities=entities, counts=counts, wanted=wanted)


def _set(request: Request) -> CodeSet:
    name = request.path_params["set"]
    if name not in CODE_SETS:
        raise RequestError("NOT_FOUND", f"there is no set of codes {name[:60]!r}", remedy="Look at the list of reference data.")
    return CODE_SETS[name]


async def code_set(request: Request) -> Response:
    """One set: its values with their labels; what systems call them and how often they are used come by themselves."""
    one = _set(request)
    crumbs = (("Reference data", "/reference"), (one.name, ""))
    return render(request, "reference_data/set.html", title=one.name, crumbs=crumbs, set=one, fields=codes.fields_of(one.name))


async def set_usage(request: Request) -> Response:
    """How often golden records hold each value, and what systems call it."""
    one = _set(request)
    async with shell(request).pool.acquire() as connection:
        spoken: dict[str, list[str]] = {}
        for row in await connection.fetch(
            "SELECT system, theirs, ours FROM hub.code_map WHERE tenant_id = $1 AND code_set = $2 ORDER BY system, theirs", tenant_id(request), one.name
        ):
            spoken.setdefault(row["ours"], []).append(f"{row['system']}: {row['theirs']}")
        usage = await _counted(connection, tenant_id(request), one.name)
    values: dict[str, dict[str, Any]] = {value: {"label": text} for value, text in one.values.items()}
    for value in (usage or {}).keys() | spoken.keys():
        values.setdefault(value, {"label": "the firm's own" if one.is_open else "not a value of the set"})
    rows = [
        {"value": value, **told, "count": sum((usage or {}).get(value, {}).values()), "fields": dict((usage or {}).get(value, {})), "spoken": spoken.get(value, [])}
        for value, told in values.items()
    ]  # fmt: skip
    if request.query_params.get("format") == "csv":
        return csv_answer(f"set-{one.name}.csv", ("value", "label", "used", "spoken"), ((row["value"], row["label"], row["count"], "; ".join(row["spoken"])) for row in rows))
    return part(request, "reference_data/set.html", "usage", set=one, rows=rows, is_counted=usage is not None)


async def _counted(connection: Connection, tenant: int, name: str) -> dict[str, Counter[str]] | None:
    """How often values are used; None when counting takes longer than somebody may wait."""
    try:
        async with connection.transaction(readonly=True):
            return await codes.usage(connection, tenant, name)
    except asyncpg.QueryCanceledError:
        return None


def _entity(request: Request) -> EntityMeta:
    meta = ENTITIES.get(request.path_params["entity"])
    if meta is None or meta.family is not Family.REFERENCE:
        raise RequestError("NOT_FOUND", "there is no such governed entity", remedy="Look at the list of reference data.")
    return meta


async def entity(request: Request) -> Response:
    """The rows of a governed entity, with parent, validity and use."""
    meta, starts = _entity(request), request.query_params.get("q", "").strip()
    skip = int(request.query_params.get("skip", "0")) if request.query_params.get("skip", "0").isdigit() else 0
    is_csv = request.query_params.get("format") == "csv"
    async with shell(request).pool.acquire() as connection:
        rows = await reference.rows(connection, tenant_id(request), meta, starts=starts, skip=0 if is_csv else skip, most=MOST_CSV if is_csv else SHOWN + 1)
        parents = await labels.read(connection, tenant_id(request), [(meta.name, row["parent_id"]) for row in rows if row["parent_id"]])
        uses = {} if is_csv else await reference.uses(connection, tenant_id(request), meta, [row["id"] for row in rows[:SHOWN]])
    if is_csv:
        lines = ((row["id"], row["code"], row["label"], parents.get(row["parent_id"], ""), row["valid_from"], row["valid_to"], row["state"]) for row in rows)
        return csv_answer(f"{meta.plural}.csv", ("id", "code", "name", "parent", "valid_from", "valid_to", "state"), lines)
    return render(
        request, "reference_data/entity.html", title=meta.plural.replace("_", " ").capitalize(), crumbs=(("Reference data", "/reference"), (meta.plural.replace("_", " "), "")),
        meta=meta, rows=rows[:SHOWN], has_more=len(rows) > SHOWN, skip=skip, step=SHOWN, parents=parents, uses=uses, starts=starts, enough=reference.ENOUGH,
    )  # fmt: skip


PAGE = Page(
    "Reference data",
    "/reference",
    (
        Route("/reference", listed),
        Route("/reference/sets/{set}", code_set),
        Route("/reference/sets/{set}/usage", set_usage),
        Route("/reference/{entity}", entity),
    ),
    section="rules",
    icon="book",
)
