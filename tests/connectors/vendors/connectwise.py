"""Companies of a ConnectWise PSA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.conformance import NotApplicable
from connectors.connectwise.simulator.psa import HUB_FIELD
from connectors.connectwise.simulator.server import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY, Connectwise
from connectors.shipped import extended
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "an_expired_token_is_renewed_in_the_middle_of_a_poll",  # its keys do not expire
}


class ConnectwiseSubject(SimulatedSubject):
    """Companies of a firm. An identifier is unique there and made by the connector, so users' records get one here."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"company": COMPANY, "public_key": PUBLIC_KEY, "private_key": "wrong" if is_wrong else PRIVATE_KEY, "client_id": CLIENT_ID}
        return extended({
            "extends": "connectwise", "system": "psa", "base_url": self.running.url, "currency": "EUR", "time_zone": "Europe/Berlin", "auth": auth,
            "hub_field": HUB_FIELD, "page_size": self.page_size, "limits": {"requests_per_s": 2000}, "mobile_types": ["Cell"],
        })  # fmt: skip

    async def enter(self, count: int) -> list[str]:
        before = set(self.running.store.rows.get(self.object, {}))
        values = {**self.plain, self.name_field: f"Firm {len(before)}-{{n}}", "identifier": f"F{len(before)}-{{n}}"}
        self.running.control_load({"object": self.object, "count": count, "values": values})
        return [id for id in self.running.store.rows[self.object] if id not in before]

    def version(self, id: str) -> str:
        stamp: str = self.running.store.rows[self.object][id].fields["_stamp"]
        return stamp.replace("Z", ".000000Z")

    async def expire_tokens(self) -> None:
        raise NotApplicable("its keys do not expire")

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        assert isinstance(self.running, Connectwise)
        return self.running.callback(self.running.store.rows[self.object][id], "updated")


async def subject() -> ConnectwiseSubject:
    running = await Connectwise().start()
    return ConnectwiseSubject(running, "company", "client", "name", {"zip": "24103"}, ("name", "zip"), ({"name": "x" * 51}, "name"), page_size=100)
