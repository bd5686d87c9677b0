"""``whereIs``: one record over all systems, field by field, and the chain of money around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import asyncpg
import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import SEES_OPERATIONS, Role, masked_fields
from hub.api.common import Money
from hub.api.context import Context
from hub.api.decisions import entity_of, golden_id
from hub.api.names import camel
from hub.api.scalars import Date, DateTime, Json, Long, instant_text
from hub.api.shells import resolved_field
from hub.core.chain import SHAPES
from hub.core.whereabouts import VERDICTS, Cell
from hub.core.whereabouts import Lane as LaneState
from hub.flows import chain, standings, where
from hub.flows.plan_writes import money_of
from schema.language import EntityMeta

READERS = (Role.READER, Role.STEWARD, Role.ADMIN)


@strawberry.type(description="A task that stands in the way: what is wrong, who must act, until when, and the money at stake.")
class WhereTask:
    id: Long
    cause: str
    system: str | None
    field: str | None
    team: str
    due_at: DateTime
    money: list[Money] | None = strawberry.field(description="The money at stake.")
    reason: str
    remedy: str
    count: int


@strawberry.type(description="The last try of a delivery.")
class WhereTry:
    operation: str = strawberry.field(description="create, update or deactivate.")
    state: str = strawberry.field(description="intent, done, adopted, retriable, rate_limited, rejected or unknown.")
    started_at: DateTime
    finished_at: DateTime | None
    error: Json | None = strawberry.field(description="What went wrong: class, field, reason, remedy.")


@strawberry.type(description="How far one system is with the record.")
class WhereLane:
    state: str = strawberry.field(description="idle, due, leased, waiting, observed, proposed or parked.")
    wanted_version: int
    delivered_version: int
    attempts: int
    next_try_at: DateTime | None
    waits_for: strawberry.ID | None = strawberry.field(description="The golden record the system must hold first.")
    reason: str | None


@strawberry.type(description="One system's record of the thing, or its place while it holds none.")
class WhereColumn:
    system: str
    kind: str = strawberry.field(description="Kind of system: crm, psa, erp …")
    object: str
    external_id: str | None
    part: str = strawberry.field(description="Business part of a record that holds several things.")
    state: str = strawberry.field(description="absent, present or deleted.")
    role: str | None = strawberry.field(description="primary, alternate or retired.")
    deep_link: str | None = strawberry.field(description="Address of its screen in the system, where one is configured.")
    mode: str = strawberry.field(description="observe, propose or write: what the hub may do to whole records of this kind there.")
    verdict: str = strawberry.field(description="The gravest verdict of its fields; `verdicts` of the guide tells them.")
    meaning: str = strawberry.field(description="The verdict in words.")
    who_acts: str = strawberry.field(description="Who must do what so that it goes on; nobody, when it goes on by itself.")
    heard_at: DateTime | None = strawberry.field(description="When the system last spoke of it.")
    channel: str | None = strawberry.field(description="How it spoke: webhook, poll, file …")
    correlation_id: str | None
    lane: WhereLane | None = strawberry.field(description="How far the system is; null while nobody sends to it.")
    last_try: WhereTry | None = strawberry.field(description="The last try to write it there.")
    task: WhereTask | None


@strawberry.type(description="What one system says of one field, and what becomes of the difference.")
class WhereCell:
    system: str
    value: Json | None
    label: str | None = strawberry.field(description="What the record is called that a reference leads to.")
    verdict: str = strawberry.field(
        description="same, on_its_way, again, sent, waiting, refused, observe, propose, paused, braked, unsubscribed, before_go_live, not_compared, "
        "locked, not_corrected, not_written, overridden, alternate, deleted, inactive, absent or not_carried."
    )
    meaning: str = strawberry.field(description="The verdict in words.")
    reason: str | None
    is_winner: bool = strawberry.field(description="Its value is the golden one.")
    since: DateTime | None = strawberry.field(description="Since when the system says so.")
    held: Json | None = strawberry.field(description="The newer value that a lock keeps out.")


@strawberry.type(description="One field over all systems.")
class WhereField:
    field: str
    group: str = strawberry.field(description="The group it moves with; its own name when it moves alone.")
    value: Json | None = strawberry.field(description="What stands in the hub.")
    label: str | None = strawberry.field(description="What the record is called that a reference leads to.")
    rule: str | None
    winner: str | None = strawberry.field(description="The system that won; steward for an override.")
    provisional: bool = strawberry.field(description="A later owner speaks for a silent first.")
    masked: bool
    decision_id: Long | None = strawberry.field(description="The override in force, if one decides.")
    since: DateTime | None = strawberry.field(description="Since when the winner says so.")
    differs: bool = strawberry.field(description="Some system says something else.")
    cells: list[WhereCell] = strawberry.field(description="In the order of the columns.")


@strawberry.type(description="A record that is awaited: somebody refers to it, and nobody has told of it.")
class WhereAwaited:
    field: str
    required: bool = strawberry.field(description="The record is not complete without it.")
    since: DateTime = strawberry.field(description="Waited for since.")
    system: str
    object: str
    external_id: str
    entity: str


@strawberry.type(description="Something that keeps a link of the chain from going on.")
class ChainGate:
    code: str = strawberry.field(description="Stable name of the gate.")
    text: str = strawberry.field(description="What is missing.")
    who_acts: str = strawberry.field(description="Who must do what.")
    open: bool = strawberry.field(description="Nothing needs to be done about it.")


@strawberry.type(description="A hold on billing.")
class ChainHold:
    id: strawberry.ID
    level: str | None = strawberry.field(description="How much is held.")
    reason: str | None
    placed_by: str | None = strawberry.field(description="Who placed it.")
    review_on: Date | None = strawberry.field(description="To be looked at again on this day.")


@strawberry.type(description="A system that is not done with a link of the chain.")
class ChainLane:
    system: str
    state: str
    reason: str | None
    next_try_at: DateTime | None


@strawberry.type(description="A record that a link names: who approved it, under which line, at which rate.")
class ChainName:
    field: str
    entity: str
    id: strawberry.ID
    label: str = strawberry.field(description="What people call it.")


@strawberry.type(description="One record of the chain of money.")
class ChainHop:
    entity: str
    id: strawberry.ID
    label: str = strawberry.field(description="What people call it.")
    state: str | None
    day: Date | None = strawberry.field(description="The day it is about.")
    money: Money | None = strawberry.field(description="Its amount.")
    asked: bool = strawberry.field(description="It is the record that was asked for.")
    stopped: bool = strawberry.field(description="A gate, a hold or a task keeps it from going on.")
    gates: list[ChainGate] = strawberry.field(description="What keeps it from its next stage.")
    holds: list[ChainHold] = strawberry.field(description="Holds on it, its contract line or its project.")
    tasks: list[WhereTask] = strawberry.field(description="The open tasks about it.")
    deliveries: list[ChainLane] = strawberry.field(description="Systems that are not done with it.")
    names: list[ChainName] = strawberry.field(description="Who approved it, under which line, at which rate.")


@strawberry.type(description="One stage from the hour to the payment.")
class ChainStage:
    name: str = strawberry.field(description="work, item, line, document, application or payment.")
    title: str = strawberry.field(description="The stage in words.")
    has_more: bool = strawberry.field(description="There are more records than are told.")
    hops: list[ChainHop] = strawberry.field(description="Its records; none when nothing is there yet.")


@strawberry.type(description="Where a record stands: in the hub, in every system, and in the chain from the hour to the payment.")
class Whereabouts:
    entity: str
    id: strawberry.ID = strawberry.field(description="Of the survivor, when the record was merged away.")
    label: str = strawberry.field(description="What people call it.")
    version: int
    record_state: str = strawberry.field(description="active or inactive (no source holds it any more).")
    money: list[Money] = strawberry.field(description="What the record is about, in money.")
    columns: list[WhereColumn] = strawberry.field(description="One per record a connected system holds of it, or could.")
    fields: list[WhereField]
    tasks: list[WhereTask] = strawberry.field(description="The open tasks about it, the most urgent first.")
    awaited: list[WhereAwaited] = strawberry.field(description="Records it names that nobody has told of.")
    chain: list[ChainStage] = strawberry.field(description="Empty for a record that is no part of it.")


async def where_is(root: Any, info: Any, entity: str, id: str, system: Any = None) -> Whereabouts | None:
    context: Context = info.context
    context.principal.need(*READERS)
    meta, wanted = entity_of(entity), golden_id(id)
    services, tenant_id = context.services, context.principal.tenant_id
    async with services.worker_pool.acquire() as connection:
        config = await services.configurations.get(connection, tenant_id)
        found = await where.where_is(connection, config, meta.name, wanted, system=system)
        if found is None:
            return None
        stages = await chain.chain_of(connection, tenant_id, meta.name, found.golden_id, services.now().date())
    return told(meta, found, stages, masked_fields(meta, context.principal.role), context.principal.role)


def told(meta: EntityMeta, found: where.Whereabouts, stages: Collection[chain.Stage], masked: frozenset[str], role: Role) -> Whereabouts:
    """The answer as a role may see it."""
    return Whereabouts(
        entity=meta.name,
        id=strawberry.ID(str(found.golden_id)),
        label=found.label,
        version=found.golden.version,
        record_state=found.golden.record_state,
        money=_about(meta, found, masked),
        columns=[_column(one, role in SEES_OPERATIONS) for one in found.standings],
        fields=[_field(meta, one, one.name in masked) for one in found.rows],
        tasks=[_task(one) for one in found.tasks],
        awaited=[
            WhereAwaited(
                field=camel(one["field"]), required=one["is_required"], since=one["since"], system=one["system"], object=one["object"],
                external_id=one["external_id"], entity=one["entity"],
            )
            for one in found.awaited
        ],
        chain=[_stage(one) for one in stages],
    )  # fmt: skip


def _at(moment: datetime | None) -> DateTime | None:
    return None if moment is None else DateTime(instant_text(moment))


def _about(meta: EntityMeta, found: where.Whereabouts, masked: frozenset[str]) -> list[Money]:
    """The amount people know a record by: a document's gross, else its first one."""
    shown = {name: value for name, value in found.golden.values.items() if name not in masked}
    known = SHAPES[meta.name].amount if meta.name in SHAPES else ""
    return [_money(one) for one in ([shown[known]] if shown.get(known) else money_of(meta, shown))]


