"""What operations look at from above: money that is blocked, overrides in force, codes nobody has mapped.

Every board is one or two statements over the tenant's views, whatever the number of golden records; amounts are summed per
currency and never across.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.common import GoldenRecord, Money
from hub.api.context import Context
from hub.api.errors import ApiError, Code
from hub.api.operation_types import DecisionRecord
from hub.api.operations import DECISIONS, list_field
from hub.api.plan import AnyOf, Compare, Condition, Op, OrderBy, Shape
from hub.api.scalars import DateTime, Json, Long
from hub.api.shells import Annotation, resolved_field
from hub.api.values import to_sql
from hub.core.causes import cause_of
from hub.core.risk import risk_of
from hub.core.suggesting import suggest_code
from hub.flows import release
from hub.flows.release import BLOCKING
from hub.flows.staging import code_of
from hub.store.golden import instant_text
from schema import CODE_SETS, ENTITIES

READERS = (Role.STEWARD, Role.ADMIN, Role.READER)
OPERATORS = (Role.STEWARD, Role.ADMIN)


@strawberry.enum(description="What blocked money is told by; always by currency too.")
class MoneyBy(Enum):
    CAUSE = "cause"
    TEAM = "team"
    LEGAL_ENTITY = "legal_entity"
    ENTITY = "entity"
    SYSTEM = "system"


async def _legal_entity(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.row(ENTITIES["legal_entity"], root["legal_entity"]) if root.get("legal_entity") else None


def _legal_entity_id(root: Any) -> strawberry.ID | None:
    return strawberry.ID(str(root["legal_entity"])) if root.get("legal_entity") else None


def _part(name: str) -> Any:
    return lambda root: root.get(name)


def _means(root: Any) -> str | None:
    return cause_of(root["cause"]).means if root.get("cause") else None


def _how(root: Any) -> str | None:
    return release.how(root["cause"]) if root.get("cause") else None


def _remedy(root: Any) -> str | None:
    return release.remedy(root["cause"]) if root.get("cause") else None


@strawberry.type(description="Money that open tasks hold up, of one currency. What is not told by is null.")
class BlockedMoney:
    cause: str | None = strawberry.field(resolver=_part("cause"))
    team: str | None = strawberry.field(resolver=_part("team"), description="Who has to act.")
    legal_entity_id: strawberry.ID | None = strawberry.field(resolver=_legal_entity_id)
    legal_entity: GoldenRecord | None = strawberry.field(resolver=_legal_entity)
    entity: str | None = strawberry.field(resolver=_part("entity"))
    system: str | None = strawberry.field(resolver=_part("system"))
    amount: Money
    tasks: int
    entries: int = strawberry.field(description="Records and messages behind these tasks.")
    overdue: int = strawberry.field(description="Tasks past their deadline.")
    means: str | None = strawberry.field(resolver=_means, description="The cause in words.")
    how: str | None = strawberry.field(resolver=_how, description="How `releaseMoney` lets it go: deliveries, messages or holds; empty: not from here.")
    remedy: str | None = strawberry.field(resolver=_remedy, description="What releases it otherwise.")
    oldest_at: DateTime


@strawberry.type(description="Blocked money, the largest amounts of each currency first.")
class MoneyBoard:
    rows: list[BlockedMoney]
    totals: list[BlockedMoney] = strawberry.field(description="One a currency.")


_STAKE = """
    WITH stake AS (
        SELECT t.cause, t.team, t.legal_entity, t.entity, t.system, t.currency, t.amount, t.count, t.due_at, t.opened_at
          FROM api.steward_task t
         WHERE t.state = 'open' AND t.amount IS NOT NULL {narrowed}
         UNION ALL
        SELECT t.cause, t.team, t.legal_entity, t.entity, t.system, m.currency, m.amount, t.count, t.due_at, t.opened_at
          FROM api.steward_task t
         CROSS JOIN LATERAL jsonb_to_recordset(t.money) AS m (amount numeric, currency text)
         WHERE t.state = 'open' AND (t.money -> 1) IS NOT NULL AND m.currency <> t.currency {narrowed}
    )
    SELECT {keys}currency, sum(amount) AS amount, count(*) AS tasks, sum(count) AS entries, min(opened_at) AS oldest_at,
           count(*) FILTER (WHERE due_at < statement_timestamp()) AS overdue
      FROM stake WHERE $5::text IS NULL OR currency = $5
     GROUP BY {keys}currency ORDER BY sum(amount) DESC, {keys}currency
"""
_NARROWED = """
    AND ($1::text IS NULL OR t.cause = $1) AND ($2::text IS NULL OR t.team = $2)
    AND ($3::uuid IS NULL OR t.legal_entity = $3) AND ($4::text IS NULL OR t.system = $4)
    AND ($6::text[] IS NULL OR t.cause = ANY ($6))
