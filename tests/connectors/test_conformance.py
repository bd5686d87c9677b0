"""Every connector against the conformance suite: rest on the three simulated systems, and the memory system."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.conformance import CHECKS, Check, NotApplicable, name_of
from tests.connectors.subjects import CRM, ERP, PSA, MemorySubject, Shape, SimulatedSubject, simulated

Tested = SimulatedSubject | MemorySubject


@pytest.fixture(params=[CRM, PSA, ERP, None], ids=["rest-crm", "rest-psa", "rest-erp", "memory"])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Tested]:
    shape: Shape | None = request.param
    found: Tested = MemorySubject() if shape is None else await simulated(shape)
    yield found
    await found.close()


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_the_connector_conforms(check: Check, subject: Tested) -> None:
    try:
        await check(subject)
    except NotApplicable as reason:
        pytest.skip(str(reason))
