"""The products the story can be played with: each a simulator, and the lines a firm writes to connect it. Nothing else differs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from connectors.simulator.base import VendorServer
from hub.errors import SetupError
from hub.supervise import Child, follow_parent

ROLES = ("crm", "psa", "erp")
USUAL = {"crm": "salesforce", "psa": "kantata", "erp": "netsuite"}
POLL_EVERY_S = {"crm": 1.0, "psa": 5.0, "erp": 5.0}
SETTLES_S = 2
"""After a lost answer a record is looked for when the vendor's own time limit is over; minutes, but nobody watches a story for minutes."""


@dataclass(frozen=True)
class Product:
    """What its own users see of a client: an object with a name, and what a new one needs beside it."""

    simulator: str
    """module:class under ``connectors``."""
    object: str
    name: str
    firm: Callable[[str], Mapping[str, Any]]
    """Its address → what a firm writes, with the credentials of the simulator."""
    roles: tuple[str, ...]
    plain: Mapping[str, Any] = field(default_factory=dict)
    follows: bool = True
    """Whether it is told another name: where the one name is the legal one, that is the ERP's own to change."""


def _secrets(module: str, *names: str) -> tuple[str, ...]:
    found = import_module(f"connectors.{module}")
    return tuple(getattr(found, name) for name in names)


def _client(vendor: str, **more: Any) -> Callable[[str], Mapping[str, Any]]:
    """A firm that signs in by client credentials."""

    def firm(url: str) -> Mapping[str, Any]:
        id_, secret = _secrets(f"{vendor}.simulator.server", "CLIENT_ID", "CLIENT_SECRET")
        return {"auth": {"client_id": id_, "client_secret": secret}, **more}

    return firm


def _autotask(url: str) -> Mapping[str, Any]:
    user, secret, code = _secrets("autotask.simulator.server", "USER", "SECRET", "CODE")
    return {
        "auth": {"user": user, "secret": secret, "integration_code": code}, "currency": "EUR",
        "resources": {"Companies": {"on_create": {"companyType": "Customer", "ownerResourceID": 10, "phone": "-"}}},
    }  # fmt: skip


def _connectwise(url: str) -> Mapping[str, Any]:
    company, public, private, id_ = _secrets("connectwise.simulator.server", "COMPANY", "PUBLIC_KEY", "PRIVATE_KEY", "CLIENT_ID")
    (hub_field,) = _secrets("connectwise.simulator.psa", "HUB_FIELD")
    auth = {"company": company, "public_key": public, "private_key": private, "client_id": id_}
    return {"auth": auth, "currency": "EUR", "time_zone": "Europe/Berlin", "hub_field": hub_field, "mobile_types": ["Cell"]}


def _dynamics(url: str) -> Mapping[str, Any]:
    tenant, id_, secret = _secrets("dynamics365.simulator.server", "TENANT", "CLIENT_ID", "CLIENT_SECRET")
    return {"auth": {"tenant": tenant, "client_id": id_, "client_secret": secret, "authority": url}}


def _finance(url: str) -> Mapping[str, Any]:
    tenant, id_, secret = _secrets("dynamics365_fo.simulator.server", "TENANT", "CLIENT_ID", "CLIENT_SECRET")
    return {"auth": {"tenant": tenant, "client_id": id_, "client_secret": secret, "authority": url}, "company": "nbde", "customer_group": "10"}


def _kantata(url: str) -> Mapping[str, Any]:
    id_, secret = _secrets("kantata.simulator.server", "CLIENT_ID", "CLIENT_SECRET")
    return {"auth": {"token_url": f"{url}/oauth/token", "client_id": id_, "client_secret": secret}, "currency": "EUR", "events": True}


def _netsuite(url: str) -> Mapping[str, Any]:
    names = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")
    auth = dict(zip(map(str.lower, names), _secrets("netsuite.simulator.signing", *names), strict=True))
    return {"auth": auth, "account": "123456_SB1", "time_zone": "Europe/Berlin", "defaults": {"subsidiary": "2", "item": "21"}}


def _fusion(url: str) -> Mapping[str, Any]:
    id_, secret = _secrets("oracle_fusion.simulator.server", "CLIENT_ID", "CLIENT_SECRET")
    return {"auth": {"token_url": f"{url}/oauth2/v1/token", "client_id": id_, "client_secret": secret}, "currency": "EUR"}


def _intacct(url: str) -> Mapping[str, Any]:
    names = ("SENDER", "SENDER_PASSWORD", "COMPANY", "USER", "PASSWORD")
    return {"auth": dict(zip(map(str.lower, names), _secrets("sage_intacct.simulator.server", *names), strict=True))}


