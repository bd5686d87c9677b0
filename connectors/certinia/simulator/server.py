"""The simulated org with Certinia as a server: Salesforce's, over an org with packages; objects can be hidden as without a licence."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from connectors.certinia.simulator.objects import objects
from connectors.certinia.simulator.org import PackagedOrg
from connectors.certinia.simulator.seed import seed
from connectors.salesforce.simulator.server import CLIENT_ID, CLIENT_SECRET, Salesforce
from connectors.simulator.rules import Refusal
from connectors.wire import parse_json

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "Certinia"]


class Certinia(Salesforce):
    """One org. ``most_at_once`` records in a collection are within the limits of the platform; more of them break it off."""

    most_at_once = 200

    def made_org(self) -> PackagedOrg:
        return PackagedOrg(self.store, dict(objects()))

    @property
    def packaged(self) -> PackagedOrg:
        assert isinstance(self.org, PackagedOrg)
        return self.org

    def seed(self) -> None:
        seed(self.packaged)

    def actions(self) -> dict[str, Any]:
        return super().actions() | {"bill": self.control_bill, "unlicense": self.control_unlicense}

    def control_bill(self, given: dict[str, Any]) -> Any:
        """``{"project"}``: recalculate its billing."""
        return [self.shown(row) for row in self.packaged.bill(given["project"])]

    def control_unlicense(self, given: dict[str, Any]) -> Any:
        """``{"prefix": "pse__"}``: the user has no licence of a package; ``{"object", "field"}``: no right to a field."""
        held = dict(self.org.objects)
        if "field" in given:
            one = held[given["object"]]
            held[one.name] = type(one)(one.name, one.prefix, tuple(spec for spec in one.specs if spec.name != given["field"]))
        else:
            held = {name: one for name, one in held.items() if not name.startswith(given["prefix"])}
        self.org.objects = held
        return {"objects": len(held)}

    async def _collection(self, request: web.Request) -> web.Response:
        given = parse_json(await request.read())
        if len(given.get("records", [])) > self.most_at_once:
            text = "pse.ProjectTrigger: System.LimitException: Apex CPU time limit exceeded"
            return self.error(Refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "", text))
        return await super()._collection(request)
