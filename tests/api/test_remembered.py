"""What is kept of operations and their statements: as many as fit, those that are asked for first."""

from __future__ import annotations

from typing import Any

import pytest

from hub.api import compiled
from hub.telemetry import REGISTRY
from tests.api.conftest import Api, Tenant


def counted(result: str) -> float:
    return REGISTRY.get_sample_value("hub_compiled_reads_total", {"result": result}) or 0.0


async def test_a_statement_is_written_once_per_shape_of_its_variables_and_kind_of_key(api: Api, acme: Tenant) -> None:
    await api.golden(acme, "client", name="Northbeam", country="DE")
    document = "query Written($filter: ClientFilter, $first: Int) { clients(filter: $filter, first: $first) { nodes { name } } }"

    async def written(role: str, **variables: Any) -> float:
        before = counted("miss")
        assert (await api.ask(acme.keys[role], document, **variables)).status == 200
        return counted("miss") - before

    assert await written("reader", filter={"country": {"eq": "DE"}}) == 1
    assert await written("reader", filter={"country": {"eq": "AT"}}) == 0  # another value
    assert await written("reader", filter={"name": {"eq": "x"}}) == 1  # another shape
    assert await written("reader", filter=None) == 1
    assert await written("reader", filter=None, first=3) == 1  # a page of another size
    assert await written("steward", filter={"country": {"eq": "DE"}}) == 1  # other masks


async def test_what_is_asked_again_outlasts_what_is_asked_once(api: Api, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "REMEMBERED_OPERATIONS", 3)
    hot = "query Hot { clients { totalCount } }"
    await api.ask(acme.keys["reader"], hot)
    for number in range(6):
        await api.ask(acme.keys["reader"], f"query Once{number} {{ clients {{ totalCount }} }}")
        before = counted("miss")
        await api.ask(acme.keys["reader"], hot)
        assert counted("miss") == before
    before = counted("miss")
    await api.ask(acme.keys["reader"], "query Once0 { clients { totalCount } }")
    assert counted("miss") == before + 1


async def test_what_cannot_be_answered_from_a_statement_is_counted_and_answered(api: Api, acme: Tenant) -> None:
    before = counted("other")
    answer = await api.ask(acme.keys["reader"], "{ clients(first: 1000000) { totalCount } }")
    assert answer.codes == ["TOO_COMPLEX"] or answer.codes == ["BAD_PAGE"]
    again = await api.ask(acme.keys["reader"], "query ($after: String) { clients(after: $after) { totalCount } }", after="bent")
    assert again.codes == ["BAD_CURSOR"]
    assert counted("other") > before
