"""The systems the conformance suite runs on: the simulator's three configurations, and the memory system."""

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
from connectors.rest.connector import RestConnector, rest_connector
from connectors.simulator.base import Fault as SimulatorFault
from connectors.simulator.server import Simulator, simulator
from connectors.wire import dump_json

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


@dataclass
class SimulatedSubject:
    """A conformance subject over a running simulator."""

    running: Simulator
    shape: Shape
    page_size: int = 100
    tells_how_long: bool = True
    _made: list[RestConnector] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.resource = self.object = self.shape.object
        self.entity = self.shape.entity
        self.kind = next(kind for kind in self.running.dialect.kinds if kind.object == self.object)

    def connector(self) -> Connector:
        made = rest_connector(config_of(self.running), file=f"{self.shape.config}.yaml")
        self._made.append(made)
        return made

    def connector_with_wrong_credentials(self) -> Connector:
        wrong = {"CRM_SECRET": "wrong", "PSA_KEY": "wrong", "ERP_PASSWORD": "wrong"}
        made = rest_connector(config_of(self.running, **wrong))
        self._made.append(made)
        return made

    async def close(self) -> None:
        for one in self._made:
            await one.aclose()
        await self.running.stop()

    async def enter(self, count: int) -> list[str]:
        before = set(self.running.store.rows.get(self.object, {}))
        self.running.control_load(
            {"object": self.object, "count": count, "values": {**self.shape.body, self.shape.name: f"Firm {len(before)}-{{n}}"}}
        )
        return [id for id in self.running.store.rows[self.object] if id not in before]

    async def change(self, id: str) -> None:
        self.running.control_change({"object": self.object, "id": id, "values": {self.shape.name: f"Changed {time.time_ns()}"}})

    async def delete(self, id: str) -> None:
        self.running.control_delete({"object": self.object, "id": id})

    async def ids(self) -> set[str]:
        return {row.id for row in self.running.store.table(self.object)}

    async def fault(self, kind: str, operation: str, **options: Any) -> None:
        self.running.faults.append(SimulatorFault(kind, self.object, operation, **options))

    async def expire_tokens(self) -> None:
        if self.shape.config != "crm":
            raise NotApplicable("its credentials do not expire")
        self.running.dialect.tokens.clear()

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        if self.running.dialect.signature.scheme == "none":
            raise NotApplicable("it sends no webhooks")
        row = self.running.store.rows[self.object][id]
        body = dump_json(self.running.dialect.event(self.kind, row, 1))
        return self.running.dialect.signature.sign(body, f"message-{id}", int(time.time())), body

    def body(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        body = {**self.shape.body, self.shape.name: f"New firm {number}"}
        return body, {name: body[name] for name in self.shape.natural}

    def refused(self) -> tuple[dict[str, Any], str]:
        return dict(self.shape.refused), self.shape.refused_field

    async def version_of(self, id: str) -> str:
        return self.running.dialect.version(self.running.store.rows[self.object][id])


async def simulated(shape: Shape) -> SimulatedSubject:
    return SimulatedSubject(await simulator(shape.config).start(), shape)


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
