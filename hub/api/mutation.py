"""How every mutation runs: roles, idempotency, transactions, and errors as data.

A payload always has ``errors``; a refused mutation has changed nothing. One idempotency key never accepts two bodies:
the same request again gets the same answer, another one ``IDEMPOTENCY_CONFLICT``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

import strawberry

from hub import telemetry
from hub.api.access import Role
from hub.api.context import Context
from hub.api.errors import ApiError, Code, Problem, problem_of
from hub.core.configuration import Configuration
from hub.flows.again import repeated, transaction
from hub.flows.steward import By
from hub.store.statements import Connection

log = telemetry.logger("api")
T = TypeVar("T")
Payload = dict[str, Any]


@strawberry.type(name="Problem", description="Why something was refused, and what to do.")
class ProblemOut:
    code: str = strawberry.field(description="Stable; programs act on it.")
    message: str
    field: str | None = strawberry.field(description="Path of what is wrong, in the request's own words.")
    retryable: bool = strawberry.field(description="Whether the same request may succeed later.")
    correlation_id: str
    remedy: str | None


def problem_out(problem: Problem, correlation_id: str) -> ProblemOut:
    return ProblemOut(
        code=problem.code,
        message=problem.message,
        field=problem.field or None,
        retryable=problem.retryable,
        correlation_id=correlation_id,
        remedy=problem.remedy or None,
    )


def by(context: Context) -> By:
    """Who decides, as flows want to know it."""
    return By(context.principal.actor, context.correlation_id)


@dataclass(frozen=True, slots=True)
class Call:
    """One mutation as it was sent. ``key`` is the caller's idempotency key; None for none."""

    name: str
    given: Mapping[str, Any]
    key: str | None = None

    @property
    def digest(self) -> bytes:
        """Names the request: the same request has the same digest."""
        return sha256(json.dumps([self.name, self.given], sort_keys=True, default=str).encode()).digest()


async def answer(
    context: Context, roles: tuple[Role, ...], call: Call, work: Callable[[Payload], Awaitable[Payload]]
) -> Payload:
    """Run one mutation and answer as data. ``work`` gets what an earlier try of the same key left behind."""
    try:
        context.principal.need_everything()
        context.principal.need(*roles)
        done = await work({}) if call.key is None else await _once(context, call, work)
        return {"errors": [], **done}
    except Exception as error:  # errors are data here; what we did not foresee is masked
        problem = problem_of(error)
        if problem is None:
            log.error("mutation failed", operation=call.name, correlation_id=context.correlation_id, exc_info=error)
            problem = Problem(Code.INTERNAL, "something went wrong here; the correlation id finds it in our log")
        return {"errors": [problem_out(problem, context.correlation_id)]}


_CLAIM = """
    INSERT INTO hub.mutation (tenant_id, actor, idempotency_key, digest, answer) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING true
"""
_FIND = "SELECT digest, answer FROM hub.mutation WHERE tenant_id = $1 AND actor = $2 AND idempotency_key = $3"
_LOCK = "SELECT answer FROM hub.mutation WHERE tenant_id = $1 AND actor = $2 AND idempotency_key = $3 FOR UPDATE"
_KEEP = """
    INSERT INTO hub.mutation (tenant_id, actor, idempotency_key, digest, answer) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant_id, actor, idempotency_key) DO UPDATE SET answer = excluded.answer
"""
_DROP = """
    DELETE FROM hub.mutation
     WHERE tenant_id = $1 AND actor = $2 AND idempotency_key = $3 AND digest = $4 AND answer ? 'pending'
"""


async def _once(context: Context, call: Call, work: Callable[[Payload], Awaitable[Payload]]) -> Payload:
    """Carry a request out once. What ``work`` answers under ``kept`` is what a repeat is answered from.

    ``work`` gets that answer, or ``{"pending": id}`` while the request is not known to be done; the id is the same for
    every try, so a record made by it is made once.
    """
    pool, who = context.services.worker_pool, _who(context, call)
    _check_key(call.key or "")
    kept = {"pending": str(context.services.new_id())}
    if await pool.fetchval(_CLAIM, *who, call.digest, kept) is None:
        row = await pool.fetchrow(_FIND, *who)
        if row is not None and row["digest"] != call.digest:
            raise ApiError(
                Code.IDEMPOTENCY_CONFLICT, "this idempotency key was used for another request", "idempotencyKey",
                "Use a new key for a new request.",
            )  # fmt: skip
        kept = row["answer"] if row is not None else kept
    try:
        done = await work(kept)
    except Exception:
        await pool.execute(_DROP, *who, call.digest)
        raise
    if "pending" in kept:
        await keep(pool, context, call, done.get("kept", {}))
    return done


async def answered(tx: Connection, context: Context, call: Call) -> Payload | None:
    """What the request was answered before; whoever else carries it out at this moment is waited for."""
    row = await tx.fetchrow(_LOCK, *_who(context, call)) if call.key is not None else None
    return row["answer"] if row is not None and "pending" not in row["answer"] else None


async def keep(tx: Any, context: Context, call: Call, kept: Payload) -> None:
    """Remember the answer of a request, in the transaction that carried it out where there is one."""
    if call.key is not None:
        await tx.execute(_KEEP, *_who(context, call), call.digest, kept)


def _who(context: Context, call: Call) -> tuple[int, str, str | None]:
    return context.principal.tenant_id, context.principal.actor, call.key


def _check_key(key: str) -> None:
    if not 0 < len(key) <= 200 or not key.isprintable():
        raise ApiError(Code.BAD_INPUT, "an idempotency key is 1 to 200 printable characters", "idempotencyKey")


async def in_transaction(
    context: Context, work: Callable[[Connection, Configuration], Awaitable[T]], *, is_dry_run: bool = False
) -> T:
    """Run a flow in one transaction; one that met another is repeated. A dry run does everything and stores nothing."""
    return await repeated(lambda: _transaction(context, work, is_dry_run))


async def _transaction(
    context: Context, work: Callable[[Connection, Configuration], Awaitable[T]], is_dry_run: bool
) -> T:
    async with transaction(context.services.worker_pool, is_dry_run=is_dry_run) as tx:
        return await work(tx, await context.services.configurations.get(tx, context.principal.tenant_id))
