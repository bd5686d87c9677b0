"""Large plans, page by page: a worker takes one, commits after every page, and another goes on where it ended."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg

from hub.errors import RequestError
from hub.flows.again import repeated
from hub.flows.plans import LEASE_S, compute_page
from hub.flows.plans_apply import go_on
from hub.flows.reevaluate import reevaluate
from hub.store import plans
from hub.store.configuration import ConfigurationCache, tenants
from hub.store.pool import Pool
from hub.store.statements import Connection
from hub.telemetry import logger

log = logger("hub.flows.plans")
SETTLES_S = 5.0
"""After a plan was applied, whatever was stored around then is computed again once this has passed."""


async def work_due(pool: Pool, configurations: ConfigurationCache, *, most_pages: int = 10_000) -> int:
    """Go on with every tenant's plans; answers how many pages were worked on."""
    async with pool.acquire() as connection:
        every = await tenants(connection)
    did = 0
    for tenant_id, _ in every:
        while did < most_pages and (pages := await _work_one(pool, configurations, tenant_id, most_pages - did)):
            did += pages
        await _settle(pool, configurations, tenant_id)
    return did


async def _work_one(pool: Pool, configurations: ConfigurationCache, tenant_id: int, most_pages: int) -> int:
    """Claim one plan and work on it to its next state."""
    token = uuid4()
    async with pool.acquire() as connection:
        plan_id = await plans.claim(connection, tenant_id, token, LEASE_S)
    pages = 0
    while plan_id is not None and pages < most_pages:
        pages += 1
        if not await _page(pool, configurations, tenant_id, plan_id, token):
            return pages
    if plan_id is not None:
        await plans.SQL["let_go"].run(pool, tenant=tenant_id, id=plan_id, token=token)
    return pages


async def _page(pool: Pool, configurations: ConfigurationCache, tenant_id: int, plan_id: int, token: UUID) -> bool:
    """One page in a transaction of its own; answers whether there is more to do under this claim."""

    async def once() -> bool:
        async with pool.acquire() as connection, connection.transaction():
            return await _step(connection, configurations, tenant_id, plan_id, token)

    try:
        return await repeated(once)
    except (asyncpg.DataError, asyncpg.ProgrammingError, asyncpg.IntegrityConstraintViolationError, RequestError, ValueError, KeyError) as error:
        log.error("plan_failed", plan=plan_id, error=type(error).__name__, exc_info=error)
        async with pool.acquire() as connection, connection.transaction():
            if await plans.held(connection, tenant_id, plan_id, token) is not None:
                await plans.move(connection, tenant_id, plan_id, "failed", error=f"It could not be computed: {type(error).__name__}.")
        return False


async def _step(tx: Connection, configurations: ConfigurationCache, tenant_id: int, plan_id: int, token: UUID) -> bool:
    plan = await plans.held(tx, tenant_id, plan_id, token)
    if plan is None:  # cancelled, or another worker's
        return False
    config = await configurations.get(tx, tenant_id)
    after = await (compute_page if plan.state == "computing" else go_on)(tx, config, plan)
    return after.state == plan.state


async def _settle(pool: Pool, configurations: ConfigurationCache, tenant_id: int) -> None:
    """Finish applied plans: records stored while a policy was switched are computed again, since whoever stored them may still
    have read the former one; and what a match plan lists is looked at again at once, not only at night.
    """
    async with pool.acquire() as connection, connection.transaction():
        rows = await plans.SQL["unsettled"].fetch(connection, tenant=tenant_id, after_s=SETTLES_S)
        for row in rows:
            if row["kind"] == "policy":
                await plans.SQL["touched_since"].run(
                    connection, tenant=tenant_id, entities=row["entities"], since=row["applied_at"],
                    actor=row["approved_by"] or row["actor"], correlation_id=row["correlation_id"],
                )  # fmt: skip
        if rows:
            await plans.SQL["settled"].run(connection, tenant=tenant_id, ids=[row["id"] for row in rows])
            await connection.execute("SELECT pg_notify('hub_reconsider', $1)", str(tenant_id))
    for row in rows:
        if row["kind"] == "match_model":
            await reevaluate(pool, configurations, tenant_id, row["entities"][0], actor=f"plan:{row['id']}")
