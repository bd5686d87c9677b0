"""What bounds a request: the size of its document, its rate, and who may read the schema; each a setting."""

from __future__ import annotations

import time

import pytest
from graphql import OperationDefinitionNode

from hub.api.access import UNSET_RATE, Principal, Rate, Role
from hub.api.errors import ApiError
from hub.api.limits import Measure, Meter, read_document
from hub.api.rates import Rates
from hub.api.schema import build
from hub.flows.tenants import Bounds, give_key
from hub.settings import DEFAULT_LIMITS, Limits, Settings
from hub.store.ids import new_id
from tests.api.conftest import Api, Tenant
from tests.api.test_http import app_of

SCHEMA = build()._schema


def meter(text: str, limits: Limits = DEFAULT_LIMITS) -> Meter:
    document = read_document(text, limits)
    [operation] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return Meter(SCHEMA, document, operation, limits)


PAGES = "query($n: Int, $x: String) { clients(first: $n, after: $x) { nodes { name projects(first: 3) { nodes { name } } } } }"


def test_an_operation_adds_up_by_the_sizes_of_its_pages() -> None:
    found = meter(PAGES)
    # one page of n clients, each a name and a page of three projects with a name: nodes, name, projects, nodes, name
    assert found.measure({"n": 10}) == Measure(5, 6, 0, 0, 1 + 10 * (1 + 1 + (1 + 3 * (1 + 1))), 10 * (1 + 3))
    assert found.measure({"n": 1}).rows == 4
    assert found.measure({}).rows == 20 * 4
    assert found.measure({"n": 10_000}).rows == 100 * 4  # refused when it runs; counted as the largest page


def test_an_operation_is_walked_once_for_the_same_page_sizes() -> None:
    found = meter(PAGES)
    first = found.measure({"n": 7, "x": "a"})
    assert found.measure({"n": 7, "x": "b"}) is first
    assert found.measure({"n": 8}) is not first
    began = time.perf_counter()
    for n in range(1000):
        found.measure({"n": 7, "x": str(n)})
    remembered_s = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(100):
        meter(PAGES)
    assert remembered_s < (time.perf_counter() - began) * 2


BOUNDS = (
    ("most_tokens", "{ me { role name tenant system } }", 100, "tokens"),
    ("most_depth", "{ clients { nodes { contacts { nodes { id } } } } }", 4, "levels"),
    ("most_fields", "{ me { role name tenant } }", 3, "fields"),
    ("most_root_fields", "{ me { role } health { inboxOpen } }", 1, "fields at the root"),
    ("most_aliases", "{ a: me { b: role } }", 1, "aliases"),
    ("most_directives", "{ me @include(if: true) { role @skip(if: false) } }", 1, "directives"),
    ("most_cost", "{ clients(first: 10) { nodes { id name } } }", 30, "values"),
    ("most_rows", "{ clients(first: 10) { nodes { contacts(first: 2) { nodes { id } } } } }", 29, "records"),
)


@pytest.mark.parametrize(("name", "text", "most", "what"), BOUNDS, ids=[one[0] for one in BOUNDS])
def test_every_bound_is_a_setting(name: str, text: str, most: int, what: str) -> None:
    given = text + (" # " if name != "most_tokens" else " ") + ("" if name != "most_tokens" else "query b { me { role } } " * 15)
    limits = Settings.from_environment({f"HUB_{name.upper()}": str(most)}).limits
    assert getattr(limits, name) == most
    with pytest.raises(ApiError) as refused:
        meter(given, limits).measure({})
    assert (refused.value.code, f"at most {most} {what}" in str(refused.value)) == ("TOO_COMPLEX", True)
    if name != "most_tokens":
        meter(text).measure({})


async def test_the_largest_page_is_a_setting_for_counting_and_for_reading(api: Api, acme: Tenant) -> None:
    for number in range(4):
        await api.golden(acme, "region", code=f"R{number}", name="Region")
    ask = "query($n: Int) { regions(first: $n) { nodes { code } } }"
    async with app_of(api, largest_page=3) as small:
        assert len((await small.ask(acme.keys["reader"], ask, n=3)).data["regions"]["nodes"]) == 3
        refused = await small.ask(acme.keys["reader"], ask, n=4)
        assert (refused.codes, refused.json["errors"][0]["message"]) == (["BAD_PAGE"], "first must be from 0 to 3")
    async with app_of(api, largest_page=2_000) as large:
        assert len((await large.ask(acme.keys["reader"], ask, n=2_000)).data["regions"]["nodes"]) == 4


INTROSPECTION = {
    "on": {"reader": True, "system": True},
    "roles": {"reader": True, "system": False},
    "off": {"reader": False, "admin": False, "system": False},
}


