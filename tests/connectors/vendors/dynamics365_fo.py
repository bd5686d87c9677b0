"""Customers of a Finance & Operations environment."""

from __future__ import annotations

from typing import Any

from connectors.dynamics365_fo.simulator.server import CLIENT_ID, CLIENT_SECRET, TENANT, Finance
from connectors.shipped import extended
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # its business events are not used: everything is listed each time
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
    "a_unique_key_makes_a_second_create_impossible",  # no column of a customer is ours
    "an_update_of_a_changed_record_is_refused",  # its tags tell that a record changed, not what is newer: no version
}


class FinanceSubject(SimulatedSubject):
    """Customers of an environment."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"tenant": TENANT, "client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET, "authority": self.running.url}
        return extended({
            "extends": "dynamics365_fo", "system": "erp", "base_url": self.running.url, "auth": auth, "company": "nbde", "customer_group": "10",
            "page_size": self.page_size,
        })  # fmt: skip

    def version(self, id: str) -> str:
        return ""


async def subject() -> FinanceSubject:
    running = await Finance().start()
    return FinanceSubject(
        running, "CustomersV3", "client", "OrganizationName", {"CustomerGroupId": "10", "AddressCity": "Hamburg"}, ("OrganizationName", "AddressCity"),
        ({"AddressCity": "Hamburg"}, "Organization name"), page_size=100,
    )  # fmt: skip
