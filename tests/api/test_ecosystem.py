"""The clients our users have work unchanged: against the published schema, and against the server under uvicorn."""

from __future__ import annotations

import aiohttp

from tests.api.served import Server


async def test_the_server_answers_over_a_real_socket(server: Server) -> None:
    headers = {"authorization": f"Bearer {server.tenant.keys['reader']}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(server.graphql, json={"query": "{clients(orderBy: [{field: NAME}]) {edges {node {name}}}}"}) as answer:
            names = [edge["node"]["name"] for edge in (await answer.json())["data"]["clients"]["edges"]]
    assert names == ["ACME", "Beta", "Delta", "Epsilon", "Gamma"]
