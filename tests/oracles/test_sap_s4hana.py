"""The simulated tenant as pyodata and the vendor's own SDK see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.sap_s4hana.simulator.server import PASSWORD, USER, S4hana
from connectors.shipped import shipped
from tests.oracles.conftest import Clients

pytestmark = pytest.mark.slow


@pytest.fixture
async def tenant() -> AsyncIterator[S4hana]:
    running: S4hana = await S4hana().start()
    yield running
    await running.stop()


def firms(tenant: S4hana) -> int:
    return sum(row.fields["BusinessPartnerCategory"] == "2" for row in tenant.store.table("A_BusinessPartner"))


async def test_pyodata(tenant: S4hana, clients: Clients) -> None:
    there = firms(tenant)
    assert await clients.run("sap_s4hana", tenant.url, USER, PASSWORD) == {
        "sets": ["A_BPContactToFuncAndDept", "A_BuPaIdentification", "A_BusinessPartner"], "key": ["BusinessPartner", "AddressID"], "partners": there,
        "counted": there, "one": ["Nordlicht Logistik GmbH", False, "UTC", "Hamburg"], "walked": "DE136695976",
        "without_token": [403, "CSRF token validation failed"], "created": [True, "Oracle & Söhne"], "without_condition": [428, "/IWBEP/CM_V4_RUNTIME/020"],
        "updated": "ORACLE", "stale": [412, "/IWBEP/CM_MGW_RT/190"], "refused": [400, "R1/102"], "gone": [404, "/IWBEP/CM_MGW_RT/020"],
        "document": ["4023.75", "2026-05-31", "UTC"], "times": [["000000004711", "7.50"], ["000000004712", "7.50"], ["000000004713", "7.50"]],
        "elements": ["NL-ERP.1"],
    }  # fmt: skip


async def test_the_vendors_own_sdk(tenant: S4hana, clients: Clients) -> None:
    there = firms(tenant)
    assert await clients.run_node("sap_s4hana", tenant.url, USER, PASSWORD) == {
        "firms": [["1000001", "Nordlicht Logistik GmbH", "Hamburg", True], ["1000002", "Alpenwerk AG", "Zürich", True],
                  ["1000003", "Brightwater Utilities Limited", "Bristol", True]],
        "count": there, "created": [True, "Deep & Sons"], "updated": "DEEP", "read": "DEEP", "stale": [412, "/IWBEP/CM_MGW_RT/190"],
        "refused": [400, "R1/102"], "gone": [404, "/IWBEP/CM_MGW_RT/020"], "project": ["ERP rollout", "10", "2026-03-02", True], "elements": ["NL-ERP.1"],
        "document": ["4023.75", "24.5"], "order": "Advice", "times": [8, "7.5", "30"],
    }  # fmt: skip
    assert tenant.store.get("A_BusinessPartnerRole", f"{1000001 + len(tenant.store.rows['A_BusinessPartner']) - 1}|FLCU01") is not None


TYPES = {
    "Edm.String": {"cds.String", "cds.LargeString"}, "Edm.Guid": {"cds.UUID"}, "Edm.Boolean": {"cds.Boolean"}, "Edm.Time": {"cds.Time"}, "Edm.Decimal": {"cds.Decimal"},
    "Edm.DateTime": {"cds.Date", "cds.Timestamp", "cds.DateTime"}, "Edm.DateTimeOffset": {"cds.Timestamp", "cds.DateTime"},
}  # fmt: skip


async def test_what_is_asked_for_and_simulated_is_what_the_vendors_packages_declare(tenant: S4hana, clients: Clients) -> None:
    """Every property of the simulated services, with its type and length, and everything that the shipped document selects, expands and joins."""
    declared: dict[str, dict[str, Any]] = await clients.run_node("sap_s4hana", script="model.mjs")
    by_set = {(one.rpartition(".")[0].rpartition(".")[2], one.rpartition(".")[2]): elements for one, elements in declared.items()}
    wrong: list[str] = []
    for service in tenant.services():
        for kind in service.kinds.values():
            elements = by_set[(service.namespace, kind.set)]
            assert {name for name, one in elements.items() if one["isKey"]} == set(kind.key), kind.set
            for prop in (one for one in kind.listed if not one.name.startswith("YY1_")):  # a firm's own field
                one = elements.get(prop.name)
                if one is None or (prop.type in TYPES and (one["type"] not in TYPES[prop.type] or (one["length"] and one["length"] != prop.length) or one["scale"] != prop.scale)):
                    wrong.append(f"{kind.set}.{prop.name}: {prop.type}({prop.length or prop.scale}) is {one}")
            wrong += [f"{kind.set}.{nav.name} does not lead to {nav.set}" for nav in kind.navs if not elements.get(nav.name, {}).get("target", "").endswith(f".{nav.set}")]
    assert wrong == []
    document = shipped("sap_s4hana")
    for resource, said in document["resources"].items():
        for asked in (said | {"set": said.get("set", resource)}, *(said.get("joins") or {}).values()):
            space = asked["service"].rpartition("/")[2].partition(";")[0]
            elements = by_set[(space, asked["set"])]
            for path in (*asked.get("select", ()), *asked.get("expand", ()), *asked.get("take", ()), *(asked.get("by") or {}).values()):
                head, _, rest = path.partition("/")
                target = elements[head]["target"].rpartition(".")[2] if head in elements else ""
                if head not in elements or (rest and rest not in by_set[(space, target)]):
                    wrong.append(f"{resource}: {asked['set']} has no {path}")
    assert wrong == []


async def test_airbytes_reader_of_manifests(tenant: S4hana, clients: Clients) -> None:
    for number in range(240):
        about = {"SalesOrderType": "OR", "SalesOrganization": "1010", "DistributionChannel": "10", "OrganizationDivision": "00", "SoldToParty": "1000001"}
        tenant.put("A_SalesOrder", None, {**about, "PurchaseOrderByCustomer": f"PO {number}"})
    told = await clients.airbyte("sap_s4hana", {"address": tenant.url, "user": USER, "password": PASSWORD, "start": "2026-01-01T00:00:00Z"})
    assert told["check"] == "SUCCEEDED"
    for name in ("A_CompanyCode", "A_SalesOrder"):
        found = told["streams"][name]
        assert (found["ids"], found["doubles"]) == (sorted(row.id for row in tenant.store.table(name)), 0)
