"""``hub match again``, ``forms`` and ``use``: matching of what a tenant holds, by the model in force, without the extra ``match``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hub.core.match import NORMAL_VERSION, spec_of
from hub.errors import RequestError
from hub.flows import forms, forms_later, match_models
from hub.flows.reevaluate import Looked, reevaluate
from hub.flows.tenants import need_tenant
from hub.settings import Settings
from hub.store import likeness
from hub.store.configuration import ConfigurationCache
from hub.store.pool import Pool, open_worker_pool
from hub.up import running
from schema import ENTITIES

COMPARED = tuple(meta.name for meta in ENTITIES.values() if spec_of(meta) is not None)

Work = Callable[[Pool, int], Awaitable[str]]


def on_tenant(settings: Settings, tenant: str, work: Work) -> None:
    """Run ``work`` on one tenant of a hub that is up or of its data folder, and print the sentence it answers."""

    async def run(live: Settings) -> str:
        pool = await open_worker_pool(live.need("worker_url"), size=3, name="hub-match")
        try:
            return await work(pool, await need_tenant(pool, tenant))
        finally:
            await pool.close()

    with running(settings) as (live, _):
        print(asyncio.run(run(live)))


def again(settings: Settings, tenant: str, entity: str, is_all: bool) -> None:
    """Look again at what came or changed since the last time."""

    async def work(pool: Pool, tenant_id: int) -> str:
        told = []
        for one in chosen(entity):
            with progress_bar() as bar:
                task = bar.add_task(one, total=None)

                def say(done: Looked, left: int, bar: Progress = bar, task: TaskID = task) -> None:
                    bar.update(task, completed=done.looked_at, total=done.looked_at + left)

                done = await reevaluate(pool, ConfigurationCache(), tenant_id, one, is_all=is_all, actor="operator", say=say)
            if done.looked_at:
                told.append(f"{one}: looked at {done.looked_at:,}, joined {done.joined:,}, moved {done.moved:,}, asked {done.asked:,}.")
        return "\n".join(told) or "Nothing came or changed since the last time."

    on_tenant(settings, tenant, work)


def renew_forms(settings: Settings, tenant: str, entity: str, is_all: bool) -> None:
    """Compute the normal forms and blocking keys that are missing or of an older normaliser; ``is_all``: every one."""

    async def work(pool: Pool, tenant_id: int) -> str:
        total = 0
        for one in chosen(entity):
            with progress_bar() as bar:
                task = bar.add_task(one, total=None)

                def say(done: int, bar: Progress = bar, task: TaskID = task) -> None:
                    bar.update(task, completed=done)

                total += await renew(pool, tenant_id, one, is_all, say)
        return f"{total:,} forms written."

    on_tenant(settings, tenant, work)


async def renew(pool: Pool, tenant_id: int, entity: str, is_all: bool, say: Callable[[int], None]) -> int:
    """Compute forms page by page: those missing or of an older normaliser, or every one; answers how many. ``say`` hears how far it is."""
    await forms_later.write_all(pool, ConfigurationCache(), tenant_id)
    after = done = 0
    normal = -1 if is_all else NORMAL_VERSION
    while True:
        async with pool.acquire() as tx, tx.transaction():
            config = await ConfigurationCache().get(tx, tenant_id)
            ids = await likeness.without_form(tx, tenant_id, entity, normal, after, forms.PAGE)
            if not ids:
                return done
            done += await forms.renew(tx, config, ids)
        after = ids[-1]
        say(done)


def use(settings: Settings, tenant: str, entity: str, version: int) -> None:
    """Put a trained model in force from the machine itself; by the API two teams agree on it."""

    async def work(pool: Pool, tenant_id: int) -> str:
        async with pool.acquire() as tx, tx.transaction():
            told = await match_models.use(tx, await ConfigurationCache().get(tx, tenant_id), entity, version, "operator")
        return f"{told['entity']}: model {told['after']} judges now (before: {told['before']}). Run 'hub match forms --all' and 'hub match again --all'."

    on_tenant(settings, tenant, work)


def chosen(entity: str) -> tuple[str, ...]:
    if not entity:
        return COMPARED
    if entity not in COMPARED:
        raise RequestError("NOT_COMPARED", f"{entity!r} is never compared; compared are {', '.join(COMPARED)}")
    return (entity,)


def progress_bar() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True)
