"""Where and how a webhook's events are sent: its address, its schedule of tries, the secret that signs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hub.core.schedules import check_schedule
from hub.errors import RequestError
from hub.faults import now
from hub.flows.addresses import ForbiddenAddressError, check_target, networks
from hub.flows.brokers.port import RETRY_S as BROKER_RETRY_S
from hub.flows.deliver import open_secret, secret_about
from hub.flows.webhook_message import new_secret
from hub.settings import Settings
from hub.store import secrets, subscriptions
from hub.store.pool import Pool

FORMER_FOR_S = 86_400.0
MOST_FORMER_S = 30 * 86_400.0


async def check_address_of(settings: Settings, url: str) -> None:
    """Refuse an address webhooks may not go to. Raises :class:`RequestError` ``bad_url``."""
    try:
        await check_target(url, networks(settings.webhook_networks))
    except ForbiddenAddressError as error:
        raise RequestError("bad_url", str(error), field="url", remedy="Give a public https address.") from None


def checked_schedule(kind: str, retry_s: Sequence[float] | None) -> Sequence[float] | None:
    """A subscription's own schedule, None for the standard one. Raises :class:`RequestError` ``bad_schedule``."""
    if retry_s is None:
        return BROKER_RETRY_S if kind == "broker" else None
    try:
        if kind == "connector":
            raise ValueError("a system is tried again as its connector says")
        check_schedule(retry_s)
    except ValueError as error:
        raise RequestError("bad_schedule", str(error), field="retryS", remedy="Leave it out for the standard schedule.") from None
    return list(retry_s)


@dataclass(frozen=True, slots=True)
class Rotated:
    """A new secret, shown this once, and until when the former one signs beside it."""

    secret: str
    former_until: datetime


async def rotate_secret(
    pool: Pool, settings: Settings, tenant_id: int, subscription_id: UUID, *, former_for_s: float = FORMER_FOR_S,
    at: datetime | None = None,
) -> Rotated:  # fmt: skip
    """A new signing secret; for a day (or ``former_for_s``; 0 where it has leaked) events are signed with the former one too."""
    if not 0 <= former_for_s <= MOST_FORMER_S:
        raise RequestError("bad_period", "a former secret signs for 0 to 30 days", field="formerForS", remedy="Leave it out for a day.")
    key, about = settings.need("secret_key"), secret_about(tenant_id, subscription_id)
    until = (at or now()) + timedelta(seconds=former_for_s)
    async with pool.acquire() as connection, connection.transaction():
        await subscriptions.lock(connection, tenant_id, subscription_id)
        row = await subscriptions.by_id(connection, tenant_id, subscription_id)
        if row is None:
            raise unknown(subscription_id)
        if row["kind"] != "webhook" or row["secret"] is None:
            raise RequestError("bad_kind", "only webhooks are signed by a secret of ours", field="id", remedy="Name a webhook.")
        former = open_secret(key, row["secret"], tenant_id, subscription_id).split()[0]
        fresh = new_secret()
        kept = f"{fresh} {former}" if former_for_s else fresh
        await subscriptions.set_secret(connection, tenant_id, subscription_id, secrets.encrypt(key, kept, about), until)
    return Rotated(fresh, until)


async def change_endpoint(
    pool: Pool, settings: Settings, tenant_id: int, subscription_id: UUID, *, url: str | None = None,
    retry_s: Sequence[float] | None = None,
) -> None:  # fmt: skip
    """Send a webhook's events to another address, or try them again by another schedule; its position and secret stay."""
    if url is not None:
        await check_address_of(settings, url)
    schedule = checked_schedule("webhook", retry_s)
    async with pool.acquire() as connection, connection.transaction():
        row = await subscriptions.by_id(connection, tenant_id, subscription_id)
        if row is None:
            raise unknown(subscription_id)
        if row["kind"] != "webhook":
            raise RequestError("bad_kind", "only webhooks have an address of their own", field="id", remedy="Name a webhook.")
        await subscriptions.set_endpoint(connection, tenant_id, subscription_id, url, schedule)


def unknown(subscription_id: UUID) -> RequestError:
    return RequestError(
        "unknown_subscription", f"there is no subscription {subscription_id}", field="id", remedy="List the subscriptions."
    )
