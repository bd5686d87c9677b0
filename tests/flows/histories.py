"""Random histories of a small firm: what its systems tell of their records, and the records as they stand in the end.

Everything follows from a seed. Every source record is told in versions 1, 2, … (some partial, the last perhaps a
delete), and names the CRM's or PSA's record of the same thing by a declared link, so that what belongs together does
not depend on who came first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from hub.core.records import SourceKey
from hub.flows import receive
from hub.flows.ingest_loop import Ingester
from hub.flows.receive import Origin
from hub.store import golden, source_records
from hub.store.inbox import NewMessage
from hub.store.pool import Pool
from schema import ENTITIES
from schema.kinds import FieldKind

TOLD = ("client", "contact", "resource", "project", "time_entry", "invoice", "invoice_line")
"""The entities of the histories."""

LEIS = ("5493001KJTIIGC8Y1R12", "529900T8BM49AURSDO55", "7LTWFZYICNSX8D621K86")
COUNTRIES = ("DE", "FR", "AT", None)
ROLES = (["billing"], ["sponsor", "approver"], [])


@dataclass(frozen=True)
class Told:
    """One message: version ``version`` of a source record; ``values`` None deletes it."""

    system: str
    object: str
    external_id: str
    version: int
    values: dict[str, Any] | None
    links: tuple[tuple[str, str, str], ...] = ()

    def message(self, key: str, is_versioned: bool = True) -> NewMessage:
        body = dict(self.values or {})
        if self.links:
            body["$links"] = [list(link) for link in self.links]
        return NewMessage(
            self.system, self.object, self.external_id, json.dumps(body).encode(), key, f"c-{key}", self.values is None,
            str(self.version) if is_versioned else "",
        )  # fmt: skip


@dataclass
class Firm:
    """Makes the messages of one history."""

    random: Random
    told: list[Told] = field(default_factory=list)
    locks: bool = False
    """Whether records also enter closed states and are changed there, and whether the record that others name may end:
    then what came first decides."""

    def history(self) -> list[Told]:
        """Every message, each record's versions in order, the records mixed."""
        r = self.random
        for at in range(r.randint(2, 3)):
            self._client(at)
        for at in range(2):
            self._resource(at)
        for at in range(r.randint(1, 3)):
            self._contact(at)
        for at in range(2):
            self._project(at)
        for at in range(r.randint(1, 3)):
            self._time_entry(at)
        self._invoice()
        return mixed(self.told, r)

    def _tell(self, system: str, object_: str, external_id: str, make: Any, *links: tuple[str, str, str], versions: int = 3, may_end: bool = True) -> None:
        r = self.random
        last = r.randint(1, versions)
        for version in range(1, last + 1):
            values = make(version)
            if version > 1 and r.random() < 0.5:
                values = {name: value for name, value in values.items() if r.random() < 0.6}
            self.told.append(Told(system, object_, external_id, version, values, links))
        if may_end and (links or self.locks) and r.random() < 0.2:
            self.told.append(Told(system, object_, external_id, last + 1, None))
            if r.random() < 0.5:
                self.told.append(Told(system, object_, external_id, last + 2, make(last + 2), links))

    def _client(self, at: int) -> None:
        r, name = self.random, f"Acme {('North', 'South', 'East')[at]} {at}"
        lei = LEIS[at] if r.random() < 0.7 else None
        manager = {"system": "psa", "object": "resource", "id": f"R{r.randrange(2)}"}

        def values(version: int) -> dict[str, Any]:
            told: dict[str, Any] = {"name": r.choice((name, name.upper(), f"{name} GmbH")), "phone": r.choice(("+493012345678", "+4930999999", None))}
            if r.random() < 0.7:
                told |= {"legal_name": f"{name} GmbH", "domain": f"acme{version}.example", "kind": r.choice(("organisation", "company", None))}
            if r.random() < 0.6:
                told |= {"city": r.choice(("Berlin", "Wien", None)), "country": r.choice(COUNTRIES), "street": f"Way {version}"}
            if lei:
                told["lei"] = lei
            return told

        def crm(version: int) -> dict[str, Any]:
            return values(version) | ({"account_manager": manager} if r.random() < 0.6 else {}) | self._closing(version)

        link = ("crm", "client", f"C{at}")
        self._tell(*link, crm, versions=4)
        for system in ("erp", "bill", "psa"):
            if r.random() < 0.7:
                self._tell(system, "client", f"{system[0].upper()}{at}", values, link)

    def _closing(self, version: int) -> dict[str, Any]:
        return {"state": self.random.choice(("active", "closed", "prospect"))} if self.locks and version > 1 else {}

    def _resource(self, at: int) -> None:
        r = self.random
        self._tell("psa", "resource", f"R{at}", lambda v: {"given_name": f"Bo{v}", "family_name": r.choice(("Ek", "Holm"))}, may_end=False)
        if r.random() < 0.5:
            self._tell("erp", "resource", f"E{at}", lambda v: {"employee_no": f"N{at}", "given_name": "B"}, ("psa", "resource", f"R{at}"))

    def _contact(self, at: int) -> None:
        r = self.random

        def crm(version: int) -> dict[str, Any]:
            told = {"given_name": "Ida", "family_name": f"Name{at}", "email": f"ida{at}@acme.example", "roles": r.choice(ROLES)}
            if r.random() < 0.8:
                told["client"] = r.choice(({"system": "crm", "object": "client", "id": f"C{r.randrange(3)}"}, None))
            return told

        def psa(version: int) -> dict[str, Any]:
            return {"family_name": f"Name{at}", "title": f"T{version}", "client": {"system": "psa", "object": "client", "id": f"P{r.randrange(3)}"}}

        self._tell("crm", "contact", f"K{at}", crm)
        if r.random() < 0.6:
            self._tell("psa", "contact", f"k{at}", psa, ("crm", "contact", f"K{at}"))

    def _project(self, at: int) -> None:
        r = self.random

        def psa(version: int) -> dict[str, Any]:
            told: dict[str, Any] = {"code": f"P-{at}", "name": f"Rollout {at}.{version}", "percent_complete": str(10 * version)}
            if r.random() < 0.7:
                told["client"] = {"system": "psa", "object": "client", "id": f"P{r.randrange(3)}"}
            if r.random() < 0.6:
                told["manager"] = {"system": "psa", "object": "resource", "id": f"R{r.randrange(3)}"}
            if at:
                told["parent"] = {"system": "psa", "object": "project", "id": "J0"}
            return told | ({"state": r.choice(("draft", "active", "closed"))} if self.locks else {})

        def erp(version: int) -> dict[str, Any]:
            return {"name": f"ROLLOUT {at}", "billing_open": r.random() < 0.5, "client": {"system": "erp", "object": "client", "id": f"E{r.randrange(3)}"}}

        self._tell("psa", "project", f"J{at}", psa, may_end=False)
        if r.random() < 0.6:
            self._tell("erp", "project", f"j{at}", erp, ("psa", "project", f"J{at}"))

    def _time_entry(self, at: int) -> None:
        r = self.random
        resource, project = f"R{r.randrange(2)}", f"J{r.randrange(2)}"

        def psa(version: int) -> dict[str, Any]:
            told = {
                "resource": {"system": "psa", "object": "resource", "id": resource},
                "project": {"system": "psa", "object": "project", "id": project},
                "work_date": f"2026-05-{at + 1:02}",
                "quantity": {"value": str(version + at), "unit": "hour"},
                "note": f"note {version}",
            }
            return told | ({"state": r.choice(("draft", "submitted", "approved"))} if self.locks else {})

        self._tell("psa", "time_entry", f"T{at}", psa)
        if r.random() < 0.5:
            self._tell("erp", "time_entry", f"t{at}", lambda v: {"posting_state": "posted", "document_no": f"D{at}"}, ("psa", "time_entry", f"T{at}"), versions=2)

    def _invoice(self) -> None:
        def eur(amount: int) -> dict[str, str]:
            return {"amount": f"{amount}.00", "currency": "EUR"}

        def invoice(version: int) -> dict[str, Any]:
            told = {"number": "R-1", "currency": "EUR", "net": eur(100 * version), "tax": eur(0), "gross": eur(100 * version)}
            return told | ({"state": "issued"} if self.locks and version > 1 else {"state": "draft"})

        def line(version: int) -> dict[str, Any]:
            return {"invoice": {"system": "erp", "object": "invoice", "id": "I"}, "line_no": 1, "net": eur(100 * version)}

        self._tell("erp", "invoice", "I", invoice, may_end=False)
        self._tell("erp", "invoice_line", "I|1", line, may_end=False)


