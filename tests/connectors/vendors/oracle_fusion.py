"""Sales accounts (parties) of a Fusion pod."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from connectors.oracle_fusion.connector import FusionConnector
from connectors.oracle_fusion.simulator.server import CLIENT_ID, CLIENT_SECRET, Fusion
from connectors.port import Connector
from connectors.shipped import extended
from schema.codecs.times import canonical_instant
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # it is asked; its events go to Oracle Integration only
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
    "a_unique_key_makes_a_second_create_impossible",  # a source reference is looked up, not enforced
}


class FusionSubject(SimulatedSubject):
    """Accounts of a pod. It tells of no deletes: what is absent from the listing of the next day is gone."""

    ahead_s = 0.0

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"token_url": f"{self.running.url}/oauth2/v1/token", "client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET}
        return extended({"extends": "oracle_fusion", "system": "erp", "base_url": self.running.url, "auth": auth, "page_size": 100, "currency": "EUR"})

    def _connected(self, document: dict[str, Any]) -> Connector:
        made = super()._connected(document)
        assert isinstance(made, FusionConnector)
        made.clock = lambda: time.time() + self.ahead_s
        return made

    def version(self, id: str) -> str:
        return canonical_instant(datetime.fromisoformat(self.running.store.rows[self.object][id].fields["LastUpdateDate"]))

    async def delete(self, id: str) -> None:
        await super().delete(id)
        self.ahead_s += 86_400.0


async def subject() -> FusionSubject:
    running = await Fusion().start()
    return FusionSubject(
        running, "accounts", "client", "OrganizationName", {"Type": "ZCA_CUSTOMER"}, ("OrganizationName",), ({"OrganizationName": "x", "Type": "SHOE"}, "Type"),
        page_size=100, tells_how_long=False,
    )  # fmt: skip