"""


def stake_sql(keys: Sequence[str]) -> str:
    """The statement of the board; ``keys`` are columns of :class:`MoneyBy`."""
    return _STAKE.format(keys="".join(f"{key}, " for key in keys), narrowed=_NARROWED)


async def money_board(
    root: Any, info: Any, group_by: list[MoneyBy] = (MoneyBy.CAUSE, MoneyBy.LEGAL_ENTITY),  # type: ignore[assignment]
    cause: Any = None, team: Any = None, legal_entity: Any = None, system: Any = None, currency: Any = None,
    all_causes: bool = False,
) -> MoneyBoard:  # fmt: skip
    context: Context = info.context
    context.principal.need(*READERS)
    where = (cause, team, to_sql("uuid", legal_entity, "legalEntity") if legal_entity else None, system, currency, None if all_causes else list(BLOCKING))
    keys = list(dict.fromkeys(one.value for one in group_by))
    rows = [_blocked(row) for row in await context.reader.query(stake_sql(keys), *where)]
    totals: dict[str, dict[str, Any]] = {}
    for row in rows:
        held = totals.setdefault(row["currency"], {"currency": row["currency"], "sum": 0, "tasks": 0, "entries": 0, "overdue": 0, "oldest_at": row["oldest_at"]})
        for name in ("sum", "tasks", "entries", "overdue"):
            held[name] += row[name]
        held["oldest_at"] = min(held["oldest_at"], row["oldest_at"])
    for held in totals.values():
        held["amount"] = _money(held)
    ordered: list[Any] = sorted(totals.values(), key=lambda one: str(one["currency"]))
    return MoneyBoard(rows=rows, totals=ordered)  # type: ignore[arg-type]


def _blocked(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {**row, "sum": row["amount"], "entries": int(row["entries"])}
    return told | {"amount": _money(told)}


def _money(told: Mapping[str, Any]) -> dict[str, str]:
    return {"amount": format(told["sum"], "f"), "currency": told["currency"]}


# overrides in force


@strawberry.type(description="What one source says of the field that somebody has fixed.")
class SourceSays:
    system: str
    kind: str | None
    external_id: str
    value: Json | None
    since: DateTime | None = strawberry.field(description="Since when it says so.")


async def _override_record(root: Any, info: strawberry.Info) -> Any:
    context: Context = info.context
    return await context.row(ENTITIES[root["entity"]], root["golden_id"]) if root["golden_id"] else None


async def _said(root: Any, info: strawberry.Info) -> list[Any]:
    context: Context = info.context
    members = _members(root["entity"], root["field"])
    found = []
    for row in await context.sources(root["golden_id"]) if root["golden_id"] else ():
        values, since = row["values"] or {}, row["since"] or {}
        if row["entity"] != root["entity"] or row["state"] != "present" or not any(name in values for name in members):
            continue
        value = values.get(root["field"]) if members == (root["field"],) else {name: values[name] for name in members if name in values}
        at = next((since[name] for name in (*members, "*") if name in since), None)
        found.append({"system": row["system"], "kind": row["system_kind"], "external_id": row["external_id"], "value": value, "since": at})
    return found


def _members(entity: str, name: str) -> tuple[str, ...]:
    meta = ENTITIES.get(entity)
    return tuple(member.name for member in meta.groups[name].members) if meta and name in meta.groups else (name,)


async def _is_agreed(root: Any, info: strawberry.Info) -> bool:
    said = await _said(root, info)
    return bool(said) and all(one["value"] == root["value"] for one in said)


@strawberry.type(description="A value that somebody has fixed above all systems, and what the systems say of it now.")
class OverrideInForce(DecisionRecord):
    record: GoldenRecord | None = strawberry.field(resolver=_override_record)
    while_source: bool = strawberry.field(resolver=lambda root: bool(root["while_source"]), description="Ends when its source says something new.")
    risk: str = strawberry.field(resolver=lambda root: _risk(root["entity"], root["field"]), description="R1, R2 or R3: who may withdraw it alone.")
    said: list[SourceSays] = strawberry.field(resolver=_said, description="What each source says of the field now.")
    is_agreed: bool = strawberry.field(resolver=_is_agreed, description="Every source says the same by now: the override is not needed.")


def _risk(entity: str, name: str) -> str:
    return risk_of(ENTITIES[entity], name).value if entity in ENTITIES else "R1"


OVERRIDES = Shape("decision", {**DECISIONS.columns, "while_source": "text"})


def _in_force(context: Context, given: Mapping[str, Any]) -> list[Condition]:
    now = instant_text(context.services.now())
    found: list[Condition] = [
        Compare("kind", Op.EQ, "override"), Compare("withdrawn_at", Op.IS_NULL, True),
        AnyOf((Compare("until", Op.IS_NULL, True), Compare("until", Op.GT, to_sql("timestamptz", now, "until")))),
    ]  # fmt: skip
    for name, column in (("entity", "entity"), ("record_id", "golden_id"), ("actor", "actor"), ("field", "field")):
        if given.get(name) is not None:
            found.append(Compare(column, Op.EQ, to_sql(OVERRIDES.type_of(column), given[name], name)))
    if given.get("expiring_before") is not None:
        found.append(Compare("until", Op.LT, to_sql("timestamptz", given["expiring_before"], "expiringBefore")))
    return found


def _overrides_field() -> StrawberryField:
    text: Annotation = str | None
    return list_field(
        "overridesInForce", OVERRIDES, OverrideInForce, _in_force,
        "Values that people have fixed above all systems, newest first: who, why, until when, and what the sources say now.",
        OPERATORS, (OrderBy("id", True),), entity=text, record_id=strawberry.ID | None, actor=text, field=text, expiring_before=DateTime | None,
    )  # fmt: skip


# codes nobody has mapped


@strawberry.type(description="A system's code that nobody has mapped, and what waits for it.")
class UnmappedCode:
    system: str
    code_set: str
    theirs: str
    count: int = strawberry.field(description="Messages that said it.")
    money: list[Money] | None
    oldest_at: DateTime
    task_id: Long
    suggestion: str | None = strawberry.field(description="Our code that is most alike.")
    likeness: str | None = strawberry.field(description="From 0 to 1.")
    is_open: bool = strawberry.field(description="The set takes codes of the firm's own, besides its values.")
    values: list[str] = strawberry.field(description="Our codes of the set.")


_UNKNOWN = """
    SELECT id, subject, system, count, money, opened_at FROM api.steward_task
     WHERE state = 'open' AND cause = 'unknown_code' AND ($1::text IS NULL OR system = $1)
     ORDER BY count DESC, id LIMIT $2
