"""The hub as any client sees it: GraphQL over HTTP with an API key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import aiohttp

from hub.demo.narrator import StoryError


@dataclass(frozen=True)
class Hub:
    """One key's view of the hub."""

    url: str
    key: str
    session: aiohttp.ClientSession

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The ``data`` of an answer. Raises :class:`StoryError` with the hub's own sentence."""
        try:
            async with self.session.post(
                self.url, json={"query": document, "variables": variables}, headers={"authorization": f"Bearer {self.key}"}
            ) as answer:
                found = json.loads(await answer.read(), parse_float=Decimal)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StoryError(f"the hub does not answer at {self.url}") from error
        if found.get("errors"):
            raise StoryError("the hub answers: " + "; ".join(str(one.get("message")) for one in found["errors"]))
        data: dict[str, Any] = found["data"]
        return data

    async def do(self, document: str, **variables: Any) -> Mapping[str, Any]:
        """The payload of one mutation, whose errors are data. Raises :class:`StoryError` when it has some."""
        payload: Mapping[str, Any] = next(iter((await self.ask(document, **variables)).values()))
        if payload.get("errors"):
            told = "; ".join(f"{one.get('message')} {one.get('remedy') or ''}".strip() for one in payload["errors"])
            raise StoryError(f"the hub refuses: {told}")
        return payload

    async def client_named(self, name: str) -> dict[str, Any] | None:
        """A golden client by its name: id and version."""
        found = await self.ask(
            "query($name: String!) { clients(filter: {name: {eq: $name}}) { nodes { id version name } } }", name=name
        )
        return next(iter(found["clients"]["nodes"]), None)
