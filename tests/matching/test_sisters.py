"""Sister companies by the hundred, of a word list nothing was tuned on: none is linked without a person, whichever way they come."""

from __future__ import annotations

import json
from itertools import product
from typing import Any
from uuid import UUID

from hub.core import match
from hub.core.match import Model
from hub.core.normalize import normal_values
from hub.flows import match_models
from hub.flows.load_plan import FilePlan
from hub.flows.reevaluate import reevaluate
from hub.flows.tenants import ensure_tenant
from hub.match.first_load import first_load
from hub.match.load_read import Line
from hub.match.train import trained
from hub.store import configuration
from schema import ENTITIES
from schema.systems import BILL, CRM, ERP
from tests.conftest import Database
from tests.flows.conftest import Hub, hub
from tests.matching.firms import Record, records

__all__ = ["hub"]
FIRMS, SISTERS = 300, 150
PLAN = FilePlan(("client",), kinds={"crm": CRM, "erp": ERP, "bill": BILL})


def learned() -> Model:
    """What another firm of this kind teaches."""
    spec = match.spec_of(ENTITIES["client"])
    assert spec is not None
    forms = [match.normal_form(spec, normal_values(ENTITIES["client"], one.values)[0], None, one.system) for one in records(FIRMS, SISTERS, seed=5)]
    return trained(spec, forms).model


async def in_force(hub: Hub, tenant: int, model: Model) -> None:
    async with hub.pool.acquire() as tx, tx.transaction():
        version = await match_models.store(tx, tenant, model, {}, "test")
        await match_models.use(tx, await configuration.read(tx, tenant, 0), "client", version, "test")


def together(homes: dict[str, Any]) -> set[frozenset[str]]:
    found: dict[Any, set[str]] = {}
    for external_id, home in homes.items():
        found.setdefault(home, set()).add(external_id)
    return {frozenset(several) for several in found.values()}


async def test_no_sister_is_linked_without_a_person_and_each_likely_one_is_asked_about(hub: Hub, database: Database) -> None:
    model, told = learned(), records(FIRMS, SISTERS, seed=9, most=2)
    await in_force(hub, hub.tenant, model)
    for at, one in enumerate(told):
        await hub.tell(one.system, "client", one.external_id, one.values)
        if at % 20 == 0:
            await hub.settle()
    await hub.settle()
    await reevaluate(hub.pool, hub.ingester.configurations, hub.tenant, "client", is_all=True)
    homes = await _homes(hub)
    firm_of = {one.external_id: one.firm for one in told}
    assert [several for several in together(homes) if len({firm_of[one] for one in several}) > 1] == []
    linked = sum(len(several) > 1 for several in together(homes))
    assert linked > 0.6 * sum(len([one for one in told if one.firm == firm]) > 1 for firm in set(firm_of.values())), "what is one firm is linked"
    assert await _not_asked(hub, model, told, homes) == []
    batch = await _loaded_at_once(hub, database, model, told)
    assert together(batch) == together(homes)


async def _homes(hub: Hub) -> dict[str, UUID]:
    rows = await hub.rows("SELECT external_id, golden_id FROM hub.source_record WHERE tenant_id = $1", hub.tenant)
    return {row["external_id"]: row["golden_id"] for row in rows}


async def _not_asked(hub: Hub, model: Model, told: list[Record], homes: dict[str, UUID]) -> list[tuple[str, str, float]]:
    """Records of sister companies in the review zone that nobody is asked about, or without a reason."""
    rows = await hub.rows("SELECT golden_id, reason, detail ->> 'other' AS other FROM hub.task WHERE tenant_id = $1 AND cause = 'possible_duplicate' AND state = 'open'", hub.tenant)
    asked = {frozenset((str(row["golden_id"]), row["other"])) for row in rows if row["reason"]}
    forms = {row["external_id"]: row["form"] for row in await hub.rows(
        "SELECT s.external_id, f.form FROM hub.match_form f JOIN hub.source_record s ON s.tenant_id = f.tenant_id AND s.id = f.source_id WHERE f.tenant_id = $1", hub.tenant)}  # fmt: skip
    of: dict[int, list[str]] = {}
    for one in told:
        of.setdefault(one.firm, []).append(one.external_id)
    pairs = [pair for sister in range(SISTERS) for pair in product(of[sister], of[FIRMS + sister])]
    weighed = [(one, other, match.bits(model, forms[one], forms[other])) for one, other in pairs]
    likely = [one for one in weighed if one[2] >= model.threshold_review]
    assert len(likely) > 20, "there is something to ask about"
    return [one for one in likely if frozenset((str(homes[one[0]]), str(homes[one[1]]))) not in asked]


async def _loaded_at_once(hub: Hub, database: Database, model: Model, told: list[Record]) -> dict[str, UUID]:
    async with hub.pool.acquire() as tx, tx.transaction():
        tenant = await ensure_tenant(tx, "atonce")
    await in_force(hub, tenant, model)
    lines = [Line(at, one.system, "client", one.external_id, json.dumps(one.values).encode()) for at, one in enumerate(told)]
    done = await first_load(database.owner_url, tenant, PLAN, "client", lambda: iter(lines), processes=0, with_homes=True)
    return {external_id: home for (_, external_id), home in done.homes.items()}
