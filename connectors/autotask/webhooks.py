"""Webhooks of Autotask: how they are signed, and how the hub subscribes to them.

A delivery names the record and what happened to it; its ``Fields`` are those one subscribed to, as they are displayed, so the record
is fetched. It bears no time; what names it for good is its ``Guid`` with its ``SequenceNumber``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.autotask.config import BASE
from connectors.autotask.filters import is_
from connectors.errors import RejectedError, SignatureError
from connectors.rest.answers import found_at, parsed
from connectors.signatures import Signature

if TYPE_CHECKING:
    from connectors.autotask.connector import AutotaskConnector

_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PLAIN = re.compile(r"\\\"|[&<>'`+]|[^\x00-\x7f]")


def plainly_signed(signature: Signature, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
    """Headers that sign the body as it came. Some senders hash it with all that HTML could mistake escaped: where the signature fits
    that, the one of the plain body is put in its place. Raises SignatureError.
    """
    try:
        signature.verify(headers, body)
    except SignatureError:
        try:
            signature.verify(headers, escaped(body))
        except (SignatureError, UnicodeDecodeError):
            return headers  # refused where the body is read, with the reason of the plain form
        return {**{name: value for name, value in headers.items() if name.lower() != signature.header.lower()}, **signature.sign(body, "", 0)}
    return headers


def escaped(body: bytes) -> bytes:
    r"""The body with ``& < > ' " ` +`` and all beyond ASCII in texts as ``\uXXXX``.

    >>> escaped('{"n":"A & \\"Ö\\""}'.encode())
    b'{"n":"A \\u0026 \\u0022\\u00D6\\u0022"}'
    """
    return _TEXT.sub(lambda found: '"' + _PLAIN.sub(_code, found[1]) + '"', body.decode("utf-8")).encode("ascii")


def _code(found: re.Match[str]) -> str:
    units = found[0][-1].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is asked for: ``entity`` is Company or Contact, ``fields`` those whose changes are told; ``owner`` a resource's id."""

    entity: str
    url: str
    secret: str
    owner: int
    fields: Sequence[str] = ()
    name: str = "hub"


async def subscribe(connector: AutotaskConnector, wanted: Subscription) -> int:
    """Have changes told to an address; the webhook's id. One of the same name is brought to what is wanted, not doubled."""
    place = f"{BASE}/{wanted.entity}Webhooks"
    body: dict[str, Any] = {
        "name": wanted.name, "webhookUrl": wanted.url, "deactivationUrl": wanted.url, "secretKey": wanted.secret, "isActive": True,
        "isSubscribedToCreateEvents": True, "isSubscribedToUpdateEvents": True, "isSubscribedToDeleteEvents": True,
        "sendThresholdExceededNotification": False, "ownerResourceID": wanted.owner,
    }  # fmt: skip
    if len(wanted.secret) > 64:
        raise RejectedError("a secret of a webhook has at most 64 characters", field="secretKey", remedy="Take a shorter one.")
    known = await _asked(connector, "POST", f"{place}/query", {"filter": [is_("name", wanted.name)]}, "items")
    if known:
        id = int(known[0]["id"])
        await _asked(connector, "PATCH", place, {"id": id, **body}, "itemId")
    else:
        id = int(await _asked(connector, "POST", place, body, "itemId"))
    numbers = (await connector.asking.fields(f"{wanted.entity}WebhookFields")).known["fieldID"].numbers
    held = await _asked(connector, "POST", f"{BASE}/{wanted.entity}WebhookFields/query", {"filter": [is_("webhookID", id)]}, "items")
    for name in wanted.fields:
        number = int(numbers[name])
        if number not in {one["fieldID"] for one in held}:
            said = {"webhookID": id, "fieldID": number, "isSubscribedField": True, "isDisplayAlwaysField": False}
            await _asked(connector, "POST", f"{place}/{id}/Fields", said, "itemId")
    return id


async def _asked(connector: AutotaskConnector, method: str, path: str, body: Mapping[str, Any], found: str) -> Any:
    answer = await connector.client.request(method, path, json=body, is_read=path.endswith("/query"))
    if answer.status >= 400:
        raise connector._error(answer, f"subscribe to {path}", is_read=False)
    return found_at(connector.config, parsed(connector.config, answer, path), found, path)
