"""Webhooks: signed for their body, and the same message as the poll's."""

from __future__ import annotations

from connectors.conformance.subject import Subject, read_all
from connectors.errors import SignatureError
from connectors.port import received


async def a_signed_webhook_is_taken_and_is_the_message_of_the_poll(subject: Subject) -> None:
    (id,) = await subject.enter(1)
    headers, body = await subject.webhook(id)
    connector = subject.connector()
    (message,) = await received(connector, headers, body)
    assert (message.object, message.external_id) == (subject.object, id)
    assert message.version == await subject.version_of(id) or (message.needs_fetch and not message.version), "what tells ids only may leave out the version"
    if not message.needs_fetch:
        polled = {one.external_id: one.key for one in (await read_all(connector, subject.resource))[0]}
        assert polled[id] == message.key
    repeated = await received(connector, headers, body)
    assert [one.key for one in repeated] == [message.key]


async def a_webhook_that_is_not_signed_for_its_body_is_refused(subject: Subject) -> None:
    (id,) = await subject.enter(1)
    headers, body = await subject.webhook(id)
    connector = subject.connector()
    altered = {name: value[:-2] + ("AA" if value[-2:] != "AA" else "BB") for name, value in headers.items() if "signature" in name.lower()}
    for bad_headers, bad_body in ((headers, body + b" "), ({}, body), ({**headers, **altered}, body)):
        try:
            await received(connector, bad_headers, bad_body)
        except SignatureError:
            continue
        raise AssertionError("a webhook with a bad signature was taken")
