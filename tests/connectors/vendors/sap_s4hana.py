"""Customers of an S/4HANA tenant."""

from __future__ import annotations

from typing import Any

from connectors.sap_s4hana.connector import SapConnector
from connectors.sap_s4hana.shapes import changed_at
from connectors.sap_s4hana.simulator.server import CLIENT_ID, CLIENT_SECRET, S4hana
from connectors.shipped import extended
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # an event mesh shows a token; nothing signs the body
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
    "a_unique_key_makes_a_second_create_impossible",  # BusinessPartnerIDByExtSystem finds a partner, and need not be unique
}


class SapSubject(SimulatedSubject):
    """Customers of a tenant."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"token_url": "sap/bc/sec/oauth2/token", "client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET}
        return extended({"extends": "sap_s4hana", "system": "erp", "base_url": self.running.url, "auth": auth, "page_size": self.page_size})

    def version(self, id: str) -> str:
        connector = self._made[0] if self._made else self.connector()
        assert isinstance(connector, SapConnector)
        dated = connector.shape(self.object).dated
        assert dated is not None
        return changed_at(self.running.store.rows[self.object][id].fields, dated) or ""

    async def ids(self) -> set[str]:
        return {row.id for row in self.running.store.table(self.object) if row.fields["Customer"] and not row.fields["IsMarkedForArchiving"]}

    def body(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        body = {"OrganizationName": f"New firm {number}", "CorrespondenceLanguage": "DE"}
        return body, {"OrganizationName": body["OrganizationName"]}


async def subject() -> SapSubject:
    running = await S4hana().start()
    bad = {"OrganizationName": "x", "BusinessPartnerGrouping": "ZZ99"}
    plain = {"BusinessPartnerCategory": "2"}
    return SapSubject(
        running, "A_BusinessPartner", "client", "OrganizationBPName1", plain, (), (bad, "BusinessPartnerGrouping"), page_size=100
    )
