"""Writing: once, whatever happens to the answer, and never over a change we have not seen."""

from __future__ import annotations

import asyncio

from connectors.conformance.subject import NotApplicable, Subject, raises, write
from connectors.errors import RejectedError, RetriableError, UnknownOutcomeError


async def a_created_record_is_there_once(subject: Subject) -> None:
    before = await subject.ids()
    receipt = await subject.connector().write(write(subject, "key-1", 1))
    assert await subject.ids() - before == {receipt.external_id}


async def a_lost_answer_does_not_create_twice(subject: Subject) -> None:
    before, connector, wanted = await subject.ids(), subject.connector(), write(subject, "key-2", 2)
    await subject.fault("lose_answer", "create")
    error = await raises(UnknownOutcomeError, connector.write(wanted))
    await asyncio.sleep(min(error.settles_after_s, 0.05))
    adopted = await connector.look_up(wanted)
    assert adopted is not None and adopted.was_adopted
    assert await subject.ids() - before == {adopted.external_id}


async def a_create_that_did_not_happen_is_not_found(subject: Subject) -> None:
    before, connector, wanted = await subject.ids(), subject.connector(), write(subject, "key-3", 3)
    await subject.fault("503", "create")
    await raises(RetriableError, connector.write(wanted))
    assert await connector.look_up(wanted) is None
    receipt = await connector.write(wanted)
    assert await subject.ids() - before == {receipt.external_id}


async def a_unique_key_makes_a_second_create_impossible(subject: Subject) -> None:
    connector, wanted = subject.connector(), write(subject, "key-4", 4)
    if not connector.capabilities.of(subject.object).has_unique_external_id:
        raise NotApplicable("the object has no unique field for our key")
    first = await connector.write(wanted)
    before = await subject.ids()
    try:
        again = await connector.write(wanted)
    except RejectedError as error:
        assert error.cause == "duplicate"
    else:
        assert again.was_adopted and again.external_id == first.external_id
    assert await subject.ids() == before


async def an_update_is_applied_and_can_be_looked_up(subject: Subject) -> None:
    connector = subject.connector()
    if not connector.capabilities.of(subject.object).can_update:
        raise NotApplicable("the object is never updated")
    (id,) = await subject.enter(1)
    before = await subject.version_of(id)
    wanted = write(subject, "key-5", 5, "update", external_id=id)
    assert await connector.look_up(wanted) is None
    await connector.write(wanted)
    after = await subject.version_of(id)
    assert after != before or not after, "a system without versions tells none"
    assert await connector.look_up(wanted) is not None


async def an_update_of_a_changed_record_is_refused(subject: Subject) -> None:
    connector = subject.connector()
    if not connector.capabilities.of(subject.object).has_expected_version:
        raise NotApplicable("the object has no optimistic version")
    (id,) = await subject.enter(1)
    stale = await subject.version_of(id)
    await subject.change(id)
    wanted = write(subject, "key-6", 6, "update", external_id=id, expected_version=stale)
    error = await raises(RejectedError, connector.write(wanted))
    assert error.cause == "conflict"
    fresh = write(subject, "key-6", 6, "update", external_id=id, expected_version=await subject.version_of(id))
    assert (await connector.write(fresh)).external_id == id


async def many_writes_answer_in_order_and_disturb_no_other(subject: Subject) -> None:
    bad, _ = subject.refused()
    writes = [write(subject, f"key-7-{number}", 70 + number) for number in range(5)]
    writes.insert(2, write(subject, "key-7-bad", 79, body=bad, natural_key={}))
    before = await subject.ids()
    answers = await subject.connector().write_many(writes)
    assert [isinstance(one, RejectedError) for one in answers] == [False, False, True, False, False, False]
    assert len(await subject.ids() - before) == 5
