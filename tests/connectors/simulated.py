"""A conformance subject over a simulated system, driven as its users and its bad days would."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.conformance import NotApplicable
from connectors.port import Connector
from connectors.registry import connect
from connectors.simulator.base import Fault, VendorServer


def stored(document: Any) -> Any:
    """A document as the hub keeps it: keys have no order of their own there."""
    if isinstance(document, Mapping):
        return {key: stored(document[key]) for key in sorted(document, key=lambda key: (len(str(key)), str(key)))}
    return [stored(one) for one in document] if isinstance(document, list) else document


@dataclass
class SimulatedSubject(ABC):
    """One object of one simulated system."""

    running: VendorServer
    object: str
    entity: str
    name_field: str
    plain: Mapping[str, Any]
    """What a record needs beside its name."""
    natural: tuple[str, ...]
    bad: tuple[Mapping[str, Any], str]
    """A body the vendor refuses, and the field it says so about."""
    page_size: int = 100
    tells_how_long: bool = True
    _made: list[Connector] = field(default_factory=list)

    @property
    def resource(self) -> str:
        return self.object

    @abstractmethod
    def document(self, *, is_wrong: bool = False) -> dict[str, Any]:
        """What a firm says of the system; with wrong credentials on request."""

    @abstractmethod
    def version(self, id: str) -> str:
        """The record's version as the connector tells it."""

    def connector(self, **more: Any) -> Connector:
        return self._connected({**self.document(), **more})

    def connector_with_wrong_credentials(self) -> Connector:
        return self._connected(self.document(is_wrong=True))

    def _connected(self, document: dict[str, Any]) -> Connector:
        made = connect(document["connector"], stored({key: value for key, value in document.items() if key not in ("mappings", "code_maps")}))
        self._made.append(made)
        return made

    async def close(self) -> None:
        for one in self._made:
            await one.aclose()
        await self.running.stop()

    async def enter(self, count: int) -> list[str]:
        before = set(self.running.store.rows.get(self.object, {}))
        self.running.control_load({"object": self.object, "count": count, "values": {**self.plain, self.name_field: f"Firm {len(before)}-{{n}}"}})
        return [id for id in self.running.store.rows[self.object] if id not in before]

    async def change(self, id: str) -> None:
        self.running.control_change({"object": self.object, "id": id, "values": {self.name_field: f"Changed {time.time_ns()}"}})

    async def delete(self, id: str) -> None:
        self.running.control_delete({"object": self.object, "id": id})

    async def ids(self) -> set[str]:
        return {row.id for row in self.running.store.table(self.object)}

    async def fault(self, kind: str, operation: str, **options: Any) -> None:
        self.running.faults.append(Fault(kind, self.object, operation, **options))

    async def set_clock(self, ahead_s: float) -> None:
        self.running.set_clock(ahead_s)

    async def expire_tokens(self) -> None:
        self.running.expire_tokens()

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        raise NotApplicable("it sends no webhooks")

    def body(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        body = {**self.plain, self.name_field: f"New firm {number}"}
        return body, {name: body[name] for name in self.natural}

    def refused(self) -> tuple[dict[str, Any], str]:
        return dict(self.bad[0]), self.bad[1]

    async def version_of(self, id: str) -> str:
        return self.version(id)
