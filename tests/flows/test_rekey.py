"""The secret key is changed without anybody noticing, and what is stored for one row opens for no other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.errors import RequestError, SecretError
from hub.flows.audit import key_in_use
from hub.flows.connect import connect
from hub.flows.deliver import open_secret
from hub.flows.feed import Cursor, decode_cursor, encode_cursor
from hub.flows.rekey import Rekeyed, rekey
from hub.flows.subscriptions import create_subscription
from hub.settings import Settings
from hub.store import secrets
from hub.store.pool import Pool
from hub.store.secrets import HOLDERS
from tests.conftest import Database
from tests.flows.delivering import a_tenant, worker_pool

OLD, NEW = "the key of last year", "the key of this year"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    secrets.read_also(())


@dataclass
class Kept:
    pool: Pool
    settings: Settings
    tenants: list[int]
    webhooks: dict[int, tuple[UUID, str]]

    async def rows(self) -> dict[tuple[str, int, str], bytes]:
        """(table, tenant, row) → what is stored."""
        found = {}
        async with self.pool.acquire() as connection, connection.transaction():
            for holder in HOLDERS:
                for row in await secrets.others(connection, holder, b"", (0, ""), 1000):
                    found[holder.table, row["tenant_id"], row["row_id"]] = bytes(row["sealed"])
        return found


@pytest.fixture
async def kept(database: Database) -> AsyncIterator[Kept]:
    """Two tenants with the same names of everything, each with a connector's password, a webhook's secret and a seal's key."""
    async with worker_pool(database) as pool:
        settings = replace(database.settings, secret_key=OLD)
        tenants, webhooks = [], {}
        document: dict[str, Any] = {"system": "erp", "kind": "erp", "token": "${ERP_TOKEN}"}
        for slug in ("north", "south"):
            tenant = await a_tenant(pool, slug)
            async with pool.acquire() as connection, connection.transaction():
                await connect(connection, tenant, document, {"ERP_TOKEN": f"token of {slug}"}, OLD)
                await key_in_use(connection, tenant, OLD)
            made = await create_subscription(
                pool, settings, tenant, subscription_id=uuid4(), name="bi", kind="webhook", url="http://127.0.0.1:9/x"
            )
            tenants.append(tenant)
            webhooks[tenant] = (made.id, made.secret or "")
        yield Kept(pool, settings, tenants, webhooks)


async def test_every_column_of_secrets_is_sealed_anew_by_rekey(kept: Kept) -> None:
    columns = await kept.pool.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema IN ('hub', 'golden') AND data_type = 'bytea' "
        "AND column_name ~ 'secret|sealed|password|private|token'"
    )
    assert {tuple(row) for row in columns} == {(one.table, one.column) for one in HOLDERS}


async def test_rotating_the_key_leaves_every_secret_readable_at_every_step(kept: Kept) -> None:
    before = await kept.rows()
    assert len(before) == 6
    secrets.read_also([OLD])  # the new key writes, the former one is still read
    tenant, (webhook, secret) = kept.tenants[0], kept.webhooks[kept.tenants[0]]
    assert open_secret(NEW, before["subscription", tenant, str(webhook)], tenant, webhook) == secret
    assert await rekey(kept.pool, NEW, batch=1) == Rekeyed(6, ())
    assert await rekey(kept.pool, NEW) == Rekeyed(0, ())
    secrets.read_also([])  # the former key is taken away
    after = await kept.rows()
    assert before.keys() == after.keys() and not any(one.startswith(secrets.begins_with(OLD)) for one in after.values())
    assert open_secret(NEW, after["subscription", tenant, str(webhook)], tenant, webhook) == secret
    async with kept.pool.acquire() as connection, connection.transaction():
        await key_in_use(connection, tenant, NEW)
    with pytest.raises(SecretError, match="another HUB_SECRET_KEY"):
        open_secret(OLD, after["subscription", tenant, str(webhook)], tenant, webhook)


async def test_a_row_no_key_opens_is_named_and_left(kept: Kept) -> None:
    done = await rekey(kept.pool, NEW)
    assert (done.done, len(done.closed), f"system {kept.tenants[0]}/erp" in done.closed) == (0, 6, True)


async def test_a_secret_moved_to_another_row_or_tenant_does_not_open(kept: Kept) -> None:
    north, south = kept.tenants
    for (table, tenant, row_id), sealed in (await kept.rows()).items():
        holder = next(one for one in HOLDERS if one.table == table)
        secrets.decrypt(OLD, sealed, holder.about(tenant, row_id))
        for other in (holder.about(south if tenant == north else north, row_id), holder.about(tenant, "another")):
            with pytest.raises(SecretError, match="belongs to something else"):
                secrets.decrypt(OLD, sealed, other, holder.formerly("another"))


async def test_a_secret_of_a_former_build_is_read_and_bound_to_its_tenant_by_rekey_all(kept: Kept) -> None:
    tenant, (webhook, secret) = kept.tenants[0], kept.webhooks[kept.tenants[0]]
    formerly = secrets.encrypt(OLD, secret, f"subscription/{webhook}")
    await kept.pool.execute("UPDATE hub.subscription SET secret = $2 WHERE id = $1", webhook, formerly)
    assert open_secret(OLD, formerly, tenant, webhook) == secret
    assert (await rekey(kept.pool, OLD, every=True)).done == 6
    sealed = (await kept.rows())["subscription", tenant, str(webhook)]
    assert secrets.decrypt(OLD, sealed, f"{tenant}/subscription/{webhook}") == secret


def test_a_reader_of_the_feed_keeps_its_place_while_the_key_changes() -> None:
    place = Cursor(tenant_id=7, epoch=1, position=42)
    text = encode_cursor(place, OLD)
    with pytest.raises(RequestError):
        decode_cursor(text, 7, NEW)
    secrets.read_also([OLD])
    assert decode_cursor(text, 7, NEW) == place
