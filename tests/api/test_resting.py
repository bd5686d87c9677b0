"""Deliveries that rest after a restore, seen and let go on over GraphQL."""

from __future__ import annotations

from datetime import UTC, datetime

from hub.core.configuration import System
from hub.store import configuration, restores
from schema.systems import ERP
from tests.api.conftest import Api

RESTING = "{ restingDeliveries { restoredTo epoch unread } }"
RESUME = "mutation($e: Boolean) { resumeDeliveries(evenUnread: $e) { done errors { code message } } }"


async def test_deliveries_go_on_once_everything_polled_was_read_or_an_admin_says_so(api: Api) -> None:
    firm, other = await api.tenant("restored"), await api.tenant("other")
    assert (await api.ask(firm.keys["steward"], RESTING)).data == {"restingDeliveries": None}
    assert (await api.ask(firm.keys["admin"], RESUME)).data["resumeDeliveries"] == {"done": False, "errors": []}
    async with api.pool.acquire() as connection, connection.transaction():
        for tenant in (firm, other):
            await configuration.put_system(connection, tenant.id, System("books", ERP))
            await connection.execute("INSERT INTO hub.checkpoint (tenant_id, system, resource) VALUES ($1, 'books', 'invoice')", tenant.id)
            await restores.mark(connection, tenant.id, datetime(2026, 11, 20, 10, tzinfo=UTC), 3, "mark")
    shown = {"restoredTo": "2026-11-20T10:00:00.000000Z", "epoch": "3", "unread": ["books invoice"]}
    assert (await api.ask(firm.keys["steward"], RESTING)).data == {"restingDeliveries": shown}
    early = (await api.ask(firm.keys["admin"], RESUME)).data["resumeDeliveries"]
    assert (early["done"], [one["code"] for one in early["errors"]]) == (None, ["NOT_READ_YET"])
    forbidden = (await api.ask(firm.keys["steward"], RESUME, e=True)).data["resumeDeliveries"]
    assert [one["code"] for one in forbidden["errors"]] == ["FORBIDDEN"]
    assert (await api.ask(firm.keys["admin"], RESUME, e=True)).data["resumeDeliveries"] == {"done": True, "errors": []}
    assert (await api.ask(firm.keys["steward"], RESTING)).data == {"restingDeliveries": None}
    assert (await api.ask(other.keys["steward"], RESTING)).data == {"restingDeliveries": shown}
