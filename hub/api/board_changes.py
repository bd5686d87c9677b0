"""What is done from boards, many at once and told before it is done: release money, map codes, take overrides back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from hub.api.approval_types import Proposal
from hub.api.boards import need_ids
from hub.api.common import Money
from hub.api.context import Context
from hub.api.decisions import STEWARDS, decide, need_system
from hub.api.errors import ApiError, Code
from hub.api.mutation import Payload, ProblemOut, by
from hub.api.scalars import Json, Long
from hub.api.shells import resolved_field
from hub.api.values import to_sql
from hub.core.configuration import Configuration
from hub.core.proposing import records_of
from hub.errors import RequestError
from hub.flows import approvals, release
from hub.flows.release import Cell
from hub.store import approvals as changed
from hub.store.statements import Connection

MOST = 200


@strawberry.type(description="What was released, or would be: deliveries, messages or held items, with their money per currency.")
class ReleasePayload:
    how: str | None = strawberry.field(description="deliveries, messages or holds.")
    tasks: int | None
    entries: int | None
    money: list[Money] | None
    proposal: Proposal | None = strawberry.field(description="Set when a second person must approve first: then nothing is released yet.")
    errors: list[ProblemOut]


async def release_money(
    root: Any, info: Any, cause: str, reason: str, legal_entity: Any = None, without_legal_entity: bool = False, currency: Any = None,
    task_ids: Any = None, dry_run: bool = False,
) -> Payload:  # fmt: skip
    context: Context = info.context
    house: UUID | None = to_sql("uuid", legal_entity, "legalEntity") if legal_entity else None
    ids = need_ids(task_ids, "taskIds", 1000) if task_ids is not None else None

    async def work(tx: Connection, config: Configuration) -> Payload:
        cell = Cell(cause, house is not None or without_legal_entity, house, currency, ids)
        done = await release.release(tx, config, cell, by(context), reason, is_dry_run=dry_run)
        told: Payload = {"how": done.how, "tasks": done.tasks, "entries": done.entries, "money": list(done.money)}
        return told | ({"proposal_id": str(done.proposal_id)} if done.proposal_id is not None else {})

    return await decide(context, STEWARDS, "releaseMoney", {}, work, is_dry_run=dry_run)


@strawberry.input(description="One code and what it means.")
class CodeMeaning:
    system: str
    set: str
    theirs: str
    ours: str
    direction: str = "both"
    is_default: bool = False


MEANING = ("system", "set", "theirs", "ours", "direction", "is_default")


@strawberry.type(description="What became of one of many: done, proposed, or why not.")
class ItemOutcome:
    item: str
    outcome: str = strawberry.field(description="done, proposed or refused.")
    count: int | None = strawberry.field(description="Messages or records that follow from it.")
    proposal_id: Long | None
    code: str | None
    message: str | None
    remedy: str | None


@strawberry.type(description="Many at once: each with what became of it. What was refused has changed nothing.")
class ManyPayload:
    done: int | None
    count: int | None = strawberry.field(description="Messages or records that follow from all of them.")
    outcomes: list[ItemOutcome] | None
    records: Json | None = strawberry.field(description="What it changes: [{entity, id, op, fields: [{field, before, after}]}].")
    batch_id: strawberry.ID | None = strawberry.field(description="Takes all of it back with `undoMany`.")
    errors: list[ProblemOut]


def outcome(item: str, told: Mapping[str, Any] | None = None, error: RequestError | None = None) -> dict[str, Any]:
    """One line of :class:`ManyPayload`."""
    given = told or {}
    kind = "refused" if error else "proposed" if "proposal_id" in given else "done"
    return {
        "item": item, "outcome": kind, "count": given.get("count"), "proposal_id": given.get("proposal_id"),
        "code": error.code if error else None, "message": str(error) if error else None, "remedy": error.remedy if error else None,
    }  # fmt: skip


def _many(outcomes: list[dict[str, Any]]) -> Payload:
    done = [one for one in outcomes if one["outcome"] != "refused"]
    return {"done": len(done), "count": sum(one["count"] or 0 for one in done), "outcomes": outcomes}


async def _each(tx: Connection, config: Configuration, context: Context, asked: list[tuple[str, str, dict[str, Any]]], is_dry_run: bool) -> Payload:
    """Run (item, operation, arguments) each in a step of its own, so that one refused does not take the others with it."""
    found, batch = [], context.services.new_id()
    who = replace(by(context), batch_id=batch)
    after = await changed.last_change(tx, config.tenant_id)
    for item, operation, given in asked:
        try:
            async with tx.transaction():
                done = await approvals.submit(tx, config, operation, given, who, is_dry_run=is_dry_run)
                told = dict(done.outcome.answer) if done.outcome is not None else {"proposal_id": str(done.proposal_id)}
                found.append(outcome(item, told))
        except RequestError as error:
            found.append(outcome(item, None, error))
    records = records_of(await changed.changes_since(tx, config.tenant_id, after))
    return _many(found) | {"batch_id": str(batch), "records": records}


async def map_codes(root: Any, info: Any, entries: list[CodeMeaning], dry_run: bool = False) -> Payload:
    context: Context = info.context
    if not 0 < len(entries) <= MOST:
        raise ApiError(Code.BAD_INPUT, f"entries are from 1 to {MOST}", "entries")

    async def work(tx: Connection, config: Configuration) -> Payload:
        for one in entries:
            need_system(config, one.system)
            if one.direction not in ("in", "out", "both"):
                raise ApiError(Code.BAD_INPUT, "direction is in, out or both", "entries")
        asked = [
            (f"{one.system} {one.set} {one.theirs}", "map_code", {name: getattr(one, name) for name in MEANING})
            for one in entries
        ]
        return await _each(tx, config, context, asked, dry_run)

    return await decide(context, STEWARDS, "mapCodes", {}, work, is_dry_run=dry_run)


async def withdraw_many(root: Any, info: Any, decision_ids: list[str], dry_run: bool = False) -> Payload:
    context: Context = info.context
    ids = need_ids(decision_ids, "decisionIds", MOST)

    async def work(tx: Connection, config: Configuration) -> Payload:
        return await _each(tx, config, context, [(str(one), "withdraw", {"decision_id": str(one)}) for one in ids], dry_run)

    return await decide(context, STEWARDS, "withdrawMany", {}, work, is_dry_run=dry_run)


def board_change_fields() -> dict[str, StrawberryField]:
    """Mutations of the boards."""
    return {
        "release_money": resolved_field(
            "releaseMoney", ReleasePayload, release_money,
            "Let money go that tasks hold up: try deliveries again, take messages up again, ask for the release of billing holds.",
            cause=str, reason=str, legal_entity=strawberry.ID | None, without_legal_entity=bool, currency=str | None,
            task_ids=list[Long] | None, dry_run=bool,
        ),
        "map_codes": resolved_field(
            "mapCodes", ManyPayload, map_codes, "Map several codes; every message that waited for one of them is taken up.",
            entries=list[CodeMeaning], dry_run=bool,
        ),
        "withdraw_many": resolved_field(
            "withdrawMany", ManyPayload, withdraw_many, "Take several decisions back, each on its own; those of a risky field become proposals.",
            decision_ids=list[Long], dry_run=bool,
        ),
    }  # fmt: skip
