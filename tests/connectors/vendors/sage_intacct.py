"""Customers of a Sage Intacct company."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.sage_intacct.simulator.objects import STAMP
from connectors.sage_intacct.simulator.server import COMPANY, PASSWORD, SENDER, SENDER_PASSWORD, USER, WEBHOOK_SECRET, SageIntacct
from connectors.shipped import extended
from tests.connectors.simulated import SimulatedSubject

BESIDE_THE_POINT: set[str] = set()


class SageIntacctSubject(SimulatedSubject):
    """Customers of a company. It says nothing of how long to wait when it was asked too often."""

    running: SageIntacct

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {
            "sender": SENDER, "sender_password": SENDER_PASSWORD, "company": COMPANY, "user": USER, "password": "wrong" if is_wrong else PASSWORD,
        }  # fmt: skip
        return extended({
            "extends": "sage_intacct", "system": "erp", "base_url": self.running.url, "auth": auth, "webhook": {"secrets": [WEBHOOK_SECRET]},
            "page_size": self.page_size, "relist_s": 0,
        })  # fmt: skip

    def version(self, id: str) -> str:
        stamp = self.running.store.rows[self.object][id].fields["WHENMODIFIED"]
        return datetime.strptime(stamp, STAMP).strftime("%Y-%m-%dT%H:%M:%S.000000Z")

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        row = self.running.store.rows[self.object][id]
        body = self.running.trigger_body(row)
        return self.running.trigger_headers(row, body, int(time.time())), body


async def subject() -> SageIntacctSubject:
    running = await SageIntacct().start()
    return SageIntacctSubject(
        running, "CUSTOMER", "client", "NAME", {"TERMNAME": "Net 30"}, ("NAME",), ({"NAME": "x", "TERMNAME": "Whenever"}, "TERMNAME"),
        page_size=250, tells_how_long=False,
    )  # fmt: skip
