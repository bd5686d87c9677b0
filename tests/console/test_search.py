"""Search: what is typed anywhere leads to the record it means."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.api.search import FIND
from hub.core.searching import RANK, SEARCHED, typed
from hub.flows.search import keep_up
from hub.store.ids import new_id
from schema import ENTITIES
from schema.language import Sensitivity
from tests.api.conftest import Api, Tenant

SEARCH = "query ($text: String!, $entities: [String!], $first: Int) { search(text: $text, entities: $entities, first: $first) { entity label by recordId } }"


async def found(api: Api, tenant: Tenant, text: str, **more: Any) -> list[tuple[str, str, str]]:
    answer = await api.ask(tenant.keys["reader"], SEARCH, text=text, **more)
    return [(one["entity"], one["label"], one["by"]) for one in answer.data["search"]]


async def indexed(api: Api) -> None:
    while await keep_up(api.pool):
        pass


@pytest.fixture
async def firm(api: Api, acme: Tenant) -> dict[str, UUID]:
    """A client two systems spell differently, its project, invoice and purchase order, and a namesake."""
    made = {
        "client": await api.golden(acme, "client", name="Müller & Söhne GmbH", legal_name="Müller und Söhne Maschinenbau GmbH", lei="529900T8BM49AURSDO55"),
        "namesake": await api.golden(acme, "client", name="Müllerei Nord AG"),
        "project": await api.golden(acme, "project", name="ERP rollout", code="PRJ-0042"),
        "invoice": await api.golden(acme, "invoice", number="INV-2024/00017", bill_to_name="Müller & Söhne GmbH", state="issued"),
        "purchase_order": await api.golden(acme, "client_purchase_order", po_number="4500012345"),
        "contact": await api.golden(acme, "contact", given_name="Zoë", family_name="Łukasz", email="zoe@mueller.example"),
    }
    await api.source(acme, "erp", "K-100234", "client", made["client"], object="customer", name="MUELLER SOEHNE")
    await indexed(api)
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("müll", [("client", "Müllerei Nord AG", "NAME"), ("client", "Müller & Söhne GmbH", "NAME"), ("invoice", "INV-2024/00017", "NAME")]),
        ("MULLER SOHNE", [("client", "Müller & Söhne GmbH", "NAME"), ("invoice", "INV-2024/00017", "NAME")]),
        ("muller & söhne gmbh", [("client", "Müller & Söhne GmbH", "NUMBER"), ("invoice", "INV-2024/00017", "NAME")]),
        ("mueller", [("client", "Müller & Söhne GmbH", "NAME"), ("contact", "Zoë Łukasz", "NAME")]),
        ("inv 2024 00017", [("invoice", "INV-2024/00017", "NUMBER")]),
        ("INV-2024", [("invoice", "INV-2024/00017", "NAME")]),
        ("prj0042", [("project", "ERP rollout", "NUMBER")]),
        ("4500012345", [("client_purchase_order", "4500012345", "NUMBER")]),
        ("529900t8bm49aursdo55", [("client", "Müller & Söhne GmbH", "NUMBER")]),
        ("K-100234", [("client", "Müller & Söhne GmbH", "EXTERNAL_ID")]),
        ("lukasz zoe", [("contact", "Zoë Łukasz", "NAME")]),
        ("nobody", []),
        ("", []),
        ("' & !!(|", []),
    ],
)  # fmt: skip
async def test_a_name_a_number_or_an_id_leads_to_its_record(
    api: Api, acme: Tenant, firm: dict[str, UUID], text: str, expected: list[tuple[str, str, str]]
) -> None:
    assert await found(api, acme, text) == expected


async def test_a_golden_id_leads_to_its_record_and_a_merged_one_to_its_survivor(api: Api, acme: Tenant, firm: dict[str, UUID]) -> None:
    loser = new_id()
    await api.pool.execute(
        "INSERT INTO hub.forward (tenant_id, loser_id, survivor_id, entity, decision_id) VALUES ($1, $2, $3, 'client', 1)",
        acme.id, loser, firm["client"],
    )  # fmt: skip
    expected = [("client", "Müller & Söhne GmbH", "ID")]
    assert await found(api, acme, str(firm["client"])) == await found(api, acme, str(loser)) == expected
    assert await found(api, acme, str(new_id())) == []


async def test_search_can_be_narrowed_to_entities_and_is_bounded(api: Api, acme: Tenant, firm: dict[str, UUID]) -> None:
    assert {one[0] for one in await found(api, acme, "müller", entities=["invoice"])} == {"invoice"}
    assert len(await found(api, acme, "müller", first=1)) == 1
    assert (await api.ask(acme.keys["reader"], SEARCH, text="x", first=51)).codes == ["BAD_PAGE"]
    assert (await api.ask(acme.keys["reader"], SEARCH, text="x", entities=["nothing"])).codes == ["UNKNOWN_ENTITY"]


async def test_nobody_finds_records_of_another_tenant_or_beyond_what_their_key_is_confined_to(api: Api, acme: Tenant, firm: dict[str, UUID]) -> None:
    other = await api.tenant("other")
    for text in ("müller", "INV-2024/00017", "K-100234", str(firm["client"])):
        assert await found(api, other, text) == []
    await api.pool.execute("UPDATE hub.api_key SET scope = $2 WHERE tenant_id = $1 AND role = 'reader'", acme.id, {"client": [str(firm["client"])]})
    api.app.state.keys.forget()
    assert (await api.ask(acme.keys["reader"], SEARCH, text="müller")).codes == ["FORBIDDEN"]


async def test_what_changed_or_went_is_found_by_its_new_name_only(api: Api, acme: Tenant, firm: dict[str, UUID]) -> None:
    await api.golden(acme, "project", id=firm["project"], version=2, name="CRM rollout", code="PRJ-0042")
    await indexed(api)
    assert await found(api, acme, "erp rollout") == []
    assert await found(api, acme, "crm roll") == [("project", "CRM rollout", "NAME")]
    await api.pool.execute("DELETE FROM golden.project WHERE tenant_id = $1 AND id = $2", acme.id, firm["project"])
    await api.pool.execute("UPDATE hub.search_head SET position = position - 1 WHERE tenant_id = $1", acme.id)
    await indexed(api)
    assert await found(api, acme, "crm roll") == []


async def test_entries_are_written_from_the_records_where_the_feed_has_a_gap(api: Api, acme: Tenant, firm: dict[str, UUID]) -> None:
    stale = new_id()
    await api.pool.execute(
        "INSERT INTO hub.search VALUES ($1::integer, $2, 'client', 'Gone Ltd', '', 'active', array_to_tsvector(ARRAY[$1::integer || ':gone']))", acme.id, stale
    )
    await api.pool.execute("DELETE FROM hub.search WHERE tenant_id = $1 AND golden_id = $2", acme.id, firm["client"])
    await api.pool.execute("UPDATE hub.feed_head SET dropped_to = position WHERE tenant_id = $1", acme.id)
    await api.pool.execute("UPDATE hub.search_head SET position = 0 WHERE tenant_id = $1", acme.id)
    await indexed(api)
    assert await found(api, acme, "gone") == []
    assert await found(api, acme, "maschinenbau") == [("client", "Müller & Söhne GmbH", "NAME")]


async def test_a_name_that_looks_like_markup_or_runs_from_right_to_left_is_found_by_its_words(api: Api, acme: Tenant) -> None:
    for name in ('<img src=x onerror="alert(1)">', "شركة النور للاستشارات", "株式会社日立", "A" * 300):
        await api.golden(acme, "client", name=name)
    await indexed(api)
    for text, name in (("onerror alert", '<img src=x onerror="alert(1)">'), ("النور", "شركة النور للاستشارات"), ("株式会社日立", "株式会社日立"), ("a" * 300, "A" * 300)):
        assert [one[1] for one in await found(api, acme, text)] == [name]


def test_nothing_confidential_is_found_by_typing() -> None:
    held = [(name, field) for name, one in SEARCHED.items() for field in one.fields if ENTITIES[name].fields[field].sensitivity is Sensitivity.CONFIDENTIAL]
    assert held == []


async def test_search_reads_its_indexes_as_the_api_role(api: Api, acme: Tenant) -> None:
    """30,000 entries of this tenant and as many of another: the words' index is used, and read for this tenant alone."""
    other = await api.tenant("many")
    for tenant in (acme, other):
        await api.pool.execute(
            """
            INSERT INTO hub.search (tenant_id, golden_id, entity, label, detail, record_state, words)
            SELECT $1::integer, gen_random_uuid(), 'client', 'Firm ' || n, '', 'active',
                   array_to_tsvector(ARRAY[$1::integer || ':firm', $1::integer || ':' || n, $1::integer || '=firm' || n])
              FROM generate_series(1, 30000) AS n
            """,
            tenant.id,
        )
        await api.pool.execute(
            """
            INSERT INTO hub.source_record (tenant_id, system, object, external_id, entity, state, golden_id)
            SELECT $1, (ARRAY['crm', 'psa', 'erp'])[1 + n % 3], 'account', 'K-' || n, 'client', 'present', gen_random_uuid()
              FROM generate_series(1, 30000) AS n
            """,
            tenant.id,
        )
    tidy = await asyncpg.connect(api.database.owner_url)
    await tidy.execute("VACUUM ANALYZE hub.search")
    await tidy.execute("VACUUM ANALYZE hub.source_record")
    await tidy.close()
    query = typed("firm 12345", acme.id)
    async with api.app.state.services.api_pool.tenant(acme.id) as connection:
        [plan] = await connection.fetchrow(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {FIND}", query.exact, query.begins, "K-12345", None, list(RANK), 20, query.names
        )
    nodes = list(_nodes((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))
    assert {one["Index Name"] for one in nodes if "Index Name" in one} >= {"search_words"}
    assert [one["Relation Name"] for one in nodes if one["Node Type"] == "Seq Scan"] == []
    assert max(one["Actual Rows"] for one in nodes) < 100


def _nodes(plan: dict[str, Any]) -> Any:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
