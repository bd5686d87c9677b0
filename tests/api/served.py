"""The application under uvicorn on a loopback port, with a tenant and a small firm: for clients of their own process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import uvicorn

from hub.serving import uvicorn_options

if TYPE_CHECKING:
    from tests.api.conftest import Api, Tenant


@dataclass(frozen=True)
class Server:
    """``url`` is ``http://127.0.0.1:port``; ``tenant.keys`` has a key per role; ``firm`` the golden ids by name.

    The application is the one of the fixture ``api``, so builders and counters work on it too.
    """

    url: str
    api: Api
    tenant: Tenant
    firm: dict[str, UUID]

    @property
    def graphql(self) -> str:
        return f"{self.url}/graphql"

    def env(self, role: str = "reader") -> dict[str, str]:
        """What a script reads: HUB_URL and HUB_KEY."""
        return {"HUB_URL": self.url, "HUB_KEY": self.tenant.keys[role]}


class _Quiet(uvicorn.Server):
    """Leaves signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture(scope="session")
async def server(shared: Api) -> AsyncIterator[Server]:
    """One server for all who ask; its options are those of ``hub serve``."""
    tenant = await shared.tenant("served")
    firm = await small_firm(shared, tenant)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(shared.app, lifespan="off", **{**uvicorn_options(shared.database.settings), "timeout_graceful_shutdown": 1})
    running = _Quiet(config)
    task = asyncio.create_task(running.serve([listening]))
    while not running.started:
        await asyncio.sleep(0.01)
    yield Server(f"http://127.0.0.1:{listening.getsockname()[1]}", shared, tenant, firm)
    running.should_exit = True
    await task


async def small_firm(api: Api, tenant: Tenant) -> dict[str, UUID]:
    """Five clients with a CRM record each, two contacts, a contract and a project of the first, by name."""
    made: dict[str, UUID] = {}
    for number, (name, country) in enumerate(
        (("ACME", "DE"), ("Beta", "FR"), ("Gamma", "GR"), ("Delta", "US"), ("Epsilon", "GB")), 4711
    ):
        made[name] = await api.golden(tenant, "client", name=name, country=country)
        await api.source(tenant, "crm", str(number), "client", made[name], name=name, country=country)
    acme: dict[str, Any] = {"client": str(made["ACME"])}
    for name, email in (("Doe", "doe@acme.test"), ("Roe", "roe@acme.test")):
        made[name] = await api.golden(tenant, "contact", family_name=name, email=email, **acme)
    made["C-1"] = await api.golden(
        tenant, "contract", contract_no="C-1", start_date="2026-01-31", total_value={"amount": "100.00", "currency": "EUR"}, **acme
    )
    made["Rollout"] = await api.golden(tenant, "project", name="Rollout", **acme)
    return made
