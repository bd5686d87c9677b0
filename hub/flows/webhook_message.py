"""What a webhook says and how it is signed: a CloudEvent in structured JSON, under a Standard Webhooks signature.

The id of an event follows from its change, so every try of it, by whatever worker, carries the same id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from hub.core.records import Values
from hub.store.feed import FeedChange
from hub.store.golden import instant_text
from schema.events import BusinessEvent, Told, envelope
from schema.transitions import NOTHING

CONTENT_TYPE = "application/cloudevents+json"
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Message:
    """One event, ready to send; ``body`` are the very bytes that are signed."""

    id: str
    type: str
    version: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose feed an event comes from."""

    tenant: str
    tenant_id: int
    epoch: int


def event_id(sender: Sender, change_id: int) -> str:
    """Of tenant, epoch and change; the position would not do, since an event may leave while it is being stored.

    >>> event_id(Sender("acme", 1, 1), 42)
    'evt_1_1_42'
    """
    return f"evt_{sender.tenant_id}_{sender.epoch}_{change_id}"


def message(
    sender: Sender, change: FeedChange, *, op: str, payload: str, values: Values | None, shows_confidential: bool,
    events: Sequence[BusinessEvent] = (), context: str = "", decided: frozenset[str] = frozenset(),
    pins: Mapping[str, int] = NOTHING, select: Collection[str] = (), facts: Values | None = None,
) -> Message:
    """The event of one change. ``data.changed`` has before and after (payload delta or both), ``data.values`` the whole
    record (snapshot or both). Confidential fields are left out and named in ``data.masked`` unless they may be shown.

    For a subscription to business ``events`` the type is that of the first one raised, and ``data.events`` has them all
    with their payloads: one version stays one message over all tries.

    In a consumer ``context`` the values are those of the context as they are when it is sent; ``changed`` leaves out the fields that
    are ``decided`` there, and the id names the values too, since they may change while the version stays.

    ``pins`` are the payload versions its subscriber was made for; with ``select`` it is told these fields only. ``facts`` are
    the record's values where they are known though they are not told.
    """
    changed = None
    if payload != "snapshot" and op != "snapshot":
        names = {*change.before, *change.after} - decided
        changed = {name: {"before": change.before.get(name), "after": change.after.get(name)} for name in names if shows(select, name)}
    told = Told(
        event_id(sender, change.id), sender.tenant, sender.epoch, change.position, change.entity, str(change.golden_id), change.version,
        op, instant_text(change.at), change.cause, change.actor, change.correlation_id, change.is_backfill, changed,
        values if values is None else {name: value for name, value in values.items() if shows(select, name)},
        facts or {}, change.id_map, context,
    )  # fmt: skip
    if context:
        digest = hashlib.sha256(orjson.dumps([context, values], option=orjson.OPT_SORT_KEYS)).hexdigest()
        told = replace(told, event_id=f"{told.event_id}_{digest[:12]}")
    event = envelope(told, events, pins, shows_confidential=shows_confidential)
    return Message(told.event_id, event["type"], change.version, orjson.dumps(event))


def shows(select: Collection[str], name: str) -> bool:
    """Whether a subscriber that asked for some fields only is told this one; without any it gets them all."""
    return not select or name in select


def merged(changes: Sequence[FeedChange]) -> FeedChange:
    """Several steps of one record as one: what was before the first, what is after the last."""
    last = changes[-1]
    before: Values = {}
    after: Values = {}
    for change in changes:
        for name, value in change.after.items():
            before.setdefault(name, change.before.get(name))
            after[name] = value
    op = "create" if changes[0].op == "create" and last.op == "update" else last.op
    return FeedChange(
        last.golden_id, last.entity, last.version, op, before, after, last.cause, last.actor, last.correlation_id,
        last.at, last.message_id, last.is_backfill, last.id_map, last.position, last.id,
    )  # fmt: skip


def signed_headers(secrets_text: str, message: Message, timestamp: int) -> dict[str, str]:
    """Headers of one try, with one signature per secret (two while a secret is being replaced)."""
    signed = f"{message.id}.{timestamp}.".encode() + message.body
    return {
        "content-type": CONTENT_TYPE,
        "webhook-id": message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signatures(secrets_text.split(), signed)),
    }


def _signatures(all_secrets: Iterable[str], signed: bytes) -> Iterable[str]:
    for text in all_secrets:
        key = base64.b64decode(text.removeprefix(PREFIX))
        yield "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def new_secret() -> str:
    """A secret as Standard Webhooks writes it: whsec_ and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Whether every part is whsec_ and base64 of 24 to 64 bytes.

    >>> is_secret(new_secret()), is_secret("whsec_short"), is_secret("")
    (True, False, False)
    """
    try:
        keys = [base64.b64decode(one.removeprefix(PREFIX), validate=True) for one in text.split()]
    except ValueError:
        return False
    return bool(keys) and all(24 <= len(key) <= 64 for key in keys)


def redacted(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as an attempt may show them."""
    return {name: value for name, value in headers.items() if name != "webhook-signature"}
