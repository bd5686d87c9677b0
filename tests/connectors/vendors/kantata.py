"""Clients of a Kantata account, with the feed of events that tells deletes."""

from __future__ import annotations

from typing import Any

from connectors.kantata.simulator.server import CLIENT_ID, CLIENT_SECRET, Kantata
from connectors.shipped import extended
from schema.codecs import instant
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # it sends none: its events are asked for
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
    "a_unique_key_makes_a_second_create_impossible",  # references are unique to a record of theirs, not to one of ours
}
PAGE = 50


class KantataSubject(SimulatedSubject):
    """Clients of an account. It says nothing of how long to wait when it was asked too often."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"token_url": f"{self.running.url}/oauth/token", "client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET}
        own = {"system": "psa", "base_url": self.running.url, "currency": "EUR", "auth": auth, "events": True, "page_size": PAGE}
        return extended({"extends": "kantata", **own})

    def version(self, id: str) -> str:
        return str(instant().read(self.running.store.rows[self.object][id].fields["updated_at"]))


async def subject() -> KantataSubject:
    running: Kantata = await Kantata().start()
    return KantataSubject(
        running, "workspace_groups", "client", "name", {"company": True}, ("name",), ({"name": "", "company": True}, "name"), page_size=PAGE, tells_how_long=False
    )
