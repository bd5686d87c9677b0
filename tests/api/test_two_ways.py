"""Both ways of answering answer the same: compiled to one statement, and field by field.

``make test`` tries some hundred queries; ``make soak-reads`` tries ten thousand.
"""

from __future__ import annotations

import os
import random
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from graphql import GraphQLSchema
from hypothesis_graphql import nodes, queries

from hub.api.access import Principal, Role
from hub.api.run import Asked, Runner
from hub.api.schema import build
from schema import ENTITIES
from tests.api.arbitrary import Arguments, World, populate, small_schema, thickened
from tests.api.conftest import Api

TRIED = ("client", "contract", "project", "time_entry", "invoice", "rate_line", "contract_line", "engagement", "billing_batch")
SCALARS = {
    name: st.just(nodes.String("x")) for name in ("Date", "DateTime", "Decimal", "Long", "JSON")
}


@pytest.fixture(scope="module")
async def world(shared: Api) -> World:
    return await populate(shared, await shared.tenant("world"), seed=5)


def documents(small: GraphQLSchema, most: int, start: int) -> list[str]:
    """Selections by hypothesis-graphql, as many of each root field; ``node`` seldom, since it leads anywhere."""
    query = small.query_type
    assert query is not None
    found: list[str] = []
    for name in query.fields:
        each = max(1, most // len(query.fields))

        @seed(start)
        @settings(max_examples=each, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(queries(small, fields=[name], custom_scalars=SCALARS))
        def collect(text: str) -> None:
            found.append(text)

        collect()
    return found


class Ways:
    """One world, answered both ways by one role."""

    def __init__(self, api: Api, world: World) -> None:
        services = api.app.state.services
        self.compiled, self.plain = Runner(build(), services), Runner(build(), services, compiles=False)
        self.world, self.api = world, api
        self.compiled_count = 0

    def principal(self, role: Role) -> Principal:
        return Principal(self.world.tenant.id, self.world.tenant.slug, UUID(int=7), role, "test")

    async def differ(self, text: str, variables: dict[str, Any], role: Role) -> str | None:
        """What differs between the answers; None when they are the same to the byte."""
        asked = Asked(text, variables, None)
        answers = []
        for way in (self.compiled, self.plain):
            try:
                answer = await way.run(self.principal(role), asked, "c-1")
                answers.append((answer.status, orjson.dumps(orjson.loads(answer.body)), answer.cost))
            except Exception as error:  # noqa: BLE001 - refusals must be the same too
                answers.append((type(error).__name__, str(error).encode(), 0))
        first, second = answers
        if first == second:
            self.compiled_count += b'"errors"' not in first[1]
            return None
        return f"{text}\n{orjson.dumps(variables).decode()}\ncompiled: {first}\nfield by field: {second}"


async def try_all(ways: Ways, entities: tuple[str, ...], most: int, start: int) -> int:
    """Try generated queries with generated arguments; answers how many were run."""
    dice = random.Random(start)
    small = small_schema(build()._schema, entities)
    texts = documents(small, most, start)
    for text in texts:
        arguments = Arguments(build()._schema, ways.world, dice)
        written = arguments.written(thickened(text, small, dice))
        role = dice.choice((Role.READER, Role.STEWARD))
        different = await ways.differ(written, arguments.variables, role)
        assert different is None, different
    return len(texts)


async def test_compiled_answers_equal_those_made_field_by_field(shared: Api, world: World) -> None:
    ways = Ways(shared, world)
    tried = await try_all(ways, TRIED, 300, start=11)
    assert ways.compiled_count > 0.6 * tried, f"{ways.compiled_count} of {tried} without errors"


@pytest.mark.slow
async def test_ten_thousand_queries_over_all_entities_are_answered_alike_both_ways(shared: Api, world: World) -> None:
    wanted, tried, start = int(os.environ.get("QUERIES", "10000")), 0, int(os.environ.get("SEED", "1000"))
    dice = random.Random(start)
    while tried < wanted:
        entities = tuple(dice.sample(sorted(ENTITIES), 9))
        tried += await try_all(Ways(shared, world), entities, 200, start + tried)
        print(f"{tried} of {wanted} queries answered alike", flush=True)

