"""Trying a connected system: signing in, reading, mapping and looking up, told in words. Nothing is written, here or there."""

from __future__ import annotations

import asyncio

from connectors.checking import Finding, findings
from connectors.port import Connector
from hub.core.configuration import Configuration

PATIENCE_S = 20.0
"""How long somebody waits for all of it."""


async def check(config: Configuration, connector: Connector, system: str) -> list[Finding]:
    """What was found, in the order it was tried; the last one says so when time ran out."""
    mappings = [one for (name, _), some in config.mappings.items() if name == system for one in some]
    found: list[Finding] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for one in findings(connector, mappings, config.codes):
                found.append(one)
    except TimeoutError:
        found.append(Finding("the rest", "look", f"Not tried: {PATIENCE_S:.0f} s were over.", "Try it with: hub connector check."))
    return found
