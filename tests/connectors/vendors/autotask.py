"""Companies of an Autotask database."""

from __future__ import annotations

import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from connectors.autotask.connector import AutotaskConnector
from connectors.autotask.simulator.server import CODE, HOOK_SECRET, SECRET, USER, Autotask
from connectors.port import Connector
from connectors.shipped import extended
from schema.codecs import instant
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT = {
    "a_unique_key_makes_a_second_create_impossible",  # its fields for others' keys take the same text twice
    "an_update_of_a_changed_record_is_refused",  # it checks no version
}


@cache
def _shipped() -> dict[str, Any]:
    """What a firm says, over the shipped document, which takes a while to read."""
    return extended({
        "extends": "autotask", "system": "psa", "currency": "EUR", "limits": {"requests_per_s": 1000, "concurrency": 3},
        "webhook": {"secrets": [HOOK_SECRET]},
    })  # fmt: skip


@dataclass
class AutotaskSubject(SimulatedSubject):
    """Companies. It says nothing of how long to wait; of deletes only webhooks tell, and a day's listing."""

    ahead_s: float = 0.0
    """How far the connectors' clock is ahead: a delete is seen when all is listed anew."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"user": USER, "secret": "wrong" if is_wrong else SECRET, "integration_code": CODE}
        return deepcopy(_shipped()) | {"base_url": self.running.url, "auth": auth, "page_size": self.page_size}

    def _connected(self, document: dict[str, Any]) -> Connector:
        made = super()._connected(document)
        assert isinstance(made, AutotaskConnector)
        made.clock = lambda: time.time() + self.ahead_s
        return made

    @property
    def server(self) -> Autotask:
        assert isinstance(self.running, Autotask)
        return self.running

    def version(self, id: str) -> str:
        fields = self.running.store.rows[self.object][id].fields
        return max(str(instant().read(fields[name])) for name in ("lastActivityDate", "lastTrackedModifiedDateTime"))

    async def delete(self, id: str) -> None:
        await super().delete(id)
        self.ahead_s += 2 * 86400

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        body = self.server.event(self.running.store.rows[self.object][id])
        return self.server.signed(body), body


async def subject() -> AutotaskSubject:
    running: Autotask = await Autotask().start()
    return AutotaskSubject(
        running, "Companies", "client", "companyName", {"companyType": "Customer", "phone": "+49 40 1", "ownerResourceID": 10}, ("companyName",),
        ({"companyName": "No phone", "companyType": "Customer", "ownerResourceID": 10}, "phone"), page_size=100, tells_how_long=False,
    )  # fmt: skip