@pytest.mark.parametrize("set_", INTROSPECTION)
async def test_who_may_read_the_schema_is_a_setting(api: Api, acme: Tenant, set_: str) -> None:
    async with app_of(api, introspection=set_) as ours:
        for role, may in INTROSPECTION[set_].items():
            answer = await ours.ask(acme.keys[role], "{ __schema { queryType { name } } }")
            assert answer.json.get("data") == ({"__schema": {"queryType": {"name": "Query"}}} if may else None), role
            assert may or answer.codes == ["FORBIDDEN"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def principal(rate: Rate = UNSET_RATE) -> Principal:
    return Principal(1, "t", new_id(), Role.READER, "r", rate=rate)


def test_a_bucket_holds_a_minute_and_fills_evenly() -> None:
    clock = Clock()
    rates, who = Rates(Settings(requests_per_minute=60), clock), principal()
    assert [bool(found.refused) for _ in range(61) if (found := rates.take(who))] == [False] * 60 + [True]
    refused = rates.take(who)
    assert refused is not None and (refused.refused, refused.retry_after_s) == ("requests", 1)
    clock.now = 2.5
    taken = rates.take(who)
    assert taken is not None and dict(taken.headers()) == {
        b"ratelimit-policy": b'"requests";q=60;w=60',
        b"ratelimit": b'"requests";r=1;t=59',
        b"ratelimit-limit": b"60",
        b"ratelimit-remaining": b"1",
        b"ratelimit-reset": b"59",
    }
    other = rates.take(principal())
    assert other is not None and not other.refused


def test_cost_is_paid_after_it_is_known_and_a_debt_is_waited_off() -> None:
    clock = Clock()
    rates, who = Rates(Settings(cost_per_minute=600), clock), principal()
    first = rates.take(who)
    assert first is not None and not first.refused
    first.charge(700)
    second = rates.take(who)
    assert second is not None and (second.refused, second.retry_after_s) == ("cost", 11)
    clock.now = 11
    third = rates.take(who)
    assert third is not None and not third.refused


def test_a_key_of_its_own_rate_outranks_the_settings() -> None:
    rates = Rates(Settings(requests_per_minute=1), Clock())
    free, tight = principal(Rate(requests=0)), principal(Rate(requests=2, cost=5))
    assert [rates.take(free) for _ in range(3)] == [None] * 3
    assert [found.refused for _ in range(3) if (found := rates.take(tight))] == ["", "", "requests"]
    assert Rates(Settings(), Clock()).take(principal()) is None


async def test_a_key_that_asks_too_often_is_told_when_to_come_again(api: Api, acme: Tenant) -> None:
    key = await give_key(api.pool, acme.slug, "reader", "busy", bounds=Bounds(rate={"requests": 2, "cost": 1_000}))
    answers = [await api.ask(key, "{ me { role } }") for _ in range(3)]
    assert [one.status for one in answers] == [200, 200, 429]
    assert [one.headers["ratelimit-remaining"] for one in answers] == ["1", "0", "0"]
    assert answers[0].headers["ratelimit-policy"] == '"requests";q=2;w=60, "cost";q=1000;w=60'
    refused = answers[2]
    assert (refused.codes, 25 < int(refused.headers["retry-after"]) <= 30) == (["TOO_MANY_REQUESTS"], True)
    assert "ratelimit" not in (await api.ask(acme.keys["reader"], "{ me { role } }")).headers


async def test_a_key_that_asks_for_too_much_waits_off_its_cost(api: Api, acme: Tenant) -> None:
    key = await give_key(api.pool, acme.slug, "reader", "greedy", bounds=Bounds(rate={"cost": 50}))
    ask = "{ regions(first: 50) { nodes { code } } }"
    first, second = await api.ask(key, ask), await api.ask(key, ask)
    assert (first.status, first.json["extensions"]["cost"] > 50, second.status, second.codes) == (200, True, 429, ["TOO_MANY_REQUESTS"])




@pytest.mark.parametrize("document", ["{ regions { nodes { name } } }", "{ me { role } systems { name } }"], ids=["compiled", "field by field"])
async def test_the_largest_answer_is_a_setting(api: Api, acme: Tenant, document: str) -> None:
    for number in range(20):
        await api.golden(acme, "region", code=f"R{number}", name="A region with quite a long name that fills the answer")
    async with app_of(api, largest_answer_bytes=60) as small:
        assert (await small.ask(acme.keys["reader"], "{ me { role } }")).status == 200
        refused = await small.ask(acme.keys["reader"], document)
        assert (refused.status, refused.codes) == (413, ["TOO_LARGE"])
