"""Clients of a Template."""

from __future__ import annotations

from typing import Any

from connectors.shipped import extended
from connectors.skeleton.template.simulator.server import CLIENT_ID, CLIENT_SECRET, Template
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # it sends no webhooks
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
}


class TemplateSubject(SimulatedSubject):
    """What is driven: its clients."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET}
        return extended({"extends": "template", "system": "template", "base_url": self.running.url, "auth": auth})

    def version(self, id: str) -> str:
        return str(self.running.store.rows[self.object][id].version)


async def subject() -> TemplateSubject:
    running = await Template().start()
    bad = ({"name": "x", "status": "asleep"}, "status")
    return TemplateSubject(running, "client", "client", "name", {"country": "DE"}, ("name",), bad)
