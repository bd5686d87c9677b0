"""What the pages about one record share: its head and tabs, the question of all of them, fields in their groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request

from hub.console.shell import ask
from hub.core.risk import risk_of
from hub.errors import RequestError
from schema import CODE_SETS, ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta, Field

TASK = "id cause system field team dueAt money { amount currency } reason remedy count"
WHERE = f"""query Where($entity: String!, $id: ID!) {{ whereIs(entity: $entity, id: $id) {{
    entity id label version recordState money {{ amount currency }}
    columns {{ system kind state externalId object part role deepLink mode verdict meaning whoActs heardAt channel correlationId
        lane {{ state wantedVersion deliveredVersion attempts nextTryAt waitsFor reason }}
        lastTry {{ operation state startedAt finishedAt error }} task {{ {TASK} }} }}
    fields {{ field group value label rule winner provisional masked decisionId since differs
        cells {{ system value label verdict meaning reason isWinner held since }} }}
    tasks {{ {TASK} }}
    awaited {{ field required since system object externalId entity }}
    chain {{ name title hasMore hops {{ entity id label state day asked stopped money {{ amount currency }}
        gates {{ code text whoActs open }} holds {{ id level reason placedBy reviewOn }} tasks {{ {TASK} }}
        deliveries {{ system state reason nextTryAt }} names {{ field entity id label }} }} }} }} }}"""

TONES: Mapping[str, str] = {
    "same": "good", "sent": "info", "on_its_way": "info", "again": "warn", "waiting": "warn", "refused": "bad", "observe": "quiet", "propose": "info",
    "paused": "warn", "braked": "bad", "unsubscribed": "quiet", "before_go_live": "quiet", "not_compared": "quiet", "locked": "warn",
    "not_corrected": "quiet", "not_written": "quiet", "overridden": "warn", "alternate": "quiet", "deleted": "bad", "inactive": "quiet", "absent": "quiet",
    "not_carried": "quiet",
}  # fmt: skip
"""Verdict → kind of badge."""


def camel(name: str) -> str:
    """How GraphQL calls a canonical name.

    >>> camel("valid_from")
    'validFrom'
    """
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


@dataclass(frozen=True, slots=True)
class Place:
    """Which record a page is about."""

    meta: EntityMeta
    id: UUID

    @property
    def path(self) -> str:
        return f"/record/{self.meta.name}/{self.id}"


def place_of(request: Request) -> Place:
    """The record the address names; raises NOT_FOUND for what is none."""
    name, text = request.path_params["entity"], request.path_params["id"]
    meta = ENTITIES.get(name)
    try:
        golden_id = UUID(text)
    except ValueError:
        golden_id = None
    if meta is None or golden_id is None:
        raise RequestError("NOT_FOUND", "there is no such record", remedy="Search for it by name, number or id.")
    return Place(meta, golden_id)


async def where_of(request: Request, at: Place) -> dict[str, Any]:
    """Where the record is; raises NOT_FOUND for one that does not exist."""
    found: dict[str, Any] | None = (await ask(request, WHERE, entity=at.meta.name, id=str(at.id)))["whereIs"]
    if found is None:
        raise RequestError("NOT_FOUND", f"there is no {at.meta.name.replace('_', ' ')} of this id", remedy="Search for it by name or number.")
    return found


def around(at: Place, found: Mapping[str, Any], tab: str) -> dict[str, Any]:
    """What the head of every page about a record shows."""
    tabs = [("values", "Values", ""), ("where", "Where is it?", "/where"), ("history", "History", "/history")]
    if at.meta.name == "client":
        tabs.append(("hierarchy", "Hierarchy", "/hierarchy"))
    return {
        "title": found["label"], "found": found, "meta": at.meta, "path": at.path, "tab": tab, "tones": TONES,
        "tabs": [(name, text, at.path + rest) for name, text, rest in tabs],
        "crumbs": [(at.meta.plural.replace("_", " ").capitalize(), f"/search?entity={at.meta.name}"), (found["label"], "")],
        "state": next((one["value"] for one in found["fields"] if one["field"] == "state"), None),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as a page shows it: what is declared about it beside what is known of it."""

    name: str
    field: str
    doc: str
    owners: str
    risk: str
    kind: str
    row: Mapping[str, Any]
    target: str = ""
    """Entity a reference leads to."""

    @property
    def said(self) -> list[Mapping[str, Any]]:
        """What systems say that is not what stands."""
        return [one for one in self.row["cells"] if one["value"] is not None and not one["isWinner"] and one["verdict"] != "same"]


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that move together, or those that stand for themselves (``name`` is '')."""

    name: str
    doc: str
    fields: tuple[Shown, ...]
    moves_together: bool = False


def sections(meta: EntityMeta, found: Mapping[str, Any], *, with_empty: bool = False) -> list[Section]:
    """The record's fields grouped as declared."""
    rows = {row["field"]: row for row in found["fields"]}
    systems = [one["system"] for one in found["columns"]]
    plain: list[Shown] = []
    grouped: dict[str, list[Shown]] = {}
    for name, one in meta.fields.items():
        row = rows.get(camel(name)) or (_empty_row(name, systems) if with_empty else None)
        if row is not None:
            (grouped.setdefault(one.group.name, []) if one.group is not None else plain).append(_shown(meta, one, row))
    own = [Shown(row["field"], row["field"], "A field of the firm's own.", "", "R1", "text", row) for name, row in rows.items() if name.startswith("extra.")]
    made = [Section("", "", tuple(plain))] if plain else []
    made += [Section(name, meta.groups[name].doc, tuple(fields), not meta.groups[name].is_facet) for name, fields in grouped.items()]
    return [*made, Section("own fields", "Fields of the firm's own.", tuple(own))] if own else made


def _empty_row(name: str, systems: Sequence[str]) -> dict[str, Any]:
    cells = [{"system": one, "value": None, "label": None, "verdict": "not_carried", "isWinner": False, "held": None} for one in systems]
    return {
        "field": camel(name), "value": None, "label": None, "rule": None, "winner": None, "provisional": False, "masked": False, "decisionId": None,
        "since": None, "differs": False, "cells": cells,
    }  # fmt: skip


def _shown(meta: EntityMeta, one: Field[Any], row: Mapping[str, Any]) -> Shown:
    owners = " > ".join(kind.name for kind in one.owner)
    target = next((name for name, other in ENTITIES.items() if other.type_name == one.target), "") if one.kind is FieldKind.REFERENCE else ""
    return Shown(one.name, camel(one.name), one.doc, owners, risk_of(meta, one.name).value, one.kind.value, row, target)


def field_named(meta: EntityMeta, name: str) -> tuple[str, tuple[Field[Any], ...]]:
    """What one decides at once: (name of the field or its group, the fields it is made of). Raises NOT_FOUND."""
    one = meta.fields.get(name)
    if one is None:
        raise RequestError("NOT_FOUND", f"{meta.name} has no field {name[:60]!r}", remedy="Go back to the record.")
    group = one.group
    if group is None or group.is_facet:
        return one.name, (one,)
    return group.name, tuple(meta.fields[member.name] for member in group.members)


def codes_of(one: Field[Any]) -> list[tuple[str, str]]:
    """The values a code may have, with what they mean."""
    known = CODE_SETS.get(one.codes)
    return [(value, str(value).replace("_", " ")) for value in known.values] if known is not None else []
