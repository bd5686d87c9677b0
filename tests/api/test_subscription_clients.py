"""The clients our users have: graphql-ws and graphql-sse follow the feed, lose their connection, and miss nothing."""

from __future__ import annotations

import asyncio
import json

import pytest

from hub.api.subscribe import metrics
from tests.api.conftest import Tenant
from tests.api.served import Server
from tests.api.subscribing import settled, version
from tests.node_tools import Node


@pytest.mark.parametrize("script", ["subscribe-ws.mjs", "subscribe-sse.mjs"])
async def test_a_client_that_is_cut_off_again_and_again_hears_every_change_once(
    server: Server, acme: Tenant, node: Node, script: str
) -> None:
    await settled(server.api)
    names = [*map(str, range(40)), "last"]

    async def write() -> None:
        while metrics.SUBSCRIBERS._value.get() == 0:
            await asyncio.sleep(0.05)
        for name in names:
            await version(server.api, acme, name=name)
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        ran = await node.run(script, env={"HUB_URL": server.url, "HUB_KEY": acme.keys["reader"]}, limit_s=30)
    assert ran.code == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == {"heard": names, "cuts": 4}
