"""Errors: each says what happens next."""

from __future__ import annotations

import time

from connectors.conformance.subject import Subject, present, raises, read_all, write
from connectors.errors import (
    CredentialsError,
    RateLimitedError,
    RejectedError,
    RetriableError,
    SchemaDriftError,
    UnknownOutcomeError,
)


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
    if not subject.tells_how_long:
        assert error.retry_after_s > 0, "what the system does not say, the connector must"
        return
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


async def a_slow_answer_is_waited_for(subject: Subject) -> None:
    connector = subject.connector()
    ids = await subject.enter(3)
    await subject.fault("slow", "list", delay_s=0.3)
    messages, _, _ = await read_all(connector, subject.resource)
    assert set(ids) <= present(messages)
    await subject.fault("slow", "create", delay_s=0.3)
    before = await subject.ids()
    receipt = await connector.write(write(subject, "key-12", 12))
    assert await subject.ids() - before == {receipt.external_id}


async def an_answer_of_another_shape_stops_the_poll_with_its_name(subject: Subject) -> None:
    """A schema that changed is not an empty list: nothing may be taken for deleted, and a person is told."""
    connector = subject.connector()
    await subject.enter(3)
    await subject.fault("drift", "list")
    error = await raises(SchemaDriftError, connector.poll(subject.resource, ""))
    assert error.object or error.path
    messages, _, _ = await read_all(connector, subject.resource)
    assert present(messages) == await subject.ids()


async def an_expired_token_is_renewed_in_the_middle_of_a_poll(subject: Subject) -> None:
    await subject.enter(2 * subject.page_size)
    connector = subject.connector()
    first = await connector.poll(subject.resource, "")
    await subject.expire_tokens()
    rest, _, _ = await read_all(connector, subject.resource, first.checkpoint)
    assert present([*first.messages, *rest]) == await subject.ids()


async def wrong_credentials_are_told_as_such(subject: Subject) -> None:
    await raises(CredentialsError, subject.connector_with_wrong_credentials().poll(subject.resource, ""))
