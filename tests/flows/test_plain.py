"""Which versions of a record say that their texts need no escaping in JSON."""

from __future__ import annotations

from typing import Any

from tests.flows.conftest import Hub

PLAIN = "SELECT name, plain_version = version AS plain FROM golden.client{} WHERE tenant_id = $1 ORDER BY version"


async def plain(hub: Hub, table: str = "") -> list[tuple[str, Any]]:
    return [(row["name"], row["plain"]) for row in await hub.pool.fetch(PLAIN.format(table), hub.tenant)]


async def test_a_version_is_plain_while_no_text_of_it_needs_escaping(hub: Hub) -> None:
    for name in ("Müller & Söhne", 'Hotel "Post"', "Back\\slash", "Two\u0085lines", "日本"):
        await hub.told("crm", "client", "C1", {"name": name, "street": "Way 1"})
    assert await plain(hub) == [("日本", True)]
    assert [one for _, one in await plain(hub, "_version")] == [True, None, None, True, True]


async def test_a_row_changed_by_code_that_knows_nothing_of_it_is_no_longer_plain(hub: Hub) -> None:
    """Older code runs beside this one during a deployment: it writes every column but this."""
    await hub.told("crm", "client", "C1", {"name": "North"})
    await hub.pool.execute("UPDATE golden.client SET version = version + 1, name = 'A \"b\"' WHERE tenant_id = $1", hub.tenant)
    assert await plain(hub) == [('A "b"', False)]
