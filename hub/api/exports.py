"""``exportClients(…)``: GraphQL's way to a large read. It checks filter and columns and answers an address to fetch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.context import Context
from hub.api.export import address
from hub.api.export.asked import Asked, Format
from hub.api.export.columns import masked_columns
from hub.api.export.encode import encoder
from hub.api.export.written import estimate
from hub.api.filters import plain
from hub.api.names import camel, pascal
from hub.api.scalars import DateTime, instant_text
from hub.api.shells import Shells, plain_field, resolved_field
from schema import ENTITIES
from schema.language import EntityMeta

FORMAT = strawberry.enum(Format, name="ExportFormat", description="How the rows of an export are written.")


def export_fields(shells: Shells) -> dict[str, StrawberryField]:
    """A root field an entity: ``exportClients``, ``exportTimeEntries`` …"""
    answer = export_type(shells)
    return {f"export_{meta.plural}": _field(shells, meta, answer) for meta in ENTITIES.values()}


def export_type(shells: Shells) -> type:
    """Where an export is fetched, and what it will hold."""
    fields = {
        "url": plain_field("url", str, "Address below the API's own; send the same kind of key with it. ?after=<id> goes on."),
        "method": plain_field("method", str, "HTTP method of the address."),
        "format": plain_field("format", FORMAT, "How its rows are written."),
        "columns": plain_field("columns", list[str], "Names of its columns, in their order. The id always comes first."),
        "masked": plain_field("masked", list[str], "Columns that are null because this key may not read them."),
        "expires_at": plain_field("expiresAt", DateTime, "Until when the address may be fetched. What runs by then runs on."),
        "approximate_rows": plain_field("approximateRows", int, "About how many rows, as the database estimates."),
    }
    return shells.output("Export", fields, "A large read, ready to be fetched.")


def _field(shells: Shells, meta: EntityMeta, answer: type) -> StrawberryField:
    async def resolve(root: Any, info: Any, filter: Any = None, columns: Any = None, format: Any = Format.NDJSON) -> Mapping[str, Any]:
        names = None if columns is None else tuple(columns)
        return await _made(info.context, Asked(meta, filter or None, names, Format(plain(format))))

    name = f"export{pascal(camel(meta.plural))}"
    doc = f"An address that streams all {meta.plural.replace('_', ' ')} a filter leaves; without columns, all of them."
    return resolved_field(
        name, answer, resolve, doc, filter=shells.of(f"{meta.type_name}Filter") | None, columns=list[str] | None, format=FORMAT
    )


async def _made(context: Context, asked: Asked) -> Mapping[str, Any]:
    """Check everything an export can be refused for, so that its address will be answered."""
    principal, services = context.principal, context.services
    plan, columns = asked.plan(principal), asked.chosen(principal)
    encoder(columns, asked.format)
    until = services.now() + address.GOOD_FOR
    bound = estimate(plan)
    found = await context.reader.query(bound.sql, *bound.values)
    names = [column.name for column in columns]
    masked = set(masked_columns(asked.meta, principal.role))
    return {
        "url": f"/export/{address.make(services.secret, principal, asked, until)}",
        "method": "GET",
        "format": asked.format,
        "columns": names,
        "masked": [name for name in names if name in masked],
        "expires_at": instant_text(until),
        "approximate_rows": _planned(found[0][0]),
    }


def _planned(explained: Any) -> int:
    """The rows Postgres expects, from its explanation."""
    told = json.loads(explained) if isinstance(explained, str) else explained
    return min(int(told[0]["Plan"]["Plan Rows"]), 2**31 - 1)
