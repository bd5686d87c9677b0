"""Effective-dated records on a business day: in lists, in nested lists and behind references, and as of an instant."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from hub.api.access import Principal, Role
from hub.api.run import Asked, Runner
from hub.api.schema import build
from hub.core.records import Golden
from hub.store import golden
from schema import ENTITIES
from tests.api.conftest import Api, Tenant


async def rate(api: Api, tenant: Tenant, card: UUID, price: str, begins: str | None, ends: str | None) -> UUID:
    """A line of a rate card; the last day is in force."""
    dates = {name: day for name, day in (("valid_from", begins), ("valid_to", ends)) if day}
    return await api.golden(
        tenant, "rate_line", rate_card=str(card), role="senior", price={"amount": price, "currency": "EUR", "per": "hour"}, **dates
    )


@pytest.fixture
async def card(api: Api, acme: Tenant) -> UUID:
    """A card whose price rises on 1 March and falls on 1 July."""
    card = await api.golden(acme, "rate_card", name="Standard")
    await rate(api, acme, card, "100", None, "2026-02-28")
    await rate(api, acme, card, "120", "2026-03-01", "2026-06-30")
    await rate(api, acme, card, "110", "2026-07-01", None)
    return card


async def both(api: Api, tenant: Tenant, text: str, **variables: Any) -> Any:
    """What both ways answer."""
    services, principal = api.app.state.services, Principal(tenant.id, tenant.slug, UUID(int=7), Role.STEWARD, "test")
    compiled, plain = [
        json.loads((await Runner(build(), services, compiles=compiles).run(principal, Asked(text, variables, None), "c")).body)
        for compiles in (True, False)
    ]
    assert compiled == plain
    return plain["data"]


@pytest.mark.parametrize(
    ("day", "prices"),
    [
        ("1999-01-01", ["100"]), ("2026-02-28", ["100"]), ("2026-03-01", ["120"]), ("2026-06-30", ["120"]),
        ("2026-07-01", ["110"]), ("2999-01-01", ["110"]), (None, ["100", "120", "110"]),
    ],
)  # fmt: skip
async def test_a_list_holds_what_is_in_force_on_the_day_from_its_first_to_its_last(
    api: Api, acme: Tenant, card: UUID, day: str | None, prices: list[str]
) -> None:
    inner = "totalCount nodes { price { amount } }"
    by_end = "orderBy: [{field: VALID_TO}]"
    text = f"query ($on: Date) {{ rateLines(on: $on, {by_end}) {{ {inner} }} rateCards {{ nodes {{ rateLines(on: $on, {by_end}) {{ {inner} }} }} }} }}"
    found = {"totalCount": len(prices), "nodes": [{"price": {"amount": price}} for price in prices]}
    assert await both(api, acme, text, on=day) == {"rateLines": found, "rateCards": {"nodes": [{"rateLines": found}]}}


async def test_a_reference_leads_to_nothing_on_a_day_its_record_is_not_in_force(api: Api, acme: Tenant) -> None:
    card = await api.golden(acme, "rate_card", name="Old", valid_to="2026-01-31")
    await rate(api, acme, card, "90", None, None)
    text = '{ rateLines { nodes { now: rateCard { name } then: rateCard(on: "2026-01-31") { name } later: rateCard(on: "2026-02-01") { name } } } }'
    found = await both(api, acme, text)
    assert found == {"rateLines": {"nodes": [{"now": {"name": "Old"}, "then": {"name": "Old"}, "later": None}]}}


async def test_the_rate_of_a_day_is_told_as_it_was_known_at_an_instant(api: Api, acme: Tenant, card: UUID) -> None:
    """The rate on 3 March as known on 31 March, before it was corrected in April."""
    meta = ENTITIES["rate_line"]
    rows = await api.pool.fetch("SELECT * FROM golden.rate_line WHERE tenant_id = $1 AND price = 120", acme.id)
    begin, known, corrected = datetime(2026, 3, 1, tzinfo=UTC), "2026-05-31T00:00:00Z", datetime(2026, 6, 5, tzinfo=UTC)
    [before] = [golden.stored(meta, row, {}).golden for row in rows]
    price = {"amount": "125", "currency": "EUR", "per": "hour"}
    after = Golden(before.id, "rate_line", before.values | {"price": price}, {}, version=2)
    await golden.save(api.pool, acme.id, meta, [golden.version_row(acme.id, meta, after, begin, corrected)])
    text = """query ($then: DateTime) { rateCards(asOf: $then) { nodes { rateLines(on: "2026-03-03") { nodes { price { amount } } } } } }"""
    told = {at: await both(api, acme, text, then=at) for at in (known, None)}
    prices = {at: found["rateCards"]["nodes"][0]["rateLines"]["nodes"] for at, found in told.items()}
    assert prices == {known: [{"price": {"amount": "120"}}], None: [{"price": {"amount": "125"}}]}


async def test_the_last_day_there_is_is_a_day_like_others(api: Api, acme: Tenant) -> None:
    """Systems without empty ends say 9999-12-31: it is found, ordered and paged by."""
    cards = [await api.golden(acme, "rate_card", code=str(n), valid_to=day) for n, day in enumerate(("9999-12-31", "9999-12-31", "2026-01-31"))]
    text = """query ($day: Date!, $after: String) {
        found: rateCards(filter: {validTo: {eq: $day}}) { totalCount }
        rateCards(first: 2, after: $after, orderBy: [{field: VALID_TO}]) { edges { cursor node { code } } }
        rateLines(on: $day) { totalCount } }"""
    first = await both(api, acme, text, day="9999-12-31")
    assert (first["found"], [edge["node"]["code"] for edge in first["rateCards"]["edges"]]) == ({"totalCount": 2}, ["2", "0"])
    then = await both(api, acme, text, day="9999-12-31", after=first["rateCards"]["edges"][1]["cursor"])
    assert [edge["node"]["code"] for edge in then["rateCards"]["edges"]] == ["1"] and len(cards) == 3
