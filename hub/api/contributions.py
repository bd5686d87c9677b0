"""The mutation that takes records of systems in: ``ingest``. What people and portals state is in :mod:`hub.api.upserts`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
import strawberry
from strawberry.types.field import StrawberryField

from hub.api.access import Role
from hub.api.context import Context
from hub.api.errors import ApiError, Code, Problem
from hub.api.mutation import Call, Payload, ProblemOut, answer, problem_out
from hub.api.scalars import Json, Long
from hub.api.shells import resolved_field
from hub.core.records import SourceKey
from hub.errors import RequestError
from hub.flows import receive
from hub.flows.contribute import contribute
from hub.flows.receive import Origin
from hub.store.inbox import NewMessage

WRITERS = (Role.STEWARD, Role.ADMIN)
SENDERS = (Role.SYSTEM, Role.STEWARD, Role.ADMIN)
MOST_RECORDS = 500
MOST_AT_ONCE = 50
"""Records folded while the caller waits; more are kept at once and folded by the workers."""


@strawberry.input(description="One record as a system says it.")
class RecordInput:
    object: str = strawberry.field(description="Kind of record in that system; without a mapping, one of our entities.")
    external_id: str
    body: Json = strawberry.field(description="The record; canonical field names when no mapping reads it.")
    system: str | None = strawberry.field(default=None, description="Unless stated for all, or by the key.")
    version: str | None = strawberry.field(default=None, description="The system's own version, which orders messages.")
    delete: bool = strawberry.field(default=False, description="The record is gone at its system.")
    idempotency_key: str | None = None


@strawberry.type(description="What became of one record.")
class IngestResult:
    index: int
    message_id: Long | None
    status: str = strawberry.field(description="new, repeat (same key and body), or refused.")
    outcome: str | None = strawberry.field(
        description="applied, unchanged, stale, waiting, incomplete or quarantined; open while the workers have it."
    )
    record_id: strawberry.ID | None
    errors: list[ProblemOut]


@strawberry.type
class IngestPayload:
    results: list[IngestResult] | None
    errors: list[ProblemOut]


def ingest_field() -> StrawberryField:
    async def ingest(
        root: Any, info: Any, records: list[RecordInput], system: Any = None, backfill: bool = False, dry_run: bool = False,
        wait: bool = True,
    ) -> Payload:  # fmt: skip
        context: Context = info.context

        async def work(_: Payload) -> Payload:
            return {"results": await _ingest(context, records, system, backfill, dry_run, wait)}

        return await answer(context, SENDERS, Call("ingest", {}), work)

    return resolved_field(
        "ingest", IngestPayload, ingest,
        "Take records of a system in. Up to 50 are folded while you wait; more, up to 500, by the workers.",
        records=list[RecordInput], system=str | None, backfill=bool, dry_run=bool, wait=bool,
    )  # fmt: skip


async def _ingest(
    context: Context, records: Sequence[RecordInput], system: str | None, is_backfill: bool, is_dry_run: bool, waits: bool
) -> list[IngestResult]:
    if not 0 < len(records) <= MOST_RECORDS:
        raise ApiError(Code.BAD_INPUT, f"send 1 to {MOST_RECORDS} records", "records", "Send them in several requests.")
    known = await _systems(context)
    results: dict[int, IngestResult] = {}
    messages: dict[int, NewMessage] = {}
    for at, record in enumerate(records):
        try:
            messages[at] = _message(context, record, system, known, f"records.{at}")
            receive.check(messages[at])
        except RequestError as error:
            messages.pop(at, None)
            results[at] = _refused(at, _at_door(error, f"records.{at}"), context)
    origin = Origin(context.principal.tenant_id, "api", context.principal.actor, is_backfill)
    if messages and (is_dry_run or (waits and len(records) <= MOST_AT_ONCE)):
        results |= await _fold(context, origin, messages, is_dry_run)
    elif messages:
        stored = await context.services.receiver.receive(origin, list(messages.values()))
        results |= {at: _kept(at, one, context) for at, one in zip(messages, stored, strict=True)}
    return [results[at] for at in range(len(records))]


async def _systems(context: Context) -> Mapping[str, Any]:
    async with context.services.worker_pool.acquire() as connection:
        config = await context.services.configurations.get(connection, context.principal.tenant_id)
    return config.systems


def _message(context: Context, record: RecordInput, system: str | None, known: Mapping[str, Any], path: str) -> NewMessage:
    own = context.principal.system
    named = record.system or system or own
    if not named:
        raise ApiError(Code.BAD_INPUT, "system is missing", f"{path}.system", "State the system for each or for all.")
    if context.principal.role is Role.SYSTEM and own is not None and named != own:
        raise ApiError(Code.FORBIDDEN, f"this key speaks for {own} only", f"{path}.system")
    if named not in known:
        raise ApiError(Code.UNKNOWN_SYSTEM, f"no system {named[:60]!r} is connected", f"{path}.system", "Connect it first.")
    return NewMessage(
        named, record.object, record.external_id, exact_json(record.body).encode(),
        record.idempotency_key or str(context.services.new_id()), context.correlation_id, record.delete, record.version or "",
    )  # fmt: skip


async def _fold(
    context: Context, origin: Origin, messages: Mapping[int, NewMessage], is_dry_run: bool
) -> dict[int, IngestResult]:
    """Fold now and tell each record's outcome; one bad record does not keep the others out."""
    done = await contribute(
        context.services.worker_pool, origin, list(messages.values()), context.services.configurations,
        is_dry_run=is_dry_run, make_id=context.services.new_id, clock=context.services.now,
    )  # fmt: skip
    details = {} if is_dry_run else await context.reader.inbox_details([one.id for one in done.stored])
    results: dict[int, IngestResult] = {}
    for (at, message), stored in zip(messages.items(), done.stored, strict=True):
        result = _kept(at, stored, context)
        result.outcome = done.ingested.outcomes.get(stored.id, "applied" if stored.status == "new" else None)
        row = details.get(stored.id)
        if row is not None:
            result.outcome = row["outcome"]
            result.errors = [_problem(one, f"records.{at}", context) for one in row["detail"] or []]
        golden_id = next((found for key, found in done.ingested.golden_ids.items() if _is_of(key, message)), None)
        result.record_id = strawberry.ID(str(golden_id)) if golden_id else None
        results[at] = result
    return results