"""
MOST_CODES = 2000
_SPOKEN = "SELECT code_set, lower(theirs) AS theirs, min(ours) AS ours FROM api.code_map GROUP BY code_set, lower(theirs) HAVING count(DISTINCT ours) = 1"


async def code_map_review(root: Any, info: Any, system: Any = None, code_set: Any = None, first: Any = None) -> list[Any]:
    context: Context = info.context
    context.principal.need(*OPERATORS)
    most = MOST_CODES if first is None else max(0, min(first, MOST_CODES))
    spoken: dict[str, dict[str, str]] = {}
    for row in await context.reader.query(_SPOKEN):
        spoken.setdefault(row["code_set"], {})[row["theirs"]] = row["ours"]
    found: list[UnmappedCode] = []
    for row in await context.reader.query(_UNKNOWN, system, MOST_CODES):
        if len(found) == most:
            break
        of_system, name, theirs = code_of(row["subject"])
        if (code_set is not None and name != code_set) or name not in CODE_SETS:
            continue
        ours, likeness = suggest_code(theirs, CODE_SETS[name], spoken.get(name))
        found.append(UnmappedCode(
            system=of_system, code_set=name, theirs=theirs, count=row["count"], money=row["money"], oldest_at=row["opened_at"],
            task_id=Long(str(row["id"])), suggestion=ours or None, likeness=str(likeness) if ours else None,
            is_open=CODE_SETS[name].is_open, values=list(CODE_SETS[name].values),
        ))  # fmt: skip
    return found


def board_fields() -> dict[str, StrawberryField]:
    """The boards of operations."""
    text = str | None
    return {
        "money_board": resolved_field(
            "moneyBoard", MoneyBoard, money_board, "Blocked money by cause, legal entity, team, entity or system, and by currency; `allCauses`: whatever open task has money at stake.",
            group_by=list[MoneyBy], cause=text, team=text, legal_entity=strawberry.ID | None, system=text, currency=text, all_causes=bool,
        ),
        "overrides_in_force": _overrides_field(),
        "code_map_review": resolved_field(
            "codeMapReview", list[UnmappedCode], code_map_review, "Codes nobody has mapped, those most messages wait for first, with suggestions.",
            system=text, code_set=text, first=int | None,
        ),
    }  # fmt: skip


def need_ids(texts: Sequence[str], path: str, most: int) -> list[int]:
    """Ids of decisions or tasks as they were sent; raises :class:`ApiError` for too many or none."""
    if not 0 < len(texts) <= most:
        raise ApiError(Code.BAD_INPUT, f"{path} names from 1 to {most}", path)
    return [int(text) for text in texts]
