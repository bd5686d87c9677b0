"""The root ``Subscription``, and what stands at it while one event is executed.

A subscription's operation runs as often as there are events, each time with another root: first :class:`Opening`,
which only takes down the arguments; then :class:`ChangeRoot` or :class:`RecordRoot`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from dataclasses import field as make
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.common import GoldenRecord
from hub.api.context import Context
from hub.api.errors import ApiError, Code
from hub.api.lineage import Change, change_of
from hub.api.scalars import Json, Long
from hub.api.shells import Annotation, Shells, input_field, resolved_field
from hub.api.values import Row
from hub.store.feed import FeedChange
from schema.language import EntityMeta

_CHANGE_FIELDS = tuple(one.name for one in fields(FeedChange))


@strawberry.enum(description="What a change event is.")
class ChangeEventKind(Enum):
    CHANGE = strawberry.enum_value("CHANGE", description="A record has a new version.")
    SNAPSHOT = strawberry.enum_value("SNAPSHOT", description="A record as it stands where the stream will begin.")
    SNAPSHOT_END = strawberry.enum_value("SNAPSHOT_END", description="All records were told; from the cursor on come changes.")
    GAP = strawberry.enum_value("GAP", description="Changes were not told; `gap` says which.")
    PROGRESS = strawberry.enum_value("PROGRESS", description="No change fitted up to the cursor.")


@strawberry.type(description="Positions of the feed this subscriber was not told of.")
class ChangeGap:
    first: Long = strawberry.field(description="The first position left out.")
    last: Long = strawberry.field(description="The last one; the stream goes on behind it.")
    resume_from: str | None = strawberry.field(
        description="Cursor to read them after (query or subscription `changes`); null when they are no longer kept."
    )


async def _events_of(root: Any) -> list[str]:
    return [] if root.raised is None else await root.raised()


@strawberry.type(description="One step of the stream of changes.")
class ChangeEvent:
    raised: strawberry.Private[Callable[[], Awaitable[list[str]]] | None]
    kind: ChangeEventKind = strawberry.field(description="What this step tells.")
    cursor: str | None = strawberry.field(
        description="Subscribe again with it as `after` to miss nothing; null inside a snapshot, which begins anew."
    )
    change: Change | None = strawberry.field(description="The change, seen with the subscriber's rights.")
    gap: ChangeGap | None = strawberry.field(description="What was not told, in a step of kind GAP.")
    events: list[str] = strawberry.field(
        resolver=_events_of,
        description="Names of all business events the change raises, such as `time.approved`; none in other steps than a CHANGE.",
    )


@dataclass
class Opening:
    """Takes down which field is asked for and its arguments, before anything is subscribed."""

    field: str = ""
    arguments: dict[str, Any] = make(default_factory=dict)


class OpenedError(Exception):
    """Ends the execution of an :class:`Opening`; nobody is told of it."""


@dataclass(frozen=True, slots=True)
class ChangeRoot:
    """One event of ``changes``. ``gap``: first and last position, and the cursor to read them after.

    ``raised`` tells the names of the change's business events, for whoever selects them.
    """

    kind: ChangeEventKind
    cursor: str
    position: int = 0
    change: FeedChange | None = None
    gap: tuple[int, int, str | None] | None = None
    raised: Callable[[], Awaitable[list[str]]] | None = None


@dataclass(slots=True)
class RecordRoot:
    """One event of ``record``; ``found`` is what the id led to, which a merge can change."""

    meta: EntityMeta
    id: UUID
    found: UUID | None = None


def subscription_fields(shells: Shells) -> dict[str, StrawberryField]:
    """``changes`` and ``record``."""
    condition = shells.input(
        "ChangeCondition",
        {
            "field": input_field("field", str, "A field of the record, as in `values`; a dotted one looks inside.", required=True),
            "op": input_field("op", str | None, "eq (unless said otherwise), ne, in, not_in, is_empty, is_set, lt, lte, gt or gte."),
            "value": input_field("value", Json | None, "What it is compared with; a list for in and not_in."),
        },
        "A test on a record's values after the change. A change by which a record stops passing is still told.",
    )
    names = list[str] | None
    changes = resolved_field(
        "changes", ChangeEvent, _changes,
        "Every change from now on, or after a cursor, in the order of the feed; nothing is left out silently.",
        after=_argument(str | None, "The cursor of the last event read: what came after it is told first. Without it: from now on."),
        snapshot=_argument(bool, "Begin with the active records that fit, as they stand, then their changes; no gap, no double."),
        progress=_argument(bool, "Also tell cursors without a change: at once, and while nothing fits, so that one can always resume."),
        entities=_argument(names, "Only records of these entities, named like time_entry."),
        record_id=_argument(strawberry.ID | None, "Only this record."),
        fields=_argument(names, "Of updates, only those that change one of these fields."),
        events=_argument(
            names,
            "Only changes that raise one of these business events, such as `time.approved`; the data dictionary lists them. "
            "A snapshot tells the records of their entities.",
        ),
        ops=_argument(names, "Only these: create, update, inactivate, reactivate, merge, split."),
        legal_entity_id=_argument(strawberry.ID | None, "Only records that name this legal entity."),
        where=_argument(list[condition] | None, "Only records that pass all of these."),  # type: ignore[valid-type]
        backfill=_argument(bool, "False leaves out what a first load brought."),
    )  # fmt: skip
    record = resolved_field(
        "record", GoldenRecord | None, _record,
        "A golden record now, and again whenever it has a new version; several quick versions may be told as one.",
        id=_argument(strawberry.ID, "A golden id, also of a record merged into another."),
    )  # fmt: skip
    return {"changes": changes, "record": record}


def _argument(annotation: Annotation, doc: str) -> Annotation:
    return Annotated[annotation, strawberry.argument(description=doc)]


def _changes(
    root: Any, info: Any, after: Any = None, snapshot: bool = False, progress: bool = False, entities: Any = None,
    record_id: Any = None, fields: Any = None, ops: Any = None, legal_entity_id: Any = None, where: Any = None,
    backfill: bool = True, events: Any = None,
) -> ChangeEvent:  # fmt: skip
    if isinstance(root, Opening):
        root.field = "changes"
        root.arguments = {
            "after": after, "snapshot": snapshot, "progress": progress, "entities": entities, "record_id": record_id,
            "fields": fields, "ops": ops, "legal_entity_id": legal_entity_id, "where": where, "backfill": backfill,
            "events": events,
        }  # fmt: skip
        raise OpenedError
    if not isinstance(root, ChangeRoot):
        raise _no_stream()
    context: Context = info.context
    gap = root.gap
    return ChangeEvent(
        raised=root.raised,
        kind=root.kind,
        cursor=root.cursor or None,
        change=None if root.change is None else change_of(_as_row(root.change), context.principal.role),
        gap=None if gap is None else ChangeGap(first=Long(str(gap[0])), last=Long(str(gap[1])), resume_from=gap[2]),
    )


async def _record(root: Any, info: Any, id: str) -> Row | None:
    if isinstance(root, Opening):
        root.field, root.arguments = "record", {"id": id}
        raise OpenedError
    if not isinstance(root, RecordRoot):
        raise _no_stream()
    context: Context = info.context
    row = await context.row(root.meta, root.id)
    root.found = row.id if row else None
    return row


def _as_row(change: FeedChange) -> dict[str, Any]:
    return {name: getattr(change, name) for name in _CHANGE_FIELDS}


def _no_stream() -> ApiError:
    return ApiError(
        Code.BAD_REQUEST, "a subscription needs a stream", "query",
        "Use a websocket at /graphql (graphql-transport-ws), or POST /graphql/stream with Accept: text/event-stream.",
    )  # fmt: skip
