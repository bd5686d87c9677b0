"""``hub match train`` and ``report``: models learned from what a tenant holds, shown, and put in force where that is wanted."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress, TaskID

from hub.core.match import Model, spec_of
from hub.errors import RequestError
from hub.flows import match_models
from hub.match.showing import show
from hub.match.training import Learned, train
from hub.rematching import chosen, on_tenant, progress_bar, renew
from hub.settings import Settings
from hub.store import likeness, training
from hub.store.configuration import ConfigurationCache
from hub.store.pool import Pool
from schema import ENTITIES

WIDE = 150
"""Columns of the charts where nobody says how wide the screen is."""


def learn(settings: Settings, tenant: str, entity: str, sample: int, is_used: bool) -> None:
    """Train one entity's model, or every compared one's that has records; ``is_used`` puts it in force."""

    async def work(pool: Pool, tenant_id: int) -> str:
        told = []
        for one in chosen(entity):
            await _missing_forms(pool, tenant_id, one)
            if not entity and await training.population(pool, tenant_id, one) < 2:
                continue
            learned = await _trained(pool, tenant_id, one, sample)
            show(_screen(), one, learned.version, learned.model, learned.report)
            told.append(await _put_in_force(pool, tenant_id, one, learned.version) if is_used else _hint(one, learned.version))
        return "\n".join(told) or "There is nothing to learn from: no record that is compared."

    on_tenant(settings, tenant, work)


def _hint(entity: str, version: int) -> str:
    return f"Model {version} of {entity} is kept and judges nothing yet. Put it in force with 'hub match use {entity} {version}', or plan it by useMatchModel."


async def _missing_forms(pool: Pool, tenant_id: int, entity: str) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"{entity}: missing forms", total=None)
        await renew(pool, tenant_id, entity, False, lambda done: bar.update(task, completed=done))


async def _trained(pool: Pool, tenant_id: int, entity: str, sample: int) -> Learned:
    with progress_bar() as bar:
        task = bar.add_task(f"{entity}: reading", total=100)

        def tell(step: str, share: float, bar: Progress = bar, task: TaskID = task) -> None:
            bar.update(task, description=f"{entity}: learning {step}", completed=round(100 * share))

        return await train(pool, tenant_id, entity, sample=sample, tell=tell)


async def _put_in_force(pool: Pool, tenant_id: int, entity: str, version: int) -> str:
    """Let it judge, and write every form anew: other words are rare by now. Whatever is written anew is looked at again."""
    async with pool.acquire() as tx, tx.transaction():
        told = await match_models.use(tx, await ConfigurationCache().get(tx, tenant_id), entity, version, "operator")
    with progress_bar() as bar:
        task = bar.add_task(f"{entity}: forms", total=None)
        count = await renew(pool, tenant_id, entity, True, lambda done: bar.update(task, completed=done))
    return f"{entity}: model {version} judges now (before: {told['before']}); {count:,} forms are written anew and due. 'hub match again' looks at them now."


def report(settings: Settings, tenant: str, entity: str, version: int) -> None:
    """Print a stored version again: the one in force, the newest, or the one named. Raises ``NOT_FOUND`` where there is none."""

    async def work(pool: Pool, tenant_id: int) -> str:
        told = []
        for one in chosen(entity):
            rows = await likeness.models(pool, tenant_id, one)
            named = [row for row in rows if row["version"] == version] if version else sorted(rows, key=lambda row: row["state"] != "in_force")
            spec = spec_of(ENTITIES[one])
            if spec is None or not named:
                continue
            row = named[0]
            show(_screen(), one, row["version"], Model.from_json(spec, row["document"]), row["report"])
            told.append(f"{one}: model {row['version']} is {row['state'].replace('_', ' ')}, made {row['made_at']:%Y-%m-%d %H:%M} by {row['made_by']}.")
        if not told:
            raise RequestError("NOT_FOUND", f"there is no model{f' {version}' if version else ''} of {entity or 'anything'}", remedy="Train one: hub match train.")
        return "\n".join(told)

    on_tenant(settings, tenant, work)


def _screen() -> Console:
    screen = Console()
    return screen if screen.is_terminal else Console(width=WIDE)
