"""One golden record: its values in their groups with owner and lineage, who says otherwise, its crosswalk, tasks and decisions.

A value is changed in place: the form says how risky that is, and a risky change becomes a proposal instead of a change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.console.page import OPERATORS, Page
from hub.console.pages.record_parts import Place, around, camel, codes_of, field_named, place_of, sections, where_of
from hub.console.shell import ask, attempt, field, form, person, redirect, render, shell, tell, tenant_id, with_events
from hub.console.sheets import MOST_LINES, csv_answer
from hub.core.financial_gates import GATED
from hub.core.risk import risk_of
from hub.errors import RequestError
from hub.store import labels, related, where
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import Field

AROUND = """query Around($id: ID!) {
    decisions(recordId: $id, first: 50) { nodes { id kind field value reason actor rule madeAt until withdrawnAt withdrawnBy } } }"""
GATES = """query Gates($entity: String!, $id: ID!) { gatesOf(entity: $entity, id: $id) { code verdict reason ctl team remedy money { amount currency } } }"""
OVERRIDE = """mutation Override($entity: String!, $id: ID!, $field: String!, $value: JSON, $reason: String!, $until: DateTime, $once: Boolean!, $version: Int) {
    override(entity: $entity, id: $id, field: $field, value: $value, reason: $reason, until: $until, untilSourceChanges: $once, expectedVersion: $version) {
        decisionId proposal { id risk } errors { code message field remedy retryable } } }"""
WITHDRAW = """mutation Withdraw($id: Long!) { withdraw(decisionId: $id) { decisionId proposal { id risk } errors { code message field remedy retryable } } }"""
ACCEPT = """mutation Accept($source: Long!, $field: String!, $reason: String!) {
    accept(sourceId: $source, field: $field, reason: $reason) { decisionId proposal { id risk } errors { code message field remedy retryable } } }"""


async def record(request: Request) -> Response:
    """The record; one that was merged away leads to its survivor."""
    at = place_of(request)
    found = await where_of(request, at)
    if found["id"] != str(at.id):
        return redirect(request, f"/record/{at.meta.name}/{found['id']}", f"The record was merged into {found['label']}.")
    with_empty = request.query_params.get("empty") == "1"
    decided, troubles = await _decisions(request, at)
    return render(
        request, "record/record.html", **around(at, found, "values"), sections=sections(at.meta, found, with_empty=with_empty), with_empty=with_empty,
        decisions=decided, troubles=troubles, may_decide=person(request).may(*OPERATORS),
        is_gated=at.meta.name in GATED,
    )  # fmt: skip


async def _decisions(request: Request, at: Place) -> tuple[list[Any], Any]:
    """What was decided about the record; readers do not see it."""
    if not person(request).may(*OPERATORS):
        return [], ()
    data, troubles = await attempt(request, AROUND, id=str(at.id))
    return (data.get("decisions") or {}).get("nodes") or [], troubles


async def related_records(request: Request) -> Response:
    """What refers to the record; read apart, since an old client has many."""
    person(request).principal.need_everything()
    at = place_of(request)
    async with shell(request).pool.acquire() as connection:
        found = await related.read(connection, tenant_id(request), at.meta.name, at.id)
    return render(request, "record/related.html", related=found, most=related.MOST, path=at.path)


async def gates(request: Request) -> Response:
    """What stands between the record and its invoice: every gate with its reason, and who opens it."""
    at = place_of(request)
    found = (await ask(request, GATES, entity=at.meta.name, id=str(at.id)))["gatesOf"]
    return render(request, "record/gates.html", gates=sorted(found or (), key=lambda one: VERDICTS.index(one["verdict"])))


VERDICTS = ("failed", "unknown", "passed")
"""What a person looks at first."""


def _way(request: Request, at: Place) -> tuple[str, str]:
    """(entity, field) by which records refer to this one; raises NOT_FOUND for a way the model does not have."""
    name, way = request.path_params["by"], request.path_params["way"]
    meta = ENTITIES.get(name)
    if meta is None or way not in {one.name for one in meta.references if one.target == at.meta.type_name}:
        raise RequestError("NOT_FOUND", "nothing refers to a record that way", remedy="Go back to the record.")
    return name, way


async def referring(request: Request) -> Response:
    """All records that refer to this one by one field, page by page."""
    person(request).principal.need_everything()
    at = place_of(request)
    name, way = _way(request, at)
    after = request.query_params.get("after", "")
    async with shell(request).pool.acquire() as connection:
        named = await labels.read(connection, tenant_id(request), [(at.meta.name, at.id)])
        found = await related.page(connection, tenant_id(request), name, way, at.id, _id_of(after))
    if at.id not in named:
        raise RequestError("NOT_FOUND", "there is no such record", remedy="Search for it by name, number or id.")
    label = named[at.id]
    return render(
        request, "record/referring.html", title=ENTITIES[name].plural, crumbs=[(label, at.path), (ENTITIES[name].plural.replace("_", " "), "")], label=label,
        name=name, plural=ENTITIES[name].plural, way=way, path=f"{at.path}/related/{name}/{way}", found=found[: related.PAGE],
        following=found[related.PAGE - 1].golden_id if len(found) > related.PAGE else None,
    )  # fmt: skip


async def referring_csv(request: Request) -> Response:
    """The same as a sheet, as far as a sheet goes."""
    person(request).principal.need_everything()
    at = place_of(request)
    name, way = _way(request, at)
    async with shell(request).pool.acquire() as connection:
        found = await related.page(connection, tenant_id(request), name, way, at.id, size=MOST_LINES)
    rows = [(one.golden_id, one.label, one.record_state, one.updated_at.isoformat()) for one in found[:MOST_LINES]]
    return csv_answer(f"{ENTITIES[name].plural}-{at.id}.csv", ("id", "name", "record_state", "updated_at"), rows)


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def edit(request: Request) -> Response:
    """The form that changes a field, or the group it moves with."""
    at = place_of(request)
    name, fields = field_named(at.meta, request.path_params["field"])
    found = await where_of(request, at)
    rows = {row["field"]: row for row in found["fields"]}
    return render(
        request, "record/edit.html", found=found, path=at.path, name=name, inputs=[_input(one, rows) for one in fields], risk_class=risk_of(at.meta, name).value,
        doc=at.meta.groups[name].doc if name in at.meta.groups else fields[0].doc, meta=at.meta,
    )  # fmt: skip


def _input(one: Field[Any], rows: Mapping[str, Any]) -> dict[str, Any]:
    """How a value is typed in: one control for plain kinds, a box of JSON for lists."""
    row = rows.get(camel(one.name))
    value = row["value"] if row else None
    controls = {
        FieldKind.BOOLEAN: "boolean", FieldKind.CODE: "code", FieldKind.DATE: "date", FieldKind.MONEY: "money", FieldKind.PRICE: "price",
        FieldKind.QUANTITY: "quantity", FieldKind.LISTING: "json",
    }  # fmt: skip
    return {
        "name": one.name, "doc": one.doc, "control": controls.get(one.kind, "text"), "codes": codes_of(one), "kind": one.kind.value, "target": one.target,
        "value": json.dumps(value, ensure_ascii=False, indent=1) if one.kind is FieldKind.LISTING and value is not None else value,
        "label": row["label"] if row else None,
    }  # fmt: skip


async def override(request: Request) -> Response:
    """Fix a value by hand, or ask a second person to."""
    at = place_of(request)
    name, fields = field_named(at.meta, request.path_params["field"])
    given = await form(request)
    values = {one.name: typed(one, given) for one in fields}
    until = await field(request, "until")
    version = await field(request, "version")
    done = await tell(
        request, OVERRIDE, entity=at.meta.name, id=str(at.id), field=name, value=values if name in at.meta.groups else values[name],
        reason=await field(request, "reason"), until=f"{until}T00:00:00Z" if until else None, once=await field(request, "once") == "1",
        version=int(version) if version.isdigit() else None,
    )  # fmt: skip
    return _decided(request, at, done, f"{name.replace('_', ' ').capitalize()} is fixed by hand.")


def typed(one: Field[Any], given: Mapping[str, Any]) -> Any:
    """A value as it was typed, in canonical form; empty is empty. Raises INVALID_VALUE with the field's name.

    >>> from schema.client import Client
    >>> typed(Client.blocked, {"blocked": "true"}), typed(Client.name, {"name": " "})
    (True, None)
    """
    text = str(given.get(one.name, "")).strip()
    match one.kind:
        case FieldKind.MONEY | FieldKind.PRICE | FieldKind.QUANTITY:
            return _amount(one, text, given)
        case FieldKind.BOOLEAN:
            return {"true": True, "false": False}.get(text)
        case FieldKind.INTEGER:
            return _number(one, text)
        case FieldKind.REFERENCE:
            return {"id": text} if text else None
        case FieldKind.LISTING:
            return _listing(one, text)
    return text or None


def _amount(one: Field[Any], text: str, given: Mapping[str, Any]) -> dict[str, str] | None:
    if not text:
        return None
    unit = str(given.get(f"{one.name}.unit", "")).strip()
    if one.kind is FieldKind.QUANTITY:
        return {"value": text, "unit": unit}
    return {"amount": text, "currency": unit} | ({"per": str(given.get(f"{one.name}.per", "")).strip()} if one.kind is FieldKind.PRICE else {})


def _number(one: Field[Any], text: str) -> int | None:
    try:
        return int(text) if text else None
    except ValueError as error:
        raise RequestError("INVALID_VALUE", f"{text[:40]!r} is no whole number", field=one.name, remedy="Type digits only.") from error


def _listing(one: Field[Any], text: str) -> Any:
    try:
        found = json.loads(text) if text else None
    except ValueError as error:
        raise RequestError("INVALID_VALUE", "the list is not valid JSON", field=one.name, remedy='Write it like ["a", "b"].') from error
    if found is not None and not isinstance(found, list):
        raise RequestError("INVALID_VALUE", "a list is wanted", field=one.name, remedy='Write it like ["a", "b"].')
    return found


async def withdraw(request: Request) -> Response:
    """Take a decision back."""
    at = place_of(request)
    done = await tell(request, WITHDRAW, id=await field(request, "decision"))
    return _decided(request, at, done, "The decision was taken back.", may_undo=False)


async def accept(request: Request) -> Response:
    """Let a value pass that a lock holds back."""
    at = place_of(request)
    reason = await field(request, "reason")
    async with shell(request).pool.acquire() as connection:
        source = await where.holding(connection, tenant_id(request), at.id, await field(request, "system"), await field(request, "field"))
    if source is None:
        raise RequestError("NOT_FOUND", "nothing is held back there any more", remedy="Look at the record again.")
    done = await tell(request, ACCEPT, source=str(source), field=await field(request, "field"), reason=reason)
    return _decided(request, at, done, "The held value passes.")


def _decided(request: Request, at: Place, done: Mapping[str, Any], text: str, *, may_undo: bool = True) -> Response:
    """Back to the record, with a word; the undo of a decision is on the page one comes to."""
    back = _back(request, at)
    if done.get("proposal"):
        return redirect(request, back, f"A second person must approve: proposal {done['proposal']['id']}, {done['proposal']['risk']}.")
    undo = done["decisionId"] if may_undo and done.get("decisionId") else ""
    answer = redirect(request, back, text, **({"undo": undo} if undo else {}))
    return with_events(answer, queue=None)


def _back(request: Request, at: Place) -> str:
    """The page about this record that the form stood on."""
    came = urlsplit(request.headers.get("hx-current-url", "")).path
    return at.path + "/where" if came.endswith(f"{at.path}/where") else at.path


PAGE = Page(
    "Record", "",
    (
        Route("/record/{entity}/{id}", record),
        Route("/record/{entity}/{id}/gates", gates),
        Route("/record/{entity}/{id}/related", related_records),
        Route("/record/{entity}/{id}/related/{by}/{way}.csv", referring_csv),
        Route("/record/{entity}/{id}/related/{by}/{way}", referring),
        Route("/record/{entity}/{id}/field/{field}", edit),
        Route("/record/{entity}/{id}/field/{field}", override, methods=["POST"]),
        Route("/record/{entity}/{id}/withdraw", withdraw, methods=["POST"]),
        Route("/record/{entity}/{id}/accept", accept, methods=["POST"]),
    ),
    section="records", icon="record",
)  # fmt: skip
