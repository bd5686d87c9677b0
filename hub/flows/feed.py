"""Reading the change feed with an opaque cursor: the same positions for pull readers, subscriptions and webhooks.

A cursor is signed and names its tenant and epoch, so a position is never applied where it means something else. A
reader learns of everything it cannot have: a gap when retention dropped it, an error when the feed was restored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from hub.errors import RequestError
from hub.store import feed
from hub.store.feed import FeedChange, Filter
from hub.store.secrets import readable
from hub.store.statements import Connection

MOST = 1_000
_LAYOUT = struct.Struct(">BIIQ")
_FORM = 1
_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to ``position`` of this tenant's feed has been read."""

    tenant_id: int
    epoch: int
    position: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Positions ``first`` to ``last`` were given up by retention before this reader came for them."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Changes in the order of their positions, and where to go on.

    ``has_more`` may be true of a page without changes: the filter fitted nothing so far, read on with ``cursor``. With
    a ``gap`` there are no changes: the reader decides whether to start from a snapshot or to go on with ``cursor``,
    which stands behind the gap.
    """

    changes: tuple[FeedChange, ...]
    cursor: Cursor
    has_more: bool
    gap: Gap | None = None


async def read_feed(
    connection: Connection,
    tenant_id: int,
    after: Cursor | None,
    first: int = 100,
    *,
    entities: Sequence[str] | None = None,
    ids: Sequence[UUID] | None = None,
    fields: Sequence[str] | None = None,
    through_views: bool = True,
) -> FeedPage:
    """The next changes after a cursor (None: from the beginning), at most ``first`` (1 to 1,000).

    ``through_views``: a connection of role ``hub_api`` with its tenant set; otherwise one of ``hub_worker``.
    Raises :class:`RequestError` ``bad_first``, ``cursor_other_tenant`` or ``feed_restarted``.
    """
    if not 1 <= first <= MOST:
        raise RequestError("bad_first", f"first must be from 1 to {MOST}", field="first", remedy="Ask for a smaller page.")
    if after is not None and after.tenant_id != tenant_id:
        raise _of_another_tenant()
    start = after.position if after else 0
    head, changes = await feed.page(
        connection, tenant_id, start, first, Filter(entities, ids, fields), through_views=through_views
    )
    here = Cursor(tenant_id, head.epoch, start)
    if after is not None and (after.epoch != head.epoch or start > head.position):
        raise RequestError(
            "feed_restarted", f"the feed was restored and is in epoch {head.epoch}; the cursor is of epoch {after.epoch}",
            field="after", remedy="Read a snapshot of the records, then the feed from its beginning.",
        )  # fmt: skip
    if start < head.dropped_to:
        beyond = replace(here, position=head.dropped_to)
        return FeedPage((), beyond, head.dropped_to < head.position, Gap(start + 1, head.dropped_to))
    upto = changes[-1].position if len(changes) == first else min(head.position, start + feed.WINDOW)
    return FeedPage(tuple(changes), replace(here, position=upto), upto < head.position)


async def end_of_feed(connection: Connection, tenant_id: int) -> Cursor:
    """A cursor behind all changes that have a position now: what comes next is new. Needs role ``hub_worker``."""
    head = await feed.head(connection, tenant_id)
    return Cursor(tenant_id, head.epoch, head.position)


def encode_cursor(cursor: Cursor, key: str) -> str:
    """The cursor as text for the outside, signed with the hub's secret key.

    >>> text = encode_cursor(Cursor(tenant_id=7, epoch=1, position=42), "secret")
    >>> decode_cursor(text, 7, "secret")
    Cursor(tenant_id=7, epoch=1, position=42)
    """
    packed = _LAYOUT.pack(_FORM, cursor.tenant_id, cursor.epoch, cursor.position)
    return base64.urlsafe_b64encode(packed + _tag(packed, key)).decode().rstrip("=")


def decode_cursor(text: str, tenant_id: int, key: str) -> Cursor:
    """Read a cursor back. Raises :class:`RequestError` ``bad_cursor`` or ``cursor_other_tenant``.

    >>> decode_cursor("nonsense", 7, "secret")
    Traceback (most recent call last):
        ...
    hub.errors.RequestError: the cursor is not one of ours
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        packed, tag = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
        form, tenant, epoch, position = _LAYOUT.unpack(packed)
    except (ValueError, struct.error):
        raise _not_ours() from None
    if form != _FORM or not any(hmac.compare_digest(tag, _tag(packed, one)) for one in readable(key)):
        raise _not_ours()
    if tenant != tenant_id:
        raise _of_another_tenant()
    return Cursor(tenant, epoch, position)


def _tag(packed: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), b"hub feed cursor" + packed, hashlib.sha256)[:_TAG_BYTES]


def _not_ours() -> RequestError:
    return RequestError(
        "bad_cursor", "the cursor is not one of ours", field="after",
        remedy="Pass a cursor exactly as the feed gave it, or none to start from the beginning.",
    )  # fmt: skip


def _of_another_tenant() -> RequestError:
    return RequestError(
        "cursor_other_tenant", "the cursor belongs to another tenant", field="after",
        remedy="Start from the beginning, or use the cursor with the key it was made for.",
    )  # fmt: skip
