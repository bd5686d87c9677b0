"""The three simulated systems of the story: processes beside the hub, and what their own users do through ``/_control``."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from hub.demo.narrator import StoryError
from hub.supervise import Child

NAMES = ("crm", "psa", "erp")
CONFIGS = Path(__file__).resolve().parents[2] / "connectors" / "simulator" / "configs"
CORRECTED = ("psa",)
"""Systems in which the hub puts back what they change though somebody else decides it; the others keep it, as a task."""

POLL_EVERY_S = {"crm": 30.0, "psa": 30.0, "erp": 1.0}
"""CRM and PSA send webhooks, and polling is their safety net; the ERP sends nothing by itself."""

KEYS = {"crm": "Hub_Id__c", "erp": "hub_ref"}
NATURAL_KEYS = {
    "client": ("name", "country"), "person": ("email", "last_name"), "project": ("code", "client_id"),
    "time_entry": ("person_id", "project_id", "date_performed", "time_in_minutes"),
    "milestone": ("project_id", "code"),
}  # fmt: skip
"""What tells two records of the PSA apart, which has no field for our key."""


def child(name: str, port: int, webhook: str) -> Child:
    """A system as a process that ends with the hub. It starts with its seed, and forgets everything at its end."""
    command = [sys.executable, "-m", "connectors.simulator", "--config", name, "--port", str(port), "--webhook", webhook]
    launch = "from hub.supervise import follow_parent; follow_parent(); from connectors.simulator.__main__ import main; main()"
    return Child(name, (command[0], "-c", launch, *command[3:]), dict(os.environ))


@dataclass(frozen=True)
class System:
    """One simulated system as its own users see it."""

    name: str
    url: str
    session: aiohttp.ClientSession

    async def state(self) -> Mapping[str, Any]:
        """All records by object and id, how often each of our keys was created, requests and webhooks."""
        try:
            async with self.session.get(f"{self.url}/_control/state") as answer:
                found: Mapping[str, Any] = json.loads(await answer.read())
        except aiohttp.ClientError as error:
            raise StoryError(f"the {self.name.upper()} does not answer") from error
        return found

    async def records(self, object: str) -> dict[str, dict[str, Any]]:
        """The records of one kind by id, without deleted ones."""
        rows = (await self.state())["objects"][object]
        return {id: row for id, row in rows.items() if not _is_deleted(row)}

    async def record(self, object: str, id: str) -> dict[str, Any]:
        return (await self.records(object))[id]

    async def find(self, object: str, **fields: Any) -> dict[str, Any] | None:
        """The first record with these values, if any."""
        rows = await self.records(object)
        return next((row for row in rows.values() if all(row.get(name) == value for name, value in fields.items())), None)

    async def enter(self, object: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Enter a new record as a user of the system does; its webhook is sent by itself."""
        return await self._control("change", {"object": object, "values": values})

    async def edit(self, object: str, id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return await self._control("change", {"object": object, "id": id, "values": values})

    async def fail(self, kind: str, **options: Any) -> None:
        """Let the next matching request of the hub go wrong."""
        await self._control("fault", {"kind": kind, **options})

    async def duplicates(self) -> list[str]:
        """What is there twice: records with one key of ours, keys that made several records, or natural keys held twice."""
        state = await self.state()
        created = [f"{self.name} {key}" for key in created_twice(state)]
        held = Counter(_identity(self.name, object, row) for object, row in _all(state["objects"]))
        return created + [f"{self.name} {identity}" for identity, times in held.items() if identity is not None and times > 1]

    async def _control(self, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
        try:
            async with self.session.post(f"{self.url}/_control/{action}", json=given) as answer:
                found: dict[str, Any] = json.loads(await answer.read())
        except aiohttp.ClientError as error:
            raise StoryError(f"the {self.name.upper()} does not answer") from error
        if "error" in found:
            raise StoryError(f"the {self.name.upper()} refuses {action}: {found['error']}")
        return found


def created_twice(state: Mapping[str, Any]) -> list[str]:
    """Keys of ours under which a system made several records."""
    return [key for key, times in state["creates"].items() if times > 1 and not key.endswith("without a key")]


def _all(objects: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((object, row) for object, rows in objects.items() for row in rows.values() if not _is_deleted(row))


def _is_deleted(row: Mapping[str, Any]) -> bool:
    return bool(row.get("IsDeleted") or row.get("deleted_at") or (row.get("meta") or {}).get("deleted"))


def _identity(system: str, object: str, row: Mapping[str, Any]) -> tuple[object, ...] | None:
    """What makes a record of a target one of its kind; None for records the hub never made."""
    if system in KEYS:
        key = row.get(KEYS[system])
        return (object, key) if key else None
    parts: Sequence[str] = NATURAL_KEYS[object]
    return (object, *(str(row.get(part)).casefold() for part in parts))
