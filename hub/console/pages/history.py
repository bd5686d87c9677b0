"""The history of a record: every version as a step with before, after and cause; and the record as it stood at any of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.api.access import masked_fields
from hub.console.page import Page
from hub.console.pages.record_parts import Place, around, camel, place_of, where_of
from hub.console.shell import ask, attempt, person, redirect, render, shell, tenant_id
from hub.core.records import Golden
from hub.errors import RequestError
from hub.store import golden, labels, versions
from schema.kinds import FieldKind
from schema.language import entity_name

SIZE = 30
HISTORY = """query History($id: ID!, $first: Int!, $after: String) { record: %s(id: $id) { history(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id version op at cause actor correlationId backfill masked fields { field before after } } } } }"""
MESSAGES = """query Messages($correlation: String!) { inbox(correlationId: $correlation, first: 20) {
    nodes { id system object externalId channel actor receivedAt outcome body problems { cause reason } } } }"""


async def history(request: Request) -> Response:
    """The timeline, newest first, with the slider above it."""
    at = place_of(request)
    found = await where_of(request, at)
    if found["id"] != str(at.id):
        return redirect(request, f"/record/{at.meta.name}/{found['id']}/history", f"The record was merged into {found['label']}.")
    data = await ask(request, HISTORY % camel(at.meta.name), id=str(at.id), first=SIZE, after=request.query_params.get("after") or None)
    steps = data["record"]["history"]
    shown, named = await _then(request, at, found["version"]), await _named(request, at, steps["nodes"])
    return render(request, "history/history.html", **around(at, found, "history"), steps=steps["nodes"], page=steps["pageInfo"], total=steps["totalCount"], then=shown, named=named)


async def _named(request: Request, at: Place, steps: list[dict[str, Any]]) -> Callable[[str, Any], Any]:
    """How the values of steps are shown: a reference by what its record is called now."""
    targets = {camel(one.name): entity_name(one.target) for one in at.meta.references}
    wanted = {
        (targets[each["field"]], UUID(value))
        for step in steps for each in step["fields"] if each["field"] in targets for value in (each["before"], each["after"]) if isinstance(value, str)
    }  # fmt: skip
    async with shell(request).pool.acquire() as connection:
        found = await labels.read(connection, tenant_id(request), wanted)
    return lambda field, value: found.get(UUID(value), value) if field in targets and isinstance(value, str) else value


async def then(request: Request) -> Response:
    """The record as it stood at one version, differences to now marked; what the slider swaps in."""
    at = place_of(request)
    text = request.query_params.get("version", "")
    return render(request, "history/then.html", then=await _then(request, at, int(text) if text.isdigit() else 0), path=at.path, meta=at.meta)


async def _then(request: Request, at: Place, version: int) -> dict[str, Any]:
    """What a version said, field by field, beside what stands now. References are called as they are called now."""
    who = person(request).principal
    who.need_everything()
    async with shell(request).pool.acquire() as connection:
        standing = (await golden.read(connection, tenant_id(request), at.meta, [at.id])).get(at.id)
        now = standing.golden.version if standing is not None else version
        read = await versions.read(connection, tenant_id(request), [(at.meta.name, at.id, one) for one in sorted({version, now})])
        one, present = read.get((at.id, version)), read.get((at.id, now))
        if one is None or present is None:
            raise RequestError("NOT_FOUND", f"there is no version {version} of this record", field="version", remedy="Choose one of its versions.")
        named = await labels.read(connection, tenant_id(request), _referred(at, (one, present)))
    hidden = masked_fields(at.meta, who.role)
    names = [name for name in (*at.meta.fields, "extra") if name in one.values or name in present.values]
    rows = [
        {"name": name, "masked": name in hidden, "then": _told(at, name, one, named), "now": _told(at, name, present, named)}
        for name in names
    ]  # fmt: skip
    return {"version": version, "now": now, "state": one.record_state, "rows": rows, "differing": sum(row["then"] != row["now"] for row in rows)}


def _referred(at: Place, several: tuple[Golden, ...]) -> set[tuple[str, UUID]]:
    return {(entity_name(one.target), UUID(each.values[one.name])) for each in several for one in at.meta.references if each.values.get(one.name)}


def _told(at: Place, name: str, one_of: Golden, named: dict[UUID, str]) -> Any:
    """A value, or what the record it leads to is called."""
    value, one = one_of.values.get(name), at.meta.fields.get(name)
    if value is not None and one is not None and one.kind is FieldKind.REFERENCE:
        return named.get(UUID(value), value)
    return value


async def messages(request: Request) -> Response:
    """The messages behind a step, by their correlation id."""
    data, troubles = await attempt(request, MESSAGES, correlation=request.query_params.get("correlation", ""))
    return render(request, "history/messages.html", messages=(data.get("inbox") or {}).get("nodes") or [], troubles=troubles)


PAGE = Page(
    "History", "",
    (
        Route("/record/{entity}/{id}/history", history),
        Route("/record/{entity}/{id}/then", then),
        Route("/record/{entity}/{id}/messages", messages),
    ),
    section="records", icon="clock",
)  # fmt: skip
