"""Who is signed in: a random token in a signed cookie, its digest in ``hub.session``. A key that is revoked ends its sessions.

A session ends at its expiry (``HUB_SESSION_S``), two hours after the last click, at sign-out, or with the key it was made with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from hub.api.access import UNSET_RATE, Principal, Rate, Role
from hub.console.security import key_of, sign, verified
from hub.console.shell import Person, root, shell
from hub.store import sessions

COOKIE = "hub_session"
IDLE = timedelta(hours=2)
PAUSE = timedelta(minutes=45)
"""Who was away this long has left: what changed meanwhile is shown as new."""
NOTED_EVERY = timedelta(minutes=1)
TEAMS = ("data_stewards", "finance_operations", "pmo", "delivery", "integration_support")
"""Who work is routed to."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whose key or identity provider has vouched for them."""

    principal: Principal
    person_id: UUID
    key_id: UUID | None
    display: str
    teams: Sequence[str]


async def begin(request: Request, who: Identity, answer: Response) -> None:
    """Open a session and hand its cookie to the browser."""
    one = shell(request)
    token, at = token_urlsafe(32), one.now()
    life = timedelta(seconds=one.settings.session_s)
    new = sessions.NewSession(
        who.principal.tenant_id, _digest(token), who.person_id, who.key_id, who.principal.role.value, who.principal.name,
        who.display, who.teams, token_urlsafe(24), at, at + life,
    )  # fmt: skip
    async with one.pool.acquire() as connection, connection.transaction():
        await sessions.begin(connection, new)
        await sessions.drop_old(connection, new.tenant_id, at - timedelta(days=30))
    value = sign(_key(request), "session", f"{new.tenant_id}.{token}")
    answer.set_cookie(
        COOKIE, value, max_age=int(life.total_seconds()), path=root(request) or "/", secure=is_secure(request), httponly=True, samesite="lax"
    )


async def find(request: Request) -> Person | None:
    """Whose session the cookie names; None for strangers."""
    named = _named(request)
    if named is None:
        return None
    one, now = shell(request), shell(request).now()
    async with one.pool.acquire() as connection:
        row = await sessions.find(connection, *named, now, now - IDLE)
        if row is None:
            return None
        since = row["since_at"]
        if now - row["seen_at"] > NOTED_EVERY:
            since = await sessions.note_seen(connection, *named, now, now - PAUSE)
    teams = _teams(row)
    team = row["team"] if row["team"] in teams else teams[0]
    return Person(_principal(row), row["member_name"] or row["display"], teams, team, row["csrf"], since, row["member_id"])


async def end(request: Request, answer: Response) -> None:
    """Sign out: the session is over whoever holds its cookie."""
    if (named := _named(request)) is not None:
        async with shell(request).pool.acquire() as connection:
            await sessions.end(connection, *named, shell(request).now())
    answer.delete_cookie(COOKIE, path=root(request) or "/", secure=is_secure(request), httponly=True, samesite="lax")


async def switch_team(request: Request, team: str) -> None:
    """Work for another of one's teams from now on."""
    if (named := _named(request)) is not None:
        async with shell(request).pool.acquire() as connection:
            await sessions.switch_team(connection, *named, team)


def is_secure(request: Request) -> bool:
    """Whether people reach us by https, be it through a proxy."""
    return (shell(request).settings.console_address or str(request.base_url)).startswith("https://")


def _teams(row: asyncpg.Record) -> tuple[str, ...]:
    """The person's teams: as members or the provider's claims tell. Who was given none sees the work of all, a reader that of stewards."""
    return tuple(row["member_teams"] or row["teams"]) or (TEAMS if row["role"] != Role.READER else TEAMS[:1])


def _principal(row: asyncpg.Record) -> Principal:
    scope = {entity: tuple(map(UUID, ids)) for entity, ids in (row["scope"] or {}).items()}
    rate = Rate(row["rate"].get("requests"), row["rate"].get("cost")) if row["rate"] else UNSET_RATE
    return Principal(row["tenant_id"], row["slug"], row["person_id"], Role(row["role"]), row["name"], None, scope, rate)


def _named(request: Request) -> tuple[int, bytes] | None:
    """(tenant, digest) of the cookie's token, when we made it."""
    text = verified(_key(request), "session", request.cookies.get(COOKIE, ""))
    tenant, _, token = (text or "").partition(".")
    return (int(tenant), _digest(token)) if tenant.isdigit() and token else None


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _key(request: Request) -> bytes:
    return key_of(shell(request).settings.need("secret_key"))
