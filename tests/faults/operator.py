"""Whoever operates the hub during a run: lets go of brakes, sends dead letters again, by the public API as people do."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from tests.faults.evidence import Book
from tests.faults.stage import HubError, Stage, Tenant

TASKS = 'query { stewardTasks(state: "open", causes: ["brake", "delivery_rejected", "delivery_failed", "delivery_unknown"], first: 50) { nodes { id cause system subject } } }'
RELEASE = "mutation ($system: String!) { releaseBrake(system: $system) { done errors { code message } } }"
REPLAY = "mutation ($task: Long!) { replay(taskId: $task) { count errors { code message } } }"


@dataclass
class Operator:
    """Looks at the open tasks of all tenants every other second."""

    here: Stage
    book: Book
    released: int = 0
    replayed: int = 0
    _hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def finish(self) -> None:
        """Look now."""
        self._hurry.set()

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for tenant in self.here.tenants.values():
                with suppress(HubError):
                    await self.tend(tenant)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), 2)
            self._hurry.clear()

    async def tend(self, tenant: Tenant) -> None:
        api = self.here.api(tenant)
        for task in (await api.ask(TASKS))["stewardTasks"]["nodes"]:
            if task["cause"] == "brake":
                with suppress(HubError):
                    await api.do(RELEASE, system=task["system"] or task["subject"].split()[0])
                    self.released += 1
            else:
                with suppress(HubError):
                    await api.do(REPLAY, task=int(task["id"]))
                    self.replayed += 1