def _money(one: Mapping[str, str]) -> Money:
    return Money(amount=one["amount"], currency=one.get("currency"))  # type: ignore[arg-type]


def _task(one: asyncpg.Record) -> WhereTask:
    money = one["money"]
    return WhereTask(
        id=Long(str(one["id"])), cause=one["cause"], system=one["system"], field=one["field"] and camel(one["field"]), team=one["team"],
        due_at=one["due_at"], money=None if money is None else [_money(each) for each in money], reason=one["reason"], remedy=one["remedy"],
        count=one["count"],
    )  # fmt: skip


def _column(one: standings.Standing, sees_errors: bool) -> WhereColumn:
    return WhereColumn(
        system=one.system, kind=one.kind, object=one.object, external_id=one.external_id or None, part=one.part, state=one.state,
        role=one.role or None, deep_link=one.deep_link, mode=one.mode, verdict=one.verdict, meaning=VERDICTS[one.verdict], who_acts=one.who_acts,
        heard_at=_at(one.heard_at), channel=one.channel or None, correlation_id=one.correlation_id or None, lane=_lane(one.lane), last_try=_try(one.last_try, sees_errors),
        task=_task(one.task) if one.task is not None else None,
    )  # fmt: skip


def _lane(one: LaneState | None) -> WhereLane | None:
    return None if one is None else WhereLane(
        state=one.state, wanted_version=one.wanted, delivered_version=one.delivered, attempts=one.attempts,
        next_try_at=_at(one.next_try_at) if one.state == "due" else None,
        waits_for=strawberry.ID(str(one.waits_for)) if one.waits_for else None, reason=one.reason or None,
    )  # fmt: skip


