"""The vendors' connectors against the conformance suite, each on its own simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connectors.conformance import CHECKS, Check, NotApplicable, name_of
from tests.connectors.vendors import VENDORS, VendorSubject

BESIDE_THE_POINT = {
    "salesforce": {
        "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # changes are asked for; its events come by a stream of their own
        "a_webhook_that_is_not_signed_for_its_body_is_refused",
    },
}
"""What cannot be asked of a system, by its own word; a check that stops applying fails here."""


@pytest.fixture(params=VENDORS)
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[VendorSubject]:
    found = await VENDORS[request.param]()
    yield found
    await found.close()


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_the_vendors_connector_conforms(check: Check, subject: VendorSubject, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["subject"]
    if name_of(check) in BESIDE_THE_POINT.get(name, ()):
        with pytest.raises(NotApplicable):
            await check(subject)
    else:
        await check(subject)
