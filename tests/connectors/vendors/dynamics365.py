"""Accounts of a Dataverse organisation, with the firm's alternate key for the hub."""

from __future__ import annotations

from typing import Any

from connectors.dynamics365.simulator.server import CLIENT_ID, CLIENT_SECRET, TENANT, Dataverse
from connectors.dynamics365.simulator.tables import HUB_KEY
from connectors.shipped import extended
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # it signs nothing, a header holds a shared key: tests/connectors/test_dynamics365.py
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
}


class DynamicsSubject(SimulatedSubject):
    """Accounts of an organisation."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"tenant": TENANT, "client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET, "authority": self.running.url}
        return extended({
            "extends": "dynamics365", "system": "crm", "base_url": self.running.url, "auth": auth, "page_size": self.page_size, "hub_key": HUB_KEY,
            "limits": {"requests_per_s": 0, "concurrency": 8, "timeout_s": 60},
        })  # fmt: skip

    def version(self, id: str) -> str:
        return str(self.running.store.rows[self.object][id].fields["versionnumber"])


async def subject() -> DynamicsSubject:
    running = await Dataverse().start()
    return DynamicsSubject(
        running, "account", "client", "name", {"address1_country": "Germany"}, ("name",), ({"name": "x" * 161}, "name"), page_size=100,
    )  # fmt: skip
