"""The trees of clients as a page: opened by level, added up, changed by proposals that are tried first."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.api.conftest import Api, Tenant
from tests.api.test_hierarchy import alone, edge
from tests.api.test_where import money
from tests.console.conftest import Browser

DAY = "2026-03-01"


@pytest.fixture
async def group(api: Api, acme: Tenant) -> dict[str, UUID]:
    """Holding ← Northbeam ← Northbeam IT ← Labs; Kasse beside them."""
    made = {name: await api.golden(acme, "client", name=name) for name in ("Holding", "Northbeam", "Northbeam IT", "Labs", "Kasse")}
    for child, parent in (("Northbeam", "Holding"), ("Northbeam IT", "Northbeam"), ("Labs", "Northbeam IT")):
        await edge(api, acme, made[child], made[parent])
    return made


async def test_a_tree_is_open_along_the_way_from_the_top_to_the_client(api: Api, group: dict[str, UUID], steward: Browser) -> None:
    page = await steward.get(f"/record/client/{group['Northbeam']}/hierarchy", kind="legal_parent", on=DAY)
    assert [name for name in group if page.tests(f"node-{group[name]}")] == ["Holding", "Northbeam", "Northbeam IT"]
    assert f"parent={group['Northbeam IT']}" in page.html, "what lies below opens on request"
    level = await steward.get("/hierarchy/children", parent=group["Northbeam IT"], kind="legal_parent", on=DAY)
    assert level.tests(f"node-{group['Labs']}") and level.text.startswith("Labs")


async def test_the_tree_with_the_most_around_the_client_is_shown_first(api: Api, acme: Tenant, group: dict[str, UUID], steward: Browser) -> None:
    await edge(api, acme, group["Kasse"], group["Labs"], "payer")
    page = await steward.get(f"/record/client/{group['Kasse']}/hierarchy", on=DAY)
    assert '<option value="payer" selected>' in page.html


async def test_what_hangs_on_the_client_stands_beside_what_hangs_on_the_whole_tree(api: Api, acme: Tenant, group: dict[str, UUID], steward: Browser) -> None:
    for name, amount in (("Holding", "10.00"), ("Labs", "5.50")):
        await api.golden(acme, "invoice", client=str(group[name]), currency="EUR", open_amount=money(amount), state="issued")
    page = await steward.get("/hierarchy/sums", client=group["Northbeam"], root=group["Holding"], kind="legal_parent", on=DAY)
    shown = [{name: value for name, value in page.table(at)} for at in (0, 1)]
    assert [(one["Clients"], one["Open receivables"]) for one in shown] == [("3", "5.50 EUR"), ("4", "15.50 EUR")]
    assert page.text.index("Northbeam and all below") < page.text.index("Holding and all below")


async def test_a_move_is_tried_before_it_is_asked_for_and_a_circle_is_told_with_the_way_round(api: Api, group: dict[str, UUID], steward: Browser) -> None:
    asked = {"client": group["Northbeam"], "kind": "legal_parent", "on": DAY, "part": "1"}
    fine = await steward.get("/hierarchy/move", parent=group["Kasse"], **asked)
    assert "Northbeam goes below Kasse, and leaves Holding." in fine.text and fine.tests("move-go")
    circle = await steward.get("/hierarchy/move", parent=group["Labs"], **asked)
    assert "it would close a circle: Labs → Northbeam IT → Northbeam → Labs" in circle.text and not circle.tests("move-go")
    top = await steward.get("/hierarchy/move", parent="", **asked)
    assert "Northbeam goes to the top of its own tree" in top.text


async def test_a_move_waits_for_a_second_person(api: Api, acme: Tenant, group: dict[str, UUID], steward: Browser) -> None:
    await steward.get("/hierarchy/move", client=group["Northbeam"], kind="legal_parent", on=DAY)
    done = await steward.post("/hierarchy/move", client=group["Northbeam"], parent=group["Kasse"], kind="legal_parent", since=DAY, reason="sold")
    assert done.status == 303
    assert await api.pool.fetchval("SELECT state FROM hub.proposal WHERE tenant_id = $1 AND operation = 'move_client'", acme.id) == "open"
    assert "waits for a second person" in (await steward.get(done.headers["location"].removeprefix("/console"))).text


async def test_where_one_person_decides_a_move_is_made_at_once(api: Api, acme: Tenant, group: dict[str, UUID], steward: Browser) -> None:
    await alone(api, acme)
    await steward.get("/hierarchy")
    await steward.post("/hierarchy/move", client=group["Northbeam"], parent=group["Kasse"], kind="legal_parent", since=DAY, reason="sold")
    page = await steward.get(f"/record/client/{group['Northbeam']}/hierarchy", kind="legal_parent", on=DAY)
    assert [name for name in group if page.tests(f"node-{group[name]}")] == ["Northbeam", "Northbeam IT", "Kasse"]


async def test_a_reader_sees_the_tree_without_means_to_move(api: Api, acme: Tenant, group: dict[str, UUID]) -> None:
    reader = Browser(api)
    await reader.sign_in(acme.keys["reader"])
    page = await reader.get(f"/record/client/{group['Northbeam']}/hierarchy", kind="legal_parent", on=DAY)
    assert (page.status, page.tests(f"move-{group['Northbeam']}"), 'draggable="true"' in page.html) == (200, [], False)
    refused = await reader.post("/hierarchy/move", client=group["Northbeam"], parent=group["Kasse"], kind="legal_parent", since=DAY, reason="x")
    assert refused.status == 403


async def test_markup_in_names_is_text_in_the_tree(api: Api, acme: Tenant, steward: Browser) -> None:
    nasty = await api.golden(acme, "client", name='<img src=x onerror="alert(1)">')
    for path in (f"/record/client/{nasty}/hierarchy", f"/hierarchy/move?client={nasty}&kind=payer", f"/hierarchy/sums?client={nasty}&root={nasty}"):
        page = await steward.get(path)
        assert (page.status, "<img src=x" in page.html) == (200, False), path