def _sap(url: str) -> Mapping[str, Any]:
    id_, secret = _secrets("sap_s4hana.simulator.server", "CLIENT_ID", "CLIENT_SECRET")
    auth = {"token_url": "sap/bc/sec/oauth2/token", "client_id": id_, "client_secret": secret}
    return {"auth": auth, "resources": {"A_BusinessPartner": {"new": {"BusinessPartnerGrouping": "BP02"}}}}


PRODUCTS: Mapping[str, Product] = {
    "salesforce": Product("salesforce.simulator.server:Salesforce", "Account", "Name", _client("salesforce", currency="EUR"), ("crm",), {"BillingCountry": "Germany"}),
    "dynamics365": Product("dynamics365.simulator.server:Dataverse", "account", "name", _dynamics, ("crm", "psa"), {"address1_country": "Germany"}),
    "certinia": Product("certinia.simulator.server:Certinia", "Account", "Name", _client("certinia", multi_currency=True), ("psa",), {"BillingCountry": "Germany"}),
    "kantata": Product("kantata.simulator.server:Kantata", "workspace_groups", "name", _kantata, ("psa",), {"company": True}),
    "connectwise": Product("connectwise.simulator.server:Connectwise", "company", "name", _connectwise, ("psa",)),
    "autotask": Product("autotask.simulator.server:Autotask", "Companies", "companyName", _autotask, ("psa",), {"companyType": "Customer", "phone": "+49 40 1", "ownerResourceID": 10}),
    "netsuite": Product("netsuite.simulator.server:Netsuite", "customer", "companyName", _netsuite, ("erp",), {"subsidiary": {"id": "2"}}),
    "dynamics365_fo": Product("dynamics365_fo.simulator.server:Finance", "CustomersV3", "OrganizationName", _finance, ("erp",), {"CustomerGroupId": "10"}),
    "sap_s4hana": Product("sap_s4hana.simulator.server:S4hana", "A_BusinessPartner", "OrganizationBPName1", _sap, ("erp",), {"BusinessPartnerCategory": "2"}, follows=False),
    "oracle_fusion": Product("oracle_fusion.simulator.server:Fusion", "accounts", "OrganizationName", _fusion, ("erp",), {"Type": "ZCA_CUSTOMER"}),
    "sage_intacct": Product("sage_intacct.simulator.server:SageIntacct", "CUSTOMER", "NAME", _intacct, ("erp",), {"TERMNAME": "Net 30"}),
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A product in a role. ``system`` is its name in the hub."""

    role: str
    product: str
    system: str

    def document(self, url: str) -> dict[str, Any]:
        """What a firm would write to connect it."""
        product = PRODUCTS[self.product]
        own = dict(product.firm(url))
        resources = dict(own.pop("resources", {}))
        resources[product.object] = {**resources.get(product.object, {}), "unknown_settles_after_s": SETTLES_S}
        told = {"system": self.system, "kind": self.role, "extends": self.product, "base_url": url, "poll_every_s": POLL_EVERY_S[self.role]}
        return {**told, **own, "resources": resources}

    def child(self, port: int) -> Child:
        launch = f"from hub.demo.vendors import serve; serve({self.product!r}, {port})"
        return Child(self.system, (sys.executable, "-c", launch), dict(os.environ))


def cast(wanted: Mapping[str, str]) -> list[Part]:
    """Role → product, or several with commas; what is left out is as usual. Raises :class:`SetupError` for what cannot be."""
    chosen: list[tuple[str, str]] = []
    for role in ROLES:
        for name in (wanted.get(role) or USUAL[role]).replace(" ", "").split(","):
            able = sorted(one for one, product in PRODUCTS.items() if role in product.roles)
            if name not in able:
                raise SetupError(f"there is no {role.upper()} {name!r}; there are {', '.join(able)}")
            chosen.append((role, name))
    names: Sequence[str] = [name for _, name in chosen]
    return [Part(role, name, name if names.count(name) == 1 else f"{name}_{role}") for role, name in chosen]


def serve(product: str, port: int) -> None:
    """A simulated product as a process that ends with the hub. It starts with its seed, and forgets everything at its end."""
    follow_parent()
    module, _, name = PRODUCTS[product].simulator.partition(":")

    async def run() -> None:
        running: VendorServer = getattr(import_module(f"connectors.{module}"), name)()
        await running.start(port=port)
        await asyncio.Event().wait()

    asyncio.run(run())
