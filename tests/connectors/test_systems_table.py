"""The table of systems says what the connectors and their mappings say."""

from __future__ import annotations

import asyncio
from pathlib import Path

from connectors.conformance import CHECKS, name_of
from connectors.shipped import SHIPPED, vendors
from hub import connector_table

PAGE = Path(__file__).parents[2] / "connectors" / "SYSTEMS.md"


async def test_the_page_is_what_the_command_prints() -> None:
    told = await asyncio.to_thread(connector_table.table)
    assert PAGE.read_text() == told, "run: hub connector table > connectors/SYSTEMS.md"
    assert all(f"| {vendors()[name].title} | client |" in told for name in SHIPPED)


def test_the_checks_it_names_are_checks() -> None:
    assert set(connector_table.TESTS.values()) <= {name_of(check) for check in CHECKS}