def mixed(told: list[Told], random: Random) -> list[Told]:
    """The same messages with each record's versions in order and the records in any."""
    queues: dict[tuple[str, str, str], list[Told]] = {}
    for one in sorted(told, key=lambda one: one.version):
        queues.setdefault((one.system, one.object, one.external_id), []).append(one)
    waiting = list(queues.values())
    order = []
    while waiting:
        queue = random.choice(waiting)
        order.append(queue.pop(0))
        waiting = [one for one in waiting if one]
    return order


async def put_in(pool: Pool, tenant: int, messages: list[NewMessage], at: Any) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await receive.store(connection, Origin(tenant, "api", "test"), messages, at)


@dataclass(frozen=True)
class AsItStands:
    """A golden record with everything that depends on ids replaced by the source records it stands for."""

    entity: str
    sources: frozenset[SourceKey]
    values: str
    lineage: str
    record_state: str


async def standing(ingester: Ingester, tenant: int) -> tuple[set[AsItStands], set[frozenset[SourceKey]]]:
    """The golden records of a tenant, and which source records belong together (born or not)."""
    async with ingester.pool.acquire() as tx, tx.transaction():
        config = await ingester.configurations.get(tx, tenant)
        rows = await tx.fetch("SELECT DISTINCT golden_id FROM hub.source_record WHERE tenant_id = $1 AND golden_id IS NOT NULL", tenant)
        everybody = await source_records.siblings(tx, tenant, [row["golden_id"] for row in rows], (), config.ranks)
        names = {one.id: one.key for one in everybody}
        members: dict[UUID, set[SourceKey]] = {}
        for one in everybody:
            assert one.golden_id is not None
            members.setdefault(one.golden_id, set()).add(one.key)
        found = set()
        for entity in TOLD:
            meta = ENTITIES[entity]
            ids = [row["id"] for row in await tx.fetch(f"SELECT id FROM golden.{entity} WHERE tenant_id = $1", tenant)]
            for id_, stored in (await golden.lock(tx, tenant, meta, ids)).items():
                values = dict(stored.golden.values)
                for name, value in stored.golden.values.items():
                    if meta.fields[name].kind is FieldKind.REFERENCE:
                        values[name] = sorted(members.get(UUID(value), ()))
                lineage = {name: (names.get(line.source_id), line.rule, line.provisional) for name, line in stored.golden.lineage.items()}
                found.add(
                    AsItStands(
                        entity, frozenset(members.get(id_, ())), json.dumps(values, sort_keys=True), json.dumps(lineage, sort_keys=True),
                        stored.golden.record_state,
                    )
                )  # fmt: skip
    return found, {frozenset(some) for some in members.values()}
