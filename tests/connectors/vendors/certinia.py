"""Projects of an org with Certinia."""

from __future__ import annotations

from typing import Any

from connectors.certinia.simulator.server import CLIENT_ID, CLIENT_SECRET, Certinia
from connectors.shipped import extended
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # changes are asked for; its events come by a stream of their own
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
}


class CertiniaSubject(SimulatedSubject):
    """Projects of an org. It says nothing of how long to wait when it was asked too often."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET}
        return extended({"extends": "certinia", "system": "psa", "base_url": self.running.url, "multi_currency": True, "auth": auth, "page_size": 200})

    def version(self, id: str) -> str:
        stamp: str = self.running.store.rows[self.object][id].fields["SystemModstamp"]
        return stamp.replace(".000+0000", ".000000Z")


async def subject() -> CertiniaSubject:
    running: Certinia = await Certinia().start()
    region = next(row.id for row in running.store.table("pse__Region__c"))
    plain = {"pse__Region__c": region, "pse__Start_Date__c": "2026-05-01"}
    return CertiniaSubject(
        running, "pse__Proj__c", "project", "Name", plain, ("Name",), ({**plain, "Name": "x", "pse__Stage__c": "Alchemy"}, "pse__Stage__c"),
        page_size=200, tells_how_long=False,
    )  # fmt: skip
