"""The suite every connector passes: reading without loss, writing once, and errors that say what happens next.

A connector brings a :class:`Subject`, which drives the system behind it (usually a simulator) as its users and its bad
days would. Each check is a coroutine over a fresh subject; with pytest:

```python
@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_the_connector_conforms(check, subject):
    await run(check, subject)
```
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from connectors.errors import (
    ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SignatureError, UnknownOutcomeError,
)  # fmt: skip
from connectors.port import Connector, Incoming, Operation, Page, Write, parse_json


class NotApplicable(Exception):
    """The system has nothing to check here (no webhooks, no tokens); the message says why."""


class Subject(Protocol):
    """One kind of record of one system, driven from outside of the connector."""

    resource: str
    """Where it is polled."""
    object: str
    entity: str
    page_size: int

    def connector(self) -> Connector:
        """A fresh connector to the same system, as after a restart; the subject closes it at the end."""
        ...

    def connector_with_wrong_credentials(self) -> Connector: ...

    async def enter(self, count: int) -> list[str]:
        """Enter records as a user of the system would; their ids."""
        ...

    async def change(self, id: str) -> None: ...

    async def delete(self, id: str) -> None: ...

    async def ids(self) -> set[str]:
        """Ids of all records that are not deleted."""
        ...

    async def fault(self, kind: str, operation: str, **options: Any) -> None:
        """``lose_answer``, ``429``, ``500``, ``503``, ``cut``, ``malformed`` or ``reject`` for list, create or update requests."""
        ...

    async def expire_tokens(self) -> None: ...

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of the webhook that a change of this record sends."""
        ...

    def body(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new record in the vendor's shape, and its natural key."""
        ...

    def refused(self) -> tuple[dict[str, Any], str]:
        """A body that the system refuses, and the field it says so about."""
        ...

    async def version_of(self, id: str) -> str:
        """The record's version as the connector tells it."""
        ...


Check = Callable[[Subject], Awaitable[None]]


def name_of(check: Check) -> str:
    return check.__name__


def write(subject: Subject, key: str, number: int, operation: Operation = "create", **more: Any) -> Write:
    body, natural_key = subject.body(number)
    about: dict[str, Any] = {"external_id": None, "body": body, "natural_key": natural_key} | more
    return Write(key, operation, subject.object, subject.entity, **about)


async def read_all(connector: Connector, resource: str, checkpoint: str = "") -> tuple[list[Incoming], str, Page]:
    """All messages up to the present, the checkpoint behind them and the last page."""
    found: list[Incoming] = []
    for _ in range(100_000):
        page = await connector.poll(resource, checkpoint)
        found.extend(page.messages)
        checkpoint = page.checkpoint
        if not page.has_more:
            return found, checkpoint, page
    raise AssertionError("the poll does not end")


def present(messages: list[Incoming]) -> set[str]:
    """Ids whose newest message is no delete."""
    newest = {one.external_id: one for one in messages}
    return {id for id, one in newest.items() if not one.is_delete}


async def raises(kind: type[ConnectorError], request: Awaitable[Any]) -> Any:
    """The error the request ends with; it must be of this kind."""
    try:
        answer = await request
    except kind as error:
        return error
    except ConnectorError as error:
        raise AssertionError(f"expected {kind.__name__}, got {type(error).__name__}: {error}") from error
    raise AssertionError(f"expected {kind.__name__}, got the answer {answer!r}")


# --- reading -----------------------------------------------------------------------------------------------------------


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


# --- webhooks ----------------------------------------------------------------------------------------------------------


async def a_signed_webhook_is_taken_and_is_the_message_of_the_poll(subject: Subject) -> None:
    (id,) = await subject.enter(1)
    headers, body = await subject.webhook(id)
    connector = subject.connector()
    (message,) = connector.receive(headers, body)
    assert (message.object, message.external_id, message.version) == (subject.object, id, await subject.version_of(id))
    if not message.needs_fetch:
        polled = {one.external_id: one.key for one in (await read_all(connector, subject.resource))[0]}
        assert polled[id] == message.key
    repeated = connector.receive(headers, body)
    assert [one.key for one in repeated] == [message.key]


async def a_webhook_that_is_not_signed_for_its_body_is_refused(subject: Subject) -> None:
    (id,) = await subject.enter(1)
    headers, body = await subject.webhook(id)
    connector = subject.connector()
    altered = {name: value[:-2] + ("AA" if value[-2:] != "AA" else "BB") for name, value in headers.items() if "signature" in name.lower()}
    for bad_headers, bad_body in ((headers, body + b" "), ({}, body), ({**headers, **altered}, body)):
        try:
            connector.receive(bad_headers, bad_body)
        except SignatureError:
            continue
        raise AssertionError("a webhook with a bad signature was taken")


# --- writing -----------------------------------------------------------------------------------------------------------


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
    assert await subject.version_of(id) != before
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


# --- errors by recovery ------------------------------------------------------------------------------------------------


async def a_refusal_names_field_and_remedy(subject: Subject) -> None:
    body, field = subject.refused()
    before = await subject.ids()
    error = await raises(RejectedError, subject.connector().write(write(subject, "key-8", 8, body=body, natural_key={})))
    assert error.field == field and error.remedy and error.cause == "validation"
    assert await subject.ids() == before


async def a_rate_limit_says_how_long_to_wait(subject: Subject) -> None:
    connector = subject.connector()
    await subject.fault("429", "list", retry_after_s=0.3)
    error = await raises(RateLimitedError, connector.poll(subject.resource, ""))
    assert error.retry_after_s == 0.3
    began = time.monotonic()
    await connector.poll(subject.resource, "")
    assert time.monotonic() - began >= 0.28 or not connector.capabilities.requests_per_s
    await subject.fault("429", "create", retry_after_s=0.3)
    await raises(RateLimitedError, connector.write(write(subject, "key-9", 9)))


async def a_server_error_is_retriable(subject: Subject) -> None:
    connector = subject.connector()
    for kind in ("500", "503"):
        await subject.fault(kind, "list")
        await raises(RetriableError, connector.poll(subject.resource, ""))
    await subject.fault("503", "create")
    await raises(RetriableError, connector.write(write(subject, "key-10", 10)))
    await connector.poll(subject.resource, "")


async def a_cut_or_malformed_answer_is_retriable_for_a_read_and_unknown_for_a_write(subject: Subject) -> None:
    connector = subject.connector()
    await subject.enter(3)
    for number, kind in enumerate(("cut", "malformed")):
        await subject.fault(kind, "list")
        await raises(RetriableError, connector.poll(subject.resource, ""))
        before, wanted = await subject.ids(), write(subject, f"key-11-{kind}", 110 + number)
        await subject.fault(kind, "create")
        await raises(UnknownOutcomeError, connector.write(wanted))
        adopted = await connector.look_up(wanted)
        assert adopted is not None and await subject.ids() - before == {adopted.external_id}


async def an_expired_token_is_renewed_in_the_middle_of_a_poll(subject: Subject) -> None:
    await subject.enter(2 * subject.page_size)
    connector = subject.connector()
    first = await connector.poll(subject.resource, "")
    await subject.expire_tokens()
    rest, _, _ = await read_all(connector, subject.resource, first.checkpoint)
    assert present([*first.messages, *rest]) == await subject.ids()


async def wrong_credentials_are_told_as_such(subject: Subject) -> None:
    await raises(CredentialsError, subject.connector_with_wrong_credentials().poll(subject.resource, ""))


READING: tuple[Check, ...] = (
    a_poll_reads_every_record_over_all_pages,
    a_poll_resumes_after_a_kill_at_any_page,
    changes_made_while_it_reads_are_not_lost,
    a_later_poll_tells_what_changed,
    a_deleted_record_is_told,
    the_same_message_has_the_same_key,
    a_record_is_fetched_as_it_is_now,
    ten_thousand_records_are_read,
)
WEBHOOKS: tuple[Check, ...] = (
    a_signed_webhook_is_taken_and_is_the_message_of_the_poll,
    a_webhook_that_is_not_signed_for_its_body_is_refused,
)
WRITING: tuple[Check, ...] = (
    a_created_record_is_there_once,
    a_lost_answer_does_not_create_twice,
    a_create_that_did_not_happen_is_not_found,
    a_unique_key_makes_a_second_create_impossible,
    an_update_is_applied_and_can_be_looked_up,
    an_update_of_a_changed_record_is_refused,
    many_writes_answer_in_order_and_disturb_no_other,
)
ERRORS: tuple[Check, ...] = (
    a_refusal_names_field_and_remedy,
    a_rate_limit_says_how_long_to_wait,
    a_server_error_is_retriable,
    a_cut_or_malformed_answer_is_retriable_for_a_read_and_unknown_for_a_write,
    an_expired_token_is_renewed_in_the_middle_of_a_poll,
    wrong_credentials_are_told_as_such,
)
CHECKS: tuple[Check, ...] = (*READING, *WEBHOOKS, *WRITING, *ERRORS)