def _try(one: standings.Try | None, sees_errors: bool) -> WhereTry | None:
    return None if one is None else WhereTry(
        operation=one.operation, state=one.state, started_at=DateTime(instant_text(one.started_at)), finished_at=_at(one.finished_at),
        error=None if one.error is None or not sees_errors else Json(one.error),
    )  # fmt: skip


def _field(meta: EntityMeta, row: where.Row, is_masked: bool) -> WhereField:
    return WhereField(
        field=spelt(row.name), group=camel(row.group), value=None if is_masked or row.value is None else Json(row.value),
        label=None if is_masked else row.label or None, rule=row.rule or None, winner=row.winner or None, provisional=row.is_provisional, masked=is_masked,
        decision_id=Long(str(row.decision_id)) if row.decision_id else None, since=DateTime(row.since) if row.since else None, differs=row.differs,
        cells=[_cell(cell, label, is_masked) for cell, label in zip(row.cells, row.labels, strict=True)],
    )  # fmt: skip


def spelt(name: str) -> str:
    """A field as the API calls it; one of the firm's own stays ``extra.<name>``."""
    return name if name.startswith("extra.") else camel(name)


def _cell(one: Cell, label: str, is_masked: bool) -> WhereCell:
    shown = not is_masked
    return WhereCell(
        system=one.system, value=Json(one.value) if shown and one.value is not None else None, label=(label or None) if shown else None,
        verdict=one.verdict, meaning=VERDICTS[one.verdict], reason=one.reason or None, is_winner=one.is_winner,
        since=DateTime(one.since) if one.since else None,
        held=Json(one.held) if shown and one.held is not None else None,
    )  # fmt: skip


def _stage(one: chain.Stage) -> ChainStage:
    return ChainStage(name=one.name, title=one.title, has_more=one.has_more, hops=[_hop(each) for each in one.hops])


def _hop(one: chain.Hop) -> ChainHop:
    return ChainHop(
        entity=one.entity, id=strawberry.ID(str(one.golden_id)), label=one.label, state=one.state or None, day=Date(one.day) if one.day else None,
        money=_money(one.money) if one.money else None, asked=one.is_asked, stopped=one.is_stopped,
        gates=[ChainGate(code=each.code, text=each.text, who_acts=each.who, open=each.is_open) for each in one.gates],
        holds=[
            ChainHold(id=strawberry.ID(str(each["id"])), level=each["level"], reason=each["reason"], placed_by=each["placed_by"], review_on=each["review_on"])
            for each in one.holds
        ],
        tasks=[_task(each) for each in one.tasks],
        deliveries=[ChainLane(system=each["system"], state=each["state"], reason=each["reason"], next_try_at=each["next_try_at"]) for each in one.lanes],
        names=[ChainName(field=camel(each.field), entity=each.entity, id=strawberry.ID(str(each.golden_id)), label=each.label) for each in one.names],
    )  # fmt: skip


def where_fields() -> dict[str, StrawberryField]:
    return {
        "where_is": resolved_field(
            "whereIs", Whereabouts | None, where_is,
            "Where a record stands: what every system says of each field, what becomes of the differences, who must act; and the chain of money around it.",
            entity=str, id=strawberry.ID, system=str | None,
        ),
    }  # fmt: skip
