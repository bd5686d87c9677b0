"""What the conformance suite runs on beside the vendors: the simulator's three configurations, and the memory system."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import connectors.simulator
from connectors.conformance import NotApplicable
from connectors.memory import Fault, MemoryConnector, MemorySystem
from connectors.port import Connector
from connectors.rest.config import load_file
from connectors.simulator.server import Simulator, simulator
from connectors.wire import dump_json
from tests.connectors.simulated import SimulatedSubject

CONFIGS = Path(connectors.simulator.__file__).parent / "configs"


def config_of(running: Simulator, **environment: str) -> dict[str, Any]:
    name = running.dialect.name
    return load_file(CONFIGS / f"{name}.yaml", {f"{name.upper()}_URL": running.url, **environment})


@dataclass(frozen=True)
class Shape:
    """How one object of a simulated system is made, changed and refused."""

    config: str
    object: str
    entity: str
    name: str
    body: Mapping[str, Any]
    natural: tuple[str, ...]
    refused: Mapping[str, Any]
    refused_field: str


CRM = Shape("crm", "account", "client", "Name", {"Type": "Customer", "BillingCountry": "Germany"}, ("Name",), {"Type": "Customer"}, "Name")
PSA = Shape("psa", "client", "client", "name", {"country": "DE"}, ("name", "country"), {"name": "Wrong", "country": "Germany"}, "country")
ERP = Shape(
    "erp", "customer", "client", "name", {"address": {"country": "DEU"}}, ("name",), {"name": "x" * 41, "address": {"country": "DEU"}}, "name"
)  # fmt: skip


class RestSubject(SimulatedSubject):
    """One object of the simulator under one of its configurations."""

    def __init__(self, running: Simulator, shape: Shape) -> None:
        super().__init__(running, shape.object, shape.entity, shape.name, shape.body, shape.natural, (shape.refused, shape.refused_field))
        self.dialect, self.config = running.dialect, shape.config
        self.kind = next(kind for kind in self.dialect.kinds if kind.object == self.object)

    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        wrong = {"CRM_SECRET": "wrong", "PSA_KEY": "wrong", "ERP_PASSWORD": "wrong"} if is_wrong else {}
        return config_of(self.running, **wrong)

    def version(self, id: str) -> str:
        return self.dialect.version(self.running.store.rows[self.object][id])

    async def expire_tokens(self) -> None:
        if self.config != "crm":
            raise NotApplicable("its credentials do not expire")
        self.dialect.tokens.clear()

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        if self.dialect.signature.scheme == "none":
            raise NotApplicable("it sends no webhooks")
        body = dump_json(self.dialect.event(self.kind, self.running.store.rows[self.object][id], 1))
        return self.dialect.signature.sign(body, f"message-{id}", int(time.time())), body


async def simulated(shape: Shape) -> RestSubject:
    return RestSubject(await simulator(shape.config).start(), shape)


FAULTS = {"lose_answer": "lose_answer", "429": "rate_limit", "500": "unavailable", "503": "unavailable", "reject": "reject"}


@dataclass
class MemorySubject:
    """A conformance subject over the in-process system."""

    system: MemorySystem = field(default_factory=lambda: MemorySystem(checks={"client": _needs_a_name}))
    resource: str = "client"
    object: str = "client"
    entity: str = "client"
    page_size: int = 100
    tells_how_long: bool = True

    def connector(self) -> Connector:
        return MemoryConnector(self.system)

    def connector_with_wrong_credentials(self) -> Connector:
        self.system.fail("credentials")
        return self.connector()

    async def close(self) -> None:
        return None

    async def enter(self, count: int) -> list[str]:
        made = [self.system.next_id("client") for _ in range(0)]
        for number in range(count):
            made.append(self.system.put("client", self.system.next_id("client"), {"name": f"Firm {number}"}).id)
        return made

    async def change(self, id: str) -> None:
        self.system.change("client", id, name=f"Changed {time.time_ns()}")

    async def delete(self, id: str) -> None:
        self.system.delete("client", id)

    async def ids(self) -> set[str]:
        return set(self.system.bodies("client"))

    async def fault(self, kind: str, operation: str, **options: Any) -> None:
        if kind not in FAULTS:
            raise NotApplicable("there is no wire that could be cut")
        at = "poll" if operation == "list" else "write"
        self.system.faults.append(Fault(FAULTS[kind], "client", at, **options))  # type: ignore[arg-type]

    async def set_clock(self, ahead_s: float) -> None:
        raise NotApplicable("it has our clock")

    async def expire_tokens(self) -> None:
        raise NotApplicable("there are no tokens")

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        sent: list[tuple[Mapping[str, str], bytes]] = []
        self.system.on_webhook = lambda headers, body: sent.append((headers, body))
        await self.change(id)
        self.system.on_webhook = None
        return sent[-1]

    def body(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"name": f"New firm {number}"}, {"name": f"New firm {number}"}

    def refused(self) -> tuple[dict[str, Any], str]:
        return {"name": ""}, "name"

    async def version_of(self, id: str) -> str:
        return f"{self.system.records['client'][id].version:012d}"


def _needs_a_name(body: Mapping[str, Any]) -> tuple[str, str] | None:
    return None if body.get("name") else ("name", "is missing")
