"""The conformance suite on a real database of Tryton: its parties, through a proxy that loses, cuts and delays answers."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from connectors.conformance import CHECKS, Check, NotApplicable, name_of
from connectors.port import Connector
from connectors.registry import connect
from connectors.shipped import extended
from hub.demo.tryton.person import Person
from tests.tryton.conftest import Running
from tests.tryton.proxy import METHODS, Fault, Proxy

pytestmark = pytest.mark.slow

BESIDE_THE_POINT = {
    "what_changes_is_told_though_the_system_s_clock_is_wrong",  # its clock is this machine's
    "a_signed_webhook_is_taken_and_is_the_message_of_the_poll",  # it sends none
    "a_webhook_that_is_not_signed_for_its_body_is_refused",
}
AT_ONCE = 500


def document(url: str, password: str, **more: Any) -> dict[str, Any]:
    left_out = dict.fromkeys(("account", "project", "task", "timesheet", "invoice", "payment", "sale", "product"))
    own = {"system": "crm", "kind": "crm", "base_url": url, "database": "crm", "auth": {"user": "admin", "password": password}, "resources": left_out}
    whole = extended({"extends": "tryton", **own})
    return {**{key: value for key, value in whole.items() if key not in ("mappings", "code_maps")}, **more}


@dataclass
class TrytonSubject:
    """Parties whose names begin with a mark of this subject: the others are other tests'."""

    person: Person
    proxy: Proxy
    password: str
    resource: str = "party"
    object: str = "party"
    entity: str = "client"
    page_size: int = 20
    tells_how_long: bool = True
    mark: str = field(default_factory=lambda: uuid4().hex[:8])
    _made: list[Connector] = field(default_factory=list)

    def connector(self, **more: Any) -> Connector:
        told = document(self.proxy.url, more.pop("password", self.password), page_size=self.page_size, **more)
        told["resources"]["party"]["where"] = [["name", "like", f"{self.mark}%"]]
        told["resources"]["party"]["unknown_settles_after_s"] = 0
        made = connect("tryton", told)
        self._made.append(made)
        return made

    def connector_with_wrong_credentials(self) -> Connector:
        return self.connector(password="wrong")

    async def close(self) -> None:
        for one in self._made:
            await one.aclose()

    async def enter(self, count: int) -> list[str]:
        made: list[str] = []
        while len(made) < count:
            values = [{"name": f"{self.mark} Firm {len(made) + at}"} for at in range(min(AT_ONCE, count - len(made)))]
            made += [str(id) for id in await self.person.do("model.party.party.create", values)]
        return made

    async def change(self, id: str) -> None:
        await self.person.edit("party.party", int(id), {"name": f"{self.mark} Größe {time.time_ns()}"})

    async def delete(self, id: str) -> None:
        await self.person.delete("party.party", int(id))

    async def ids(self) -> set[str]:
        return {str(one["id"]) for one in await self.person.rows("party.party", ["id"], [["name", "like", f"{self.mark}%"]])}

    async def fault(self, kind: str, operation: str, **options: Any) -> None:
        self.proxy.faults.append(Fault(kind, METHODS[operation], options))

    async def set_clock(self, ahead_s: float) -> None:
        raise NotApplicable("it has our clock")

    async def expire_tokens(self) -> None:
        await self.proxy.end_sessions("crm")

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        raise NotApplicable("it sends no webhooks")

    def body(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        body = {"name": f"{self.mark} New firm {number}", "address": {"city": "Zürich"}}
        return body, {"name": body["name"]}

    def refused(self) -> tuple[dict[str, Any], str]:
        return {"name": f"{self.mark} bad", "contact_mechanisms": [{"type": "email"}]}, "value"

    async def version_of(self, id: str) -> str:
        (found,) = await self.person.rows("party.party", ["_timestamp"], [["id", "=", int(id)]])
        return str(found["_timestamp"])


@pytest.fixture
async def subject(running: Running, proxy: Proxy) -> AsyncIterator[TrytonSubject]:
    found = TrytonSubject(running.people["crm"], proxy, running.tryton.password)
    yield found
    await found.close()


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_the_connector_conforms(check: Check, subject: TrytonSubject) -> None:
    if name_of(check) in BESIDE_THE_POINT:
        with pytest.raises(NotApplicable):
            await check(subject)
    else:
        await check(subject)
