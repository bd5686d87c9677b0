"""Whoever operates the hub during a run: lets go of brakes, sends dead letters again, by the public API as people do."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from tests.faults.evidence import Book
from tests.faults.stage import HubError, Stage, Tenant

BRAKES = 'query { stewardTasks(state: "open", cause: "brake", first: 50) { nodes { id system subject } } }'
LETTERS = "query { deadLetters(first: 100) { nodes { subscriptionId } } }"
RELEASE = "mutation ($system: String!) { releaseBrake(system: $system) { done errors { code message } } }"
REPLAY = "mutation ($id: ID!) { replay(subscriptionId: $id) { count errors { code message } } }"


@dataclass
class Operator:
    """Looks at the brakes and dead letters of all tenants every other second."""

    here: Stage
    book: Book
    released: int = 0
    replayed: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for tenant in self.here.tenants.values():
                with suppress(HubError):
                    await self.tend(tenant)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 2)

    async def tend(self, tenant: Tenant) -> None:
        api = self.here.api(tenant)
        for task in (await api.ask(BRAKES))["stewardTasks"]["nodes"]:
            with suppress(HubError):
                await api.do(RELEASE, system=task["system"] or task["subject"].split()[0])
                self.released += 1
        for subscription in {one["subscriptionId"] for one in (await api.ask(LETTERS))["deadLetters"]["nodes"]}:
            with suppress(HubError):
                self.replayed += int((await api.do(REPLAY, id=subscription))["count"])
