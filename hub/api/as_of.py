"""``asOf``: one instant for a whole request. Every canonical read of it names the same one, or none does.

What is read is what the hub knew then: records, what they refer to and what refers to them, filters, order, counts and
lineage. The crosswalk is kept as it is now only: a record is looked up by ``source`` as it is linked now, ``sources``
is refused, and provenance tells of other sources only what they have been saying since before the instant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLObjectType

from hub.api.compile.selection import Asked, Reader
from hub.api.compile.variables import Given, Variables, variable_types
from hub.api.context import Context, Services
from hub.api.errors import ApiError, Code
from hub.api.past import AsOf
from hub.api.scalars import instant_text
from hub.api.slots import filled

ARGUMENT = "asOf"


def stated(fields: Iterable[tuple[str, bool, Any]]) -> str | None:
    """The instant of a request, from its root fields: (key, whether the field takes ``asOf``, what it was given).

    Raises BAD_INPUT where they differ.

    >>> stated([("a", True, "2026-03-31T00:00:00.000000Z"), ("__typename", False, None)])
    '2026-03-31T00:00:00.000000Z'
    """
    told = [(key, takes, value) for key, takes, value in fields if not key.startswith("__")]
    instants = {value for _, _, value in told if value is not None}
    if not instants:
        return None
    for key, takes, value in told:
        if not takes:
            raise ApiError(Code.BAD_INPUT, f"{key} cannot be read as of an instant", ARGUMENT, "Ask for it in a request of its own.")
        if len(instants) > 1 or value is None:
            raise ApiError(
                Code.BAD_INPUT, "a request reads as of one instant", ARGUMENT, "State the same asOf at every field of the request's root."
            )
    found: str = instants.pop()
    return found


def root_instants(reader: Reader, root: GraphQLObjectType, asked: Sequence[Asked]) -> list[tuple[str, bool, Any]]:
    """What :func:`stated` takes, of these root fields; instants in variables are slots."""
    found: list[tuple[str, bool, Any]] = []
    for one in asked:
        field = root.fields.get(one.name)
        if field is not None:
            takes = ARGUMENT in field.args
            found.append((one.key, takes, reader.arguments(field, one).get(ARGUMENT) if takes else None))
    return found


def _of_request(info: Any) -> str | None:
    """The instant the request of a root field's resolver states."""
    raw = info._raw_info
    root: GraphQLObjectType = raw.schema.query_type
    values = raw.variable_values.coerced
    fragments = {name: one if isinstance(one, FragmentDefinitionNode) else one.definition for name, one in raw.fragments.items()}
    reader = Reader(raw.schema, fragments, Variables(variable_types(raw.schema, raw.operation), values))
    given = Given(values, info.context.principal, b"")
    told = root_instants(reader, root, reader.collect(root, (raw.operation.selection_set,)))
    return stated([(key, takes, filled(value, given)) for key, takes, value in told])


async def settle(services: Services, tenant_id: int, instant: str) -> AsOf:
    """The instant as statements take it; raises BAD_INPUT for one that has not come or is not settled yet."""
    at = datetime.fromisoformat(instant)
    found = await services.instants.settled(tenant_id, at)
    if at > found.upto:
        last = instant_text(found.upto)
        raise ApiError(Code.BAD_INPUT, f"asOf is later than {last}, up to which all changes are known", ARGUMENT, f"Ask as of {last} or earlier.")
    return AsOf(at, found.knows_former)


async def enter(info: Any) -> Context:
    """The context of a canonical root field, reading as of the instant that the request states."""
    context: Context = info.context
    instant = _of_request(info)
    if instant is not None:
        if context.settling is None:
            context.settling = asyncio.ensure_future(settle(context.services, context.principal.tenant_id, instant))
        context.reader.as_of = await context.settling
    return context
