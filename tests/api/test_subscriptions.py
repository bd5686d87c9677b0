"""Subscriptions over graphql-transport-ws: who may connect, what they are told, and that nothing is missed or told twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import websockets

from hub.api.subscribe import access, sockets
from tests.api.conftest import Api, Tenant
from tests.api.served import Server
from tests.api.subscribing import CHANGES, Socket, named, settled, socket, version


async def test_a_change_is_told_with_its_cursor(server: Server, acme: Tenant) -> None:
    async with socket(server, acme.keys["reader"]) as one:
        await one.subscribe("1", CHANGES)
        await asyncio.sleep(0.1)
        await version(server.api, acme, name="ACME")
        (event,) = await one.events(1)
        assert event == {
            "kind": "CHANGE", "cursor": event["cursor"], "gap": None,
            "change": {"entity": "client", "version": 1, "after": {"name": "ACME"}},
        }  # fmt: skip
