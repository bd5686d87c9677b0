"""Where adding a system stands: who is at it, with what, and the transaction of one step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from connectors.port import Connector
from hub.core.onboarding import STEPS, Onboarding
from hub.errors import RequestError
from hub.flows.actions import By
from hub.flows.load import Read
from hub.store import onboarding
from hub.store.onboarding import Held
from hub.store.pool import Pool
from hub.store.statements import Connection


@dataclass(frozen=True)
class Tools:
    """What only the composition root knows: how files are read and systems reached."""

    read: Read
    connector_of: Callable[[int, str], Awaitable[Connector | None]]
    resources_of: Callable[[Mapping[str, Any], Mapping[str, str]], tuple[str, ...]]
    vendors: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Connectors that come with objects, mappings and codes: name → (what it is called, what a firm writes)."""
    extended: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict
    """A document with what it extends below it."""


@dataclass(frozen=True)
class Place:
    """Where somebody is: whose hub, which system, who they are."""

    pool: Pool
    tenant_id: int
    system: str
    by: By


@dataclass
class Stand:
    """One step under way: the state, which is kept as it was changed, and how far it leads."""

    tx: Connection
    one: Onboarding
    reaches: str


@asynccontextmanager
async def step(at: Place, reaches: str) -> AsyncIterator[Stand]:
    """One step's transaction, the state locked; the wizard then stands where it ``reaches``, or where it stood further on."""
    async with at.pool.acquire() as connection, connection.transaction():
        held = await onboarding.lock(connection, at.tenant_id, at.system)
        if held is None:
            raise _unknown(at.system)
        now = Stand(connection, held.state, reaches)
        yield now
        await onboarding.keep(connection, at.tenant_id, now.one, max(held.step, now.reaches, key=STEPS.index), at.by.actor)


async def look(at: Place) -> Held:
    """How far a system is; raises when nobody is adding it."""
    async with at.pool.acquire() as connection:
        held = await onboarding.look(connection, at.tenant_id, at.system)
    if held is None:
        raise _unknown(at.system)
    return held


def _unknown(system: str) -> RequestError:
    return RequestError("NOT_FOUND", f"nobody is adding a system {system[:60]!r}", field="system", remedy="Begin with Add a system.")
