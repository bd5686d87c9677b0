"""Reading the feed: pages, filters, cursors that fit one tenant and epoch, and notices of what retention dropped."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from hub.errors import RequestError
from hub.flows.feed import Cursor, FeedPage, Gap, decode_cursor, encode_cursor, end_of_feed, read_feed
from hub.flows.sequence import drop_feed_below, sequence
from hub.store import feed
from hub.store.pool import Pool, TenantPool
from tests.conftest import Database
from tests.flows.delivering import a_tenant, append_change


async def read(pool: Pool, tenant_id: int, after: Cursor | None = None, first: int = 100, **wanted: object) -> FeedPage:
    async with pool.acquire() as connection:
        return await read_feed(connection, tenant_id, after, first, through_views=False, **wanted)  # type: ignore[arg-type]


def seen(page: FeedPage) -> list[int]:
    return [change.position for change in page.changes]


async def five_changes(pool: Pool, tenant: int) -> None:
    golden_id = uuid4()
    for version in range(1, 6):
        entity = "client" if version % 2 else "contact"
        await append_change(pool, tenant, golden_id, version, entity=entity, after={"name": "A", f"f{version}": version})
    await sequence(pool, tenant)


async def test_pages_follow_each_other_without_gap_or_repeat(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    await five_changes(pool, tenant)
    one = await read(pool, tenant, first=2)
    two = await read(pool, tenant, one.cursor, first=2)
    three = await read(pool, tenant, two.cursor, first=2)
    four = await read(pool, tenant, three.cursor, first=2)
    assert [seen(page) for page in (one, two, three, four)] == [[1, 2], [3, 4], [5], []]
    assert [page.has_more for page in (one, two, three, four)] == [True, True, False, False]
    assert four.cursor == Cursor(tenant, 1, 5)


async def test_a_reader_may_ask_for_some_entities_records_or_fields(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    await five_changes(pool, tenant)
    assert seen(await read(pool, tenant, entities=["contact"])) == [2, 4]
    assert seen(await read(pool, tenant, fields=["f3", "f4"])) == [3, 4]
    assert seen(await read(pool, tenant, ids=[uuid4()])) == []
    nothing = await read(pool, tenant, entities=["project"])
    assert (nothing.cursor.position, nothing.has_more) == (5, False)


async def test_a_filter_that_fits_nothing_still_moves_on(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "WINDOW", 2)
    tenant = await a_tenant(pool)
    await five_changes(pool, tenant)
    page = await read(pool, tenant, fields=["f5"])
    assert (seen(page), page.cursor.position, page.has_more) == ([], 2, True)
    page = await read(pool, tenant, (await read(pool, tenant, page.cursor, fields=["f5"])).cursor, fields=["f5"])
    assert (seen(page), page.has_more) == ([5], False)


async def test_the_api_role_reads_its_own_tenants_feed_only(pool: Pool, database: Database) -> None:
    tenant, other = await a_tenant(pool), await a_tenant(pool, "other")
    await five_changes(pool, tenant)
    views = TenantPool(database.api_url, 1)
    try:
        async with views.tenant(tenant) as connection:
            through_views = await read_feed(connection, tenant, None, 3, entities=["client"])
        async with views.tenant(other) as connection:
            nothing = await read_feed(connection, other, None)
    finally:
        await views.close()
    assert through_views == await read(pool, tenant, first=3, entities=["client"])
    assert nothing == FeedPage((), Cursor(other, 1, 0), False)


async def test_a_reader_behind_what_retention_dropped_is_told_and_where_to_go_on(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    await five_changes(pool, tenant)
    read_two = (await read(pool, tenant, first=2)).cursor
    assert await drop_feed_below(pool, tenant, 3) == 3
    notice = await read(pool, tenant, read_two)
    assert notice == FeedPage((), Cursor(tenant, 1, 3), True, Gap(3, 3))
    assert (await read(pool, tenant)).gap == Gap(1, 3)
    assert seen(await read(pool, tenant, notice.cursor)) == [4, 5]


async def test_retention_goes_no_further_than_the_feed(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    await five_changes(pool, tenant)
    assert await drop_feed_below(pool, tenant, 900) == 5
    await append_change(pool, tenant, uuid4(), 1)
    await sequence(pool, tenant)
    assert seen(await read(pool, tenant, Cursor(tenant, 1, 5))) == [6]


async def test_the_end_of_the_feed_is_where_new_changes_come(pool: Pool) -> None:
    tenant = await a_tenant(pool)
    await five_changes(pool, tenant)
    async with pool.acquire() as connection:
        end = await end_of_feed(connection, tenant)
    assert end == Cursor(tenant, 1, 5)


async def test_a_cursor_of_another_tenant_or_epoch_is_refused_by_name(pool: Pool) -> None:
    tenant, other = await a_tenant(pool), await a_tenant(pool, "other")
    await five_changes(pool, tenant)
    cursor = (await read(pool, tenant)).cursor
    for wrong, code in (
        (replace(cursor, tenant_id=other), "cursor_other_tenant"),
        (replace(cursor, epoch=7), "feed_restarted"),
        (replace(cursor, position=99), "feed_restarted"),
    ):
        with pytest.raises(RequestError) as refused:
            await read(pool, tenant, wrong)
        assert refused.value.code == code
    with pytest.raises(RequestError) as refused:
        await read(pool, tenant, first=0)
    assert refused.value.code == "bad_first"


def test_only_cursors_we_signed_are_read() -> None:
    text = encode_cursor(Cursor(1, 1, 42), "key")
    assert decode_cursor(text, 1, "key") == Cursor(1, 1, 42)
    for wrong in ("", "%%%", "ü", text[:-2], text + "AAAA", ("B" if text[0] != "B" else "C") + text[1:]):
        with pytest.raises(RequestError) as refused:
            decode_cursor(wrong, 1, "key")
        assert refused.value.code == "bad_cursor"
    with pytest.raises(RequestError) as refused:
        decode_cursor(text, 2, "key")
    assert refused.value.code == "cursor_other_tenant"
    with pytest.raises(RequestError):
        decode_cursor(text, 1, "another key")
