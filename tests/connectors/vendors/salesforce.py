"""Accounts of a Salesforce org."""

from __future__ import annotations

from typing import Any

from connectors.salesforce.simulator.server import CLIENT_ID, CLIENT_SECRET, Salesforce
from connectors.shipped import extended
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # changes are asked for; its events come by a stream of their own
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
}


class SalesforceSubject(SimulatedSubject):
    """Accounts of an org. It says nothing of how long to wait when it was asked too often."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET}
        return extended({"extends": "salesforce", "system": "crm", "base_url": self.running.url, "currency": "EUR", "auth": auth, "page_size": 200})

    def version(self, id: str) -> str:
        stamp: str = self.running.store.rows[self.object][id].fields["SystemModstamp"]
        return stamp.replace(".000+0000", ".000000Z")


async def subject() -> SalesforceSubject:
    running = await Salesforce().start()
    return SalesforceSubject(
        running, "Account", "client", "Name", {"BillingCountry": "Germany"}, ("Name",), ({"Name": "x", "Industry": "Alchemy"}, "Industry"),
        page_size=200, tells_how_long=False,
    )  # fmt: skip
