"""Filters, order and pages: each comparison by what it leaves in, and pages that never lose or repeat a row."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.api.conftest import Api, Tenant

Case = tuple[str, list[str]]


@pytest.fixture
async def firms(api: Api, acme: Tenant) -> Tenant:
    """Six clients, a site manager, and contacts and contracts of some."""
    boss = await api.golden(acme, "resource", family_name="Boss")
    ids: dict[str, Any] = {}
    for name, values in {
        "ACME": {"country": "DE", "account_manager": str(boss), "aliases": ["Acme Ltd", "ACME Inc"]},
        "acme north": {"country": "DE", "blocked": True},
        "Beta": {"country": "FR", "blocked": False, "extra": {"region": "west", "rank": 3}},
        "bêta_%": {"country": "FR", "extra": {"region": "east"}},
        "Gamma": {},
        "Ω": {"country": "GR"},
    }.items():
        ids[name] = await api.golden(acme, "client", name=name, **values)
    for name, email in (("Doe", "doe@acme.test"), ("Roe", None)):
        await api.golden(acme, "contact", family_name=name, client=str(ids["ACME"]), **({"email": email} if email else {}))
    await api.golden(acme, "contact", family_name="Poe", client=str(ids["Beta"]))
    for name, amount, currency, day in (("ACME", "100.00", "EUR", "2026-01-31"), ("Beta", "900", "JPY", "2026-03-01")):
        await api.golden(
            acme, "contract", contract_no=f"C-{name}", client=str(ids[name]), start_date=day,
            total_value={"amount": amount, "currency": currency}, terms_version=3,
        )  # fmt: skip
    return acme


CLIENTS: tuple[Case, ...] = (
    ('{name: {eq: "ACME"}}', ["ACME"]),
    ('{name: {ne: "ACME"}}', ["acme north", "Beta", "bêta_%", "Gamma", "Ω"]),
    ('{name: {ieq: "aCmE"}}', ["ACME"]),
    ('{name: {ieq: "ω"}}', ["Ω"]),
    ('{name: {startsWith: "AC"}}', ["ACME", "acme north"]),
    ('{name: {startsWith: "bêta_"}}', ["bêta_%"]),
    ('{name: {startsWith: "b%"}}', []),
    ('{name: {startsWith: ""}}', ["ACME", "acme north", "Beta", "bêta_%", "Gamma", "Ω"]),
    ('{name: {in: ["ACME", "Gamma", "nobody"]}}', ["ACME", "Gamma"]),
    ('{name: {in: []}}', []),
    ('{name: {notIn: ["ACME", "Gamma"]}}', ["acme north", "Beta", "bêta_%", "Ω"]),
    ("{country: {isNull: true}}", ["Gamma"]),
    ("{country: {isNull: false}}", ["ACME", "acme north", "Beta", "bêta_%", "Ω"]),
    ('{country: {ne: "DE"}}', ["Beta", "bêta_%", "Gamma", "Ω"]),
    ('{country: {notIn: ["DE", "FR"]}}', ["Gamma", "Ω"]),
    ("{blocked: {eq: true}}", ["acme north"]),
    ("{blocked: {ne: true}}", ["ACME", "Beta", "bêta_%", "Gamma", "Ω"]),
    ('{not: {country: {eq: "DE"}}}', ["Beta", "bêta_%", "Gamma", "Ω"]),
    ('{or: [{country: {eq: "DE"}}, {name: {eq: "Gamma"}}]}', ["ACME", "acme north", "Gamma"]),
    ('{country: {eq: "FR"}, not: {name: {eq: "Beta"}}}', ["bêta_%"]),
    ('{and: [{country: {eq: "FR"}}, {name: {gt: "BA"}}]}', ["Beta", "bêta_%"]),
    ("{or: []}", []),
    ("{}", ["ACME", "acme north", "Beta", "bêta_%", "Gamma", "Ω"]),
    ('{extra: [{name: "region", eq: "west"}]}', ["Beta"]),
    ('{extra: [{name: "region", eq: "west"}, {name: "rank", eq: 3}]}', ["Beta"]),
    ('{extra: [{name: "region", eq: ["west"]}]}', []),
    ('{aliases: {contains: "Acme Ltd"}}', ["ACME"]),
    ("{accountManagerId: {isNull: false}}", ["ACME"]),
    ('{accountManager: {familyName: {eq: "Boss"}}}', ["ACME"]),
    ('{accountManager: {familyName: {eq: "Nobody"}}}', []),
    ("{contacts: {some: {}}}", ["ACME", "Beta"]),
    ('{contacts: {some: {familyName: {eq: "Doe"}}}}', ["ACME"]),
    ('{contacts: {none: {familyName: {eq: "Doe"}}}}', ["acme north", "Beta", "bêta_%", "Gamma", "Ω"]),
    ('{contacts: {some: {}, every: {email: {isNull: true}}}}', ["Beta"]),
    ('{contracts: {some: {totalValue: {currency: "EUR", gte: "100"}}}}', ["ACME"]),
    ('{contracts: {some: {totalValue: {currency: "JPY", gte: "900.00"}}}}', ["Beta"]),
    ('{contracts: {some: {totalValue: {currency: "EUR"}}}}', ["ACME"]),
    ('{contracts: {some: {startDate: {lt: "2026-02-01"}}}}', ["ACME"]),
    ('{contracts: {some: {startDate: {in: ["2026-03-01"]}, termsVersion: {gte: 3}}}}', ["Beta"]),
    ('{createdAt: {gte: "2026-05-17T10:11:52+02:00"}, name: {eq: "Beta"}}', ["Beta"]),
    ('{createdAt: {gt: "2026-05-17T10:11:52+02:00"}}', []),
    ('{recordState: {eq: "active"}, version: {eq: 1}, name: {eq: "Beta"}}', ["Beta"]),
)


async def test_each_comparison_leaves_in_what_it_says(api: Api, firms: Tenant) -> None:
    wrong = []
    for given, names in CLIENTS:
        data = (await api.ask(firms.keys["reader"], f"{{ clients(filter: {given}) {{ totalCount nodes {{ name }} }} }}")).data
        found = [node["name"] for node in data["clients"]["nodes"]]
        if (sorted(found), data["clients"]["totalCount"]) != (sorted(names), len(names)):
            wrong.append((given, found))
    assert wrong == []


async def test_a_page_with_children_counts_provenance_and_history_is_one_statement(api: Api, firms: Tenant) -> None:
    document = """{ clients { nodes { name accountManager { familyName }
        contacts { totalCount nodes { familyName client { name } } } contracts { nodes { contractNo client { country } } }
        provenance { name { value } } sources { system } history { nodes { version } } } } }"""
    answer = await api.ask(firms.keys["reader"], document)
    assert len(answer.data["clients"]["nodes"]) == 6
    assert api.statements == 1


async def test_several_root_fields_are_one_statement_also_beside_fields_that_are_no_canonical_reads(api: Api, firms: Tenant) -> None:
    await api.ask(firms.keys["reader"], "{ clients { nodes { id } } }")
    assert api.statements == 1
    answer = await api.ask(firms.keys["reader"], "{ clients { totalCount } me { role } contacts(first: 0) { nodes { id } } __typename }")
    assert api.statements == 1
    assert list(answer.data.items()) == [
        ("clients", {"totalCount": 6}), ("me", {"role": "reader"}), ("contacts", {"nodes": []}), ("__typename", "Query"),
    ]  # fmt: skip


ORDERS = ("", "[{field: NAME}]", "[{field: NAME, direction: DESC}]", "[{field: COUNTRY}, {field: NAME, direction: DESC}]",
          "[{field: COUNTRY, direction: DESC}]", "[{field: ID, direction: DESC}]", "[{field: BLOCKED}, {field: UPDATED_AT}]")  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
async def test_pages_forward_and_backward_give_every_row_once_in_the_same_order(api: Api, acme: Tenant, order: str) -> None:
    chance = random.Random(order)
    for _ in range(37):
        values: dict[str, Any] = {"name": chance.choice("aBcÄ") * chance.randint(1, 2)}
        if chance.random() < 0.7:
            values["country"] = chance.choice(("DE", "FR", "GR"))
        if chance.random() < 0.5:
            values["blocked"] = chance.random() < 0.5
        await api.golden(acme, "client", **values)
    ordered = f"orderBy: {order}" if order else ""
    whole = await _ids(api, acme, f"first: 100 {ordered}")
    assert len(whole) == len(set(whole)) == 37
    for size in (1, 5, 36, 37):
        assert await _walk(api, acme, size, ordered, "first", "after", "endCursor", "hasNextPage") == whole
        back = await _walk(api, acme, size, ordered, "last", "before", "startCursor", "hasPreviousPage")
        assert back == whole


async def _ids(api: Api, tenant: Tenant, arguments: str) -> list[str]:
    data = (await api.ask(tenant.keys["reader"], f"{{ clients({arguments}) {{ nodes {{ id }} }} }}")).data
    return [node["id"] for node in data["clients"]["nodes"]]


async def _walk(api: Api, tenant: Tenant, size: int, ordered: str, take: str, place: str, mark: str, more: str) -> list[str]:
    """All ids, page by page, from one end."""
    found: list[str] = []
    cursor = ""
    while True:
        document = f"{{ clients({take}: {size} {cursor} {ordered}) {{ edges {{ cursor node {{ id }} }} pageInfo {{ {mark} {more} }} }} }}"
        page = (await api.ask(tenant.keys["reader"], document)).data["clients"]
        ids = [edge["node"]["id"] for edge in page["edges"]]
        found = found + ids if take == "first" else ids + found
        if not page["pageInfo"][more]:
            return found
        assert page["edges"][-1 if take == "first" else 0]["cursor"] == page["pageInfo"][mark]
        cursor = f'{place}: "{page["pageInfo"][mark]}"'


async def test_pages_of_children_go_on_by_their_own_cursors(api: Api, acme: Tenant) -> None:
    clients = [await api.golden(acme, "client", name=name) for name in "ab"]
    for client in clients:
        for number in range(5):
            await api.golden(acme, "contact", family_name=f"n{number}", client=str(client))
    ask = """query($after: String) { clients(orderBy: [{field: NAME}]) { nodes { contacts(first: 2, after: $after, orderBy: [{field: FAMILY_NAME}]) {
        totalCount nodes { familyName } pageInfo { endCursor hasNextPage } } } } }"""
    first = (await api.ask(acme.keys["reader"], ask)).data["clients"]["nodes"]
    assert [[c["familyName"] for c in one["contacts"]["nodes"]] for one in first] == [["n0", "n1"]] * 2
    assert [one["contacts"]["totalCount"] for one in first] == [5, 5]
    then = (await api.ask(acme.keys["reader"], ask, after=first[1]["contacts"]["pageInfo"]["endCursor"])).data["clients"]["nodes"]
    assert [c["familyName"] for c in then[1]["contacts"]["nodes"]] == ["n2", "n3"]


async def test_money_is_ordered_by_currency_first_and_told_exactly(api: Api, acme: Tenant) -> None:
    amounts = (("9.50", "EUR"), ("10.00", "EUR"), ("5", "JPY"), ("12345678901234567890.12", "EUR"), ("0.125", "KWD"))
    for number, (amount, currency) in enumerate(amounts):
        await api.golden(acme, "contract", contract_no=str(number), total_value={"amount": amount, "currency": currency})
    ask = "{ contracts(orderBy: [{field: TOTAL_VALUE, direction: DESC}]) { nodes { totalValue { amount currency } } } }"
    found = [tuple(node["totalValue"].values()) for node in (await api.ask(acme.keys["reader"], ask)).data["contracts"]["nodes"]]
    assert found == sorted(amounts, key=lambda one: (one[1], -Decimal(one[0])))