def _is_of(key: SourceKey, message: NewMessage) -> bool:
    return key[:3] == (message.system, message.object, message.external_id)


def _problem(detail: Mapping[str, Any], path: str, context: Context) -> ProblemOut:
    field = f"{path}.body.{detail['field']}" if detail.get("field") else path
    code = str(detail.get("cause", Code.REFUSED)).upper()
    return problem_out(
        Problem(code, detail.get("reason") or "", field, detail.get("remedy") or ""), context.correlation_id
    )


def _kept(at: int, stored: Any, context: Context) -> IngestResult:
    if stored.status == "conflict":
        problem = Problem(
            Code.IDEMPOTENCY_CONFLICT, "this idempotency key was used for another body",
            f"records.{at}.idempotencyKey", "Use a new key for a new record.",
        )  # fmt: skip
        return _refused(at, problem, context)
    return IngestResult(
        index=at, message_id=Long(str(stored.id)), status=stored.status, outcome="open", record_id=None, errors=[]
    )


def _at_door(error: RequestError, path: str) -> Problem:
    """Why a record was not taken, with the path of the request."""
    field = error.field if error.field.startswith(path) else f"{path}.{error.field}"
    return Problem(error.code.upper(), str(error), field, error.remedy, error.is_retryable)


def _refused(at: int, problem: Problem, context: Context) -> IngestResult:
    errors = [problem_out(problem, context.correlation_id)]
    return IngestResult(index=at, message_id=None, status="refused", outcome=None, record_id=None, errors=errors)


def exact_json(value: Any) -> str:
    """JSON text that keeps every digit of a number.

    >>> exact_json({"amount": Decimal("1.10"), "tags": ["a", None]})
    '{"amount":1.10,"tags":["a",null]}'
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a decimal, or a number of more than 64 bits
        return _spelt_out(value)


def _spelt_out(value: Any) -> str:
    """The same piece by piece.

    >>> _spelt_out({"n": 2**70, "text": "ä\\n"}) == '{"n":1180591620717411303424,"text":"ä\\\\n"}'
    True
    """
    match value:
        case Mapping():
            return "{" + ",".join(f"{json.dumps(str(key), ensure_ascii=False)}:{_spelt_out(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(_spelt_out(each) for each in value) + "]"
        case Decimal():
            return format(value, "f")
    return json.dumps(value, ensure_ascii=False)
