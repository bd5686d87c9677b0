"""What a list is asked for: filters, hidden rows, order, pages, associations and optional fields, with Kantata's refusals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.kantata.simulator.account import Account
from connectors.kantata.simulator.kinds import KINDS, Kind
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row

PAGES = {"page", "per_page", "limit", "offset", "order", "include", "optional_fields", "only"}
STAMPS = {"created_after", "created_before", "updated_after", "updated_before"}
OF_REFERENCES = {"external_reference_service_name", "external_reference_service_model_refs", "has_external_references", "without_external_reference_service_name"}
MOST = 200
Query = Mapping[str, str]


def refusal(kind: Kind, query: Query) -> Refusal | None:
    """Why a query cannot be asked of this list; None when it can."""
    stamps = {one for one in STAMPS if kind.has_changes or one.startswith("created")} if kind.has_stamps else STAMPS
    known = PAGES | stamps | set(kind.filters) | set(kind.hides.values()) | (OF_REFERENCES if kind.subject else set()) | {"most_recent"}
    if unknown := sorted(set(query) - known):
        return Refusal("syntax", "", f"Unknown parameter: {unknown[0]}")
    if "order" in query and query["order"].partition(":")[0] not in kind.orders:
        return Refusal("syntax", "", f"Invalid order: {query['order']}")
    for name in filter(None, query.get("include", "").split(",")):
        if name not in kind.refers and name not in kind.many and not (name == "external_references" and kind.subject):
            return Refusal("syntax", "", f"Invalid include: {name}")
    for name in filter(None, query.get("optional_fields", "").split(",")):
        if name not in kind.optional:
            return Refusal("syntax", "", f"Invalid optional field: {name}")
    for name in sorted(STAMPS & set(query)):
        try:
            datetime.fromisoformat(query[name])
        except ValueError:
            return Refusal("syntax", "", f"{name} is not a valid date")
    return None


def found(account: Account, kind: Kind, query: Query) -> list[Row]:
    """The rows a query finds, in its order."""
    store = account.store
    every = store.rows.get(kind.name, {}).values()
    rows = [row for row in every if not row.is_deleted or (query.get("show_deleted") == "true" and "deleted_at" in kind.template)]
    for name, parameter in kind.hides.items():
        if query.get(parameter) != "true":
            rows = [row for row in rows if row.fields.get(name) is not True]
    shows_archived = {"time_entries": "from_archived_workspaces", "expenses": "from_archived_workspaces", "stories": "show_from_archived_workspaces"}.get(kind.name)
    if shows_archived and query.get(shows_archived) != "true":
        archived = {row.id for row in store.table("workspaces") if row.fields["archived"]}
        rows = [row for row in rows if row.fields["workspace_id"] not in archived]
    if "only" in query:
        ids = set(query["only"].split(","))
        rows = [row for row in rows if row.id in ids]
    for name in sorted(STAMPS & set(query)):
        stamp, limit, is_after = f"{name.partition('_')[0]}_at", datetime.fromisoformat(query[name]), name.endswith("after")
        rows = [row for row in rows if (at := datetime.fromisoformat(row.fields[stamp])) and (at > limit if is_after else at < limit)]
    for name, path in kind.filters.items():
        if path and name in query:
            rows = [row for row in rows if _fits(row.fields.get(path.rstrip(",:").lstrip("~")), path, query[name])]
    return _sorted(_referred(account, kind, rows, query), query.get("order", kind.default_order))


def _fits(value: Any, path: str, asked: str) -> bool:
    if path.startswith("~"):
        words = str(value or "").casefold().split()
        return all(any(word.startswith(each) for word in words) for each in asked.casefold().split())
    if path.endswith(","):
        return str(value) in asked.split(",")
    if path.endswith(":"):
        first, _, last = asked.partition(":")
        return (not first or str(value) >= first) and (not last or str(value) <= last)
    return (str(value).lower() if isinstance(value, bool) else str(value)) == asked


def _referred(account: Account, kind: Kind, rows: list[Row], query: Query) -> list[Row]:
    if not OF_REFERENCES & set(query):
        return rows
    mine = [row.fields for row in account.store.table("external_references") if row.fields["subject_type"] == kind.subject]
    if service := query.get("without_external_reference_service_name"):
        others = {one["subject_id"] for one in mine if one["service_name"] == service}
        rows = [row for row in rows if row.id not in others]
    wanted = [one for one in mine if query.get("external_reference_service_name", one["service_name"]) == one["service_name"]]
    if refs := query.get("external_reference_service_model_refs"):
        wanted = [one for one in wanted if one["service_model_ref"] in refs.split(",")]
    if set(query) & (OF_REFERENCES - {"without_external_reference_service_name"}):
        ids = {one["subject_id"] for one in wanted}
        rows = [row for row in rows if (row.id in ids) is (query.get("has_external_references") != "false")]
    return rows


def _sorted(rows: list[Row], order: str) -> list[Row]:
    """Ties stand by id."""
    name, _, direction = order.partition(":")
    path = {"alphabetical": "full_name", "amount": "amount_in_cents", "date": "date"}.get(name, name)
    if name.endswith("_at"):
        keyed = [(datetime.fromisoformat(str(row.fields[path])).timestamp(), int(row.id), row) for row in rows]
    else:
        keyed = [(str(row.fields.get(path) or ""), int(row.id), row) for row in rows]  # type: ignore[misc]
    return [row for _, _, row in sorted(keyed, key=lambda one: one[:2], reverse=direction.lower() == "desc")]


def cut(query: Query, rows: list[Row]) -> tuple[list[Row], dict[str, int]]:
    """One page, and what ``meta`` says of it; limit and offset win over page and per_page."""
    if "limit" in query and "offset" in query:
        size, start = max(1, min(int(query["limit"]), MOST)), int(query["offset"])
    else:
        size = max(1, min(int(query.get("per_page", "20")), MOST))
        start = (max(1, int(query.get("page", "1"))) - 1) * size
    about = {"count": len(rows), "page_count": math.ceil(len(rows) / size), "page_number": start // size + 1, "page_size": size}
    return rows[start : start + size], about


def envelope(account: Account, kind: Kind, rows: list[Row], query: Query, meta: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Rows in their collection with what was asked for along with them, and the order of the results."""
    include, optional = set(filter(None, query.get("include", "").split(","))), set(query.get("optional_fields", "").split(","))
    collections: dict[str, dict[str, Any]] = {kind.name: {}}
    for row in rows:
        record = shown(row, include, optional)
        if "external_references" in include:
            referred = account.references(kind, row.id)
            record["external_reference_ids"] = [one.id for one in referred]
            collections.setdefault("external_references", {}).update({one.id: shown(one) for one in referred})
        collections[kind.name][row.id] = record
        for association in include - {"external_references"}:
            collection = kind.refers.get(association) or kind.many[association]
            ids = [row.fields.get(f"{association}_id")] if association in kind.refers else row.fields.get(_ids(association)) or []
            known = [account.store.get(collection, str(id)) for id in ids if id is not None]
            # a record that is there already as a result stays as it is
            for one in filter(None, known):
                collections.setdefault(collection, {}).setdefault(one.id, shown(one))
    count = meta or {"count": len(rows), "page_count": 1, "page_number": 1, "page_size": 20}
    return {"count": count["count"], "results": [{"key": kind.name, "id": row.id} for row in rows], **collections, "meta": dict(count)}


def shown(row: Row, include: set[str] | frozenset[str] = frozenset(), optional: set[str] | frozenset[str] = frozenset()) -> dict[str, Any]:
    """A record as it is told: some ids only with their association, some fields only when they are asked for."""
    kind = KINDS[row.object]
    left_out = {one for one in kind.with_include if not _associations(one) & include} | (set(kind.optional) - optional)
    if not kind.has_stamps:
        left_out |= {"created_at", "updated_at"}
    return {"id": row.id} | {name: value for name, value in row.fields.items() if name not in left_out}


def _ids(association: str) -> str:
    """The field of a list of associated records.

    >>> _ids("time_entries"), _ids("expenses")
    ('time_entry_ids', 'expense_ids')
    """
    return (association[:-3] + "y" if association.endswith("ies") else association.removesuffix("s")) + "_ids"


def _associations(field: str) -> set[str]:
    """The associations that a field tells the ids of."""
    plain = field.removesuffix("_ids").removesuffix("_id")
    return {plain, f"{plain}s", plain[:-1] + "ies" if plain.endswith("y") else plain}
