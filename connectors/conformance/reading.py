"""Reading: every record, also over a kill, and what changed or went; repeats are allowed, gaps are not."""

from __future__ import annotations

from connectors.conformance.subject import Subject, present, read_all
from connectors.port import Incoming, parse_json


async def a_poll_reads_every_record_over_all_pages(subject: Subject) -> None:
    await subject.enter(3 * subject.page_size + 7)
    messages, _, last = await read_all(subject.connector(), subject.resource)
    assert present(messages) == await subject.ids()
    assert last.is_complete_listing or not subject.connector().capabilities.can_filter_changes
    for one in messages:
        assert one.object == subject.object and isinstance(parse_json(one.body), dict)


async def a_poll_resumes_after_a_kill_at_any_page(subject: Subject) -> None:
    await subject.enter(3 * subject.page_size + 7)
    expected, saved, pages = await subject.ids(), [""], 0
    while True:
        page = await subject.connector().poll(subject.resource, saved[-1])
        pages += 1
        if not page.has_more:
            break
        saved.append(page.checkpoint)
    assert pages >= 4
    for place, checkpoint in enumerate(saved):
        before: list[Incoming] = []
        at = ""
        for _ in range(place):
            page = await subject.connector().poll(subject.resource, at)
            before.extend(page.messages)
            at = page.checkpoint
        # killed here: the page that follows was read but its checkpoint not saved
        await subject.connector().poll(subject.resource, checkpoint)
        rest, _, _ = await read_all(subject.connector(), subject.resource, checkpoint)
        assert present(before + rest) >= expected, f"lost after a kill at page {place}"


async def changes_made_while_it_reads_are_not_lost(subject: Subject) -> None:
    ids = await subject.enter(3 * subject.page_size)
    connector, checkpoint, found = subject.connector(), "", list[Incoming]()
    moved = iter((ids[0], ids[-1], ids[subject.page_size], ids[subject.page_size - 1], ids[1], ids[-2]))
    while True:
        page = await connector.poll(subject.resource, checkpoint)
        found.extend(page.messages)
        checkpoint = page.checkpoint
        id = next(moved, None)
        if id is not None:
            await subject.change(id)
        if not page.has_more:
            break
    later, _, _ = await read_all(connector, subject.resource, checkpoint)
    assert present(found + later) == await subject.ids()
    newest = {one.external_id: one.version for one in found + later}
    for id in (ids[0], ids[-1], ids[subject.page_size]):
        assert newest[id] == await subject.version_of(id)


async def a_later_poll_tells_what_changed(subject: Subject) -> None:
    ids = await subject.enter(10)
    _, checkpoint, _ = await read_all(subject.connector(), subject.resource)
    await subject.change(ids[3])
    added = await subject.enter(1)
    messages, checkpoint, _ = await read_all(subject.connector(), subject.resource, checkpoint)
    assert {ids[3], added[0]} <= {one.external_id for one in messages}
    newest = {one.external_id: one.version for one in messages}
    assert newest[ids[3]] == await subject.version_of(ids[3])


async def what_changes_is_told_though_the_system_s_clock_is_wrong(subject: Subject) -> None:
    """By an hour, either way: changes are asked for by the system's own clock, never by ours."""
    for ahead_s in (-3600.0, 3600.0):
        await subject.set_clock(ahead_s)
        ids = await subject.enter(3)
        _, checkpoint, _ = await read_all(subject.connector(), subject.resource)
        await subject.change(ids[1])
        messages, _, _ = await read_all(subject.connector(), subject.resource, checkpoint)
        newest = {one.external_id: one.version for one in messages}
        assert newest.get(ids[1]) == await subject.version_of(ids[1]), f"lost at {ahead_s:+.0f} s"


async def a_deleted_record_is_told(subject: Subject) -> None:
    ids = await subject.enter(5)
    _, checkpoint, _ = await read_all(subject.connector(), subject.resource)
    await subject.delete(ids[2])
    later, _, last = await read_all(subject.connector(), subject.resource, checkpoint)
    told = {one.external_id for one in later if one.is_delete}
    assert ids[2] in told or (last.is_complete_listing and ids[2] not in present(later))


async def the_same_message_has_the_same_key(subject: Subject) -> None:
    ids = await subject.enter(5)
    first = await subject.connector().poll(subject.resource, "")
    again = await subject.connector().poll(subject.resource, "")
    assert [one.key for one in first.messages] == [one.key for one in again.messages]
    assert len({one.key for one in first.messages}) == len(first.messages)
    await subject.change(ids[0])
    changed = (await read_all(subject.connector(), subject.resource))[0]
    keys = {one.external_id: one.key for one in changed}
    before = {one.external_id: one.key for one in first.messages}
    assert keys[ids[0]] not in before.values()


async def a_record_is_fetched_as_it_is_now(subject: Subject) -> None:
    (id,) = await subject.enter(1)
    await subject.change(id)
    found = await subject.connector().fetch(subject.object, id)
    assert found is not None and found.external_id == id and found.version == await subject.version_of(id)
    assert await subject.connector().fetch(subject.object, "no-such-record") is None


async def ten_thousand_records_are_read(subject: Subject) -> None:
    await subject.enter(10_000)
    messages, _, _ = await read_all(subject.connector(), subject.resource)
    assert present(messages) == await subject.ids()
