"""The small firm the recorded operations ask about: every id is known, and some of it changed in June."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hub.core.change import Cause, diff
from hub.core.records import Golden, Lineage
from hub.store import former, golden
from schema import ENTITIES
from tests.api.conftest import AT, Api, Tenant

MERGED_AT = datetime(2026, 6, 2, tzinfo=UTC)
CORRECTED_AT = datetime(2026, 6, 5, tzinfo=UTC)


def uid(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012d}"


@dataclass(frozen=True)
class Firm:
    """Builds the firm's records under their numbers."""

    api: Api
    tenant: Tenant

    async def add(self, entity: str, number: int, /, **values: Any) -> None:
        await self.api.golden(self.tenant, entity, id=UUID(uid(number)), **values)

    async def correct(self, entity: str, number: int, at: datetime, before: dict[str, Any], /, **values: Any) -> None:
        """The second version of a record, since an instant."""
        meta, golden_id = ENTITIES[entity], UUID(uid(number))
        old, new = Golden(golden_id, entity, before, {}, version=1), Golden(golden_id, entity, before | values, {}, version=2)
        change = diff(old, new, Cause("source", "crm", "c-2"), at)
        assert change is not None
        await golden.save(self.api.pool, self.tenant.id, meta, [golden.version_row(self.tenant.id, meta, new, AT, at)])
        await former.keep(self.api.pool, self.tenant.id, former.left([change]))
        await self.api.pool.execute(
            """INSERT INTO hub.change (tenant_id, entity, golden_id, version, op, before, after, cause, actor, correlation_id, at)
               VALUES ($1, $2, $3, 2, 'update', $4, $5, 'source', 'crm', 'c-2', $6)""",
            self.tenant.id, entity, golden_id, change.before, change.after, at,
        )  # fmt: skip

    async def merge(self, loser: int, survivor: int, at: datetime, /, **values: Any) -> None:
        """A client turns out to be another one; ``values`` are what was said of it."""
        ids = (UUID(uid(loser)), UUID(uid(survivor)))
        lost = diff(Golden(ids[0], "client", values, {}, version=1), Golden(ids[0], "client", {}, {}), Cause("merge", "bo", "c-3"), at)
        assert lost is not None
        async with self.api.pool.acquire() as tx, tx.transaction():
            await tx.execute("DELETE FROM golden.client WHERE tenant_id = $1 AND id = $2", self.tenant.id, ids[0])
            await former.keep(tx, self.tenant.id, former.left([lost]))
            decision = await tx.fetchval(
                "INSERT INTO hub.decision (tenant_id, kind, entity, golden_id, other_id, actor, made_at) "
                "VALUES ($1, 'merge', 'client', $3, $2, 'bo', $4) RETURNING id", self.tenant.id, *ids, at,
            )  # fmt: skip
            await tx.execute(
                "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', $4)",
                self.tenant.id, *ids, decision,
            )  # fmt: skip


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def price(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR", "per": "hour"}


async def found(api: Api, tenant: Tenant) -> None:
    """Fill a tenant with the firm."""
    firm = Firm(api, tenant)
    await _northbeam(firm)
    await _other_clients(firm)
    await _contracts_and_projects(firm)
    await _documents(firm)
    await _rates(firm)


async def _northbeam(firm: Firm) -> None:
    """A client known to CRM and ERP, its people, a contract, a project and hours."""
    api, tenant, client = firm.api, firm.tenant, UUID(uid(1))
    crm = await api.source(tenant, "crm", "A-1", "client", client, name="Northbeam", country="DE", **{"extra.branch": "north"})
    erp = await api.source(
        tenant, "erp", "10042", "client", client, object="customer", name="NORTHBEAM GMBH", legal_name="Northbeam GmbH", **{"extra.branch": "N"}
    )
    by_crm, by_erp = Lineage(crm, 0, "owner", False), Lineage(erp, 0, "owner", False)
    values = {"name": "Northbeam", "country": "DE"}
    await firm.add("client", 1, lineage={"name": by_crm, "country": by_crm}, **values)
    await firm.add(
        "client", 1, version=2, before={"legal_name": None},
        lineage={"name": by_crm, "country": by_crm, "legal_name": by_erp, "extra.branch": by_crm},
        **values, legal_name="Northbeam GmbH", extra={"branch": "north"},
    )  # fmt: skip
    vogt: dict[str, Any] = {"family_name": "Vogt", "cost_rate": price("85.5")}
    psa = await api.source(tenant, "psa", "R-1", "resource", UUID(uid(2)), object="person", **vogt)
    line = Lineage(psa, 0, "owner", False)
    await firm.add("resource", 2, lineage={"family_name": line, "cost_rate": line}, **vogt, fte="0.8", skills=["SQL", "Übersetzen"])
    await firm.add("contact", 3, given_name="Ada", family_name="Lind", client=uid(1))
    await firm.add(
        "contract", 4, contract_no="C-7", client=uid(1), total_value=money("12500.00"), start_date="2026-01-01", signed_on="2025-12-12", terms_version=3,
    )  # fmt: skip
    await firm.add("project", 5, code="P-1", name="Relaunch", client=uid(1), contract=uid(4), manager=uid(2), percent_complete="37.5")
    for number, (hours, stated) in enumerate((("7.5", "450 min"), ("2", None))):
        quantity = {"value": hours, "unit": "hour"} | ({"stated": stated} if stated else {})
        await firm.add(
            "time_entry", 10 + number, resource=uid(2), project=uid(5), work_date=f"2026-05-{11 + number}", quantity=quantity, billable=True,
        )  # fmt: skip


async def _other_clients(firm: Firm) -> None:
    """One renamed in June, one with a name that needs escaping, one merged into Northbeam in June."""
    before = {"name": "Suedwind", "country": "AT", "account_manager": uid(2), "blocked": False, "aliases": ["South Wind"]}
    await firm.add("client", 20, **before, extra={"branch": "west", "floors": 3})
    await firm.correct("client", 20, CORRECTED_AT, before | {"extra": {"branch": "west", "floors": 3}}, name="Südwind")
    await firm.add("client", 21, name='Hotel "Post"\\\n\u2028\x01', blocked=True)
    await firm.add("client", 22, name="Northbeam AG", country="CH")
    await firm.merge(22, 1, MERGED_AT, name="Northbeam AG", country="CH")
    await firm.add("contact", 38, given_name="Bo", family_name="Berg", client=uid(20))
    await firm.add("contact", 39, family_name="Berg", client=uid(1))


async def _contracts_and_projects(firm: Firm) -> None:
    await firm.add("contract", 23, contract_no="C-8", client=uid(20), total_value=money("900.10", "USD"), start_date="2026-03-01", terms_version=2)
    await firm.add("contract", 24, contract_no="C-9", client=uid(1), total_value=money("-500.50"), start_date="2026-03-15")
    await firm.add(
        "contract_line", 25, contract=uid(4), line_no="1", description="Delivery", amount=money("100.00"),
        quantity={"value": "12.5", "unit": "day"}, unit_price=price("8.123456"), expense_markup="12.5", valid_from="2026-01-01",
        funding=[{"payer": uid(1), "percent": "60"}, {"payer": uid(22), "percent": "40"}, {"payer": uid(99)}],
        scope_projects=[uid(26), uid(99), uid(5)],
    )  # fmt: skip
    await firm.add("project", 26, code="P-2", name="Rollout", client=uid(20), contract=uid(23), manager=uid(2), start_date="2026-04-01")
    await firm.add("project", 27, code="P-3", name="Operations", start_date="2026-02-01", billable=False)
    await firm.add(
        "time_entry", 12, resource=uid(2), project=uid(26), work_date="2026-05-20", quantity={"value": "1", "unit": "day"},
        approved_at="2026-05-21T06:30:00.123456Z", cost=money("640.00", "USD"),
    )  # fmt: skip


async def _documents(firm: Firm) -> None:
    """Two invoices in two currencies, and a credit memo."""
    await firm.add("invoice", 28, number="R-1", client=uid(1), currency="EUR", gross=money("119.00"), issue_date="2026-04-30", projects=[uid(26), uid(5)])
    await firm.add("invoice", 30, number="R-2", client=uid(20), currency="USD", gross=money("75.00", "USD"), issue_date="2026-05-31", projects=[])
    await firm.add("credit_memo", 29, number="G-1", client=uid(1), currency="EUR", gross=money("-19.00"), issue_date="2026-05-02", reason="agreed")


async def _rates(firm: Firm) -> None:
    """A card whose price rises in March; by how much was corrected in June."""
    await firm.add("rate_card", 31, code="STD", name="Standard", currency="EUR", valid_from="2026-01-01")
    await firm.add("rate_line", 32, rate_card=uid(31), role="senior", price=price("100"), valid_to="2026-02-28")
    risen = {"rate_card": uid(31), "role": "senior", "price": price("120"), "valid_from": "2026-03-01"}
    await firm.add("rate_line", 33, **risen)
    await firm.correct("rate_line", 33, CORRECTED_AT, risen, price=price("125"))
