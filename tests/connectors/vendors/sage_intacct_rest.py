"""Customers of a Sage Intacct company, by its REST API."""

from __future__ import annotations

from typing import Any

from connectors.sage_intacct.simulator.rest import CLIENT_ID, CLIENT_SECRET
from connectors.sage_intacct.simulator.server import COMPANY, USER, SageIntacct
from tests.connectors.vendors.sage_intacct import SageIntacctSubject

BESIDE_THE_POINT: set[str] = set()


class SageIntacctRestSubject(SageIntacctSubject):
    """The same company for who has an application's credentials instead of a sender's."""

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        auth = {"client_id": CLIENT_ID, "client_secret": "wrong" if is_wrong else CLIENT_SECRET, "company": COMPANY, "user": USER}
        return {**super().document(), "api": "rest", "auth": auth}


async def subject() -> SageIntacctRestSubject:
    running = await SageIntacct().start()
    return SageIntacctRestSubject(
        running, "CUSTOMER", "client", "NAME", {"TERMNAME": "Net 30"}, ("NAME",), ({"NAME": "x", "TERMNAME": "Whenever"}, "TERMNAME"),
        page_size=250, tells_how_long=False,
    )  # fmt: skip
