"""How each simulated system speaks: ids, shapes of lists, answers and errors, credentials, and what it refuses."""

from __future__ import annotations

import base64
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from connectors.signatures import Signature
from connectors.simulator.base import answer
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store

Check = Callable[[Store, Mapping[str, Any], Row | None], Refusal | None]
"""A rule: the store, the record as it would become, the record as it is → why not."""


@dataclass(frozen=True)
class Kind:
    """One kind of record: its place in the address, its fields, the field that is unique for our key."""

    object: str
    route: str
    template: Mapping[str, Any]
    """Every field with its value in a record that does not state it."""
    first_id: int
    id_form: str
    key_field: str = ""
    is_create_only: bool = False
    is_read_only: bool = False
    check: Check | None = None


@dataclass
class Dialect(ABC):
    """What the three systems have in common; each says things its own way."""

    name: str
    base: str
    kinds: tuple[Kind, ...]
    signature: Signature
    token_lifetime_s: float = 3600.0
    tokens: dict[str, float] = field(default_factory=dict)

    @abstractmethod
    def is_allowed(self, request: web.Request, now: float) -> bool:
        """Whether the request carries the system's credentials; ``now`` in seconds."""

    @abstractmethod
    def shown(self, row: Row) -> dict[str, Any]:
        """The record as the system shows it, with id, version and instant of change."""

    @abstractmethod
    def error(self, refusal: Refusal) -> web.Response:
        """How the system says no."""

    @abstractmethod
    def listed(self, kind: Kind, request: web.Request, rows: list[Row]) -> Any:
        """The answer to a list request; ``rows`` fit its filters, in order of change."""

    @abstractmethod
    def changed_since(self, request: web.Request) -> str:
        """The instant from which the list is asked for, as the request states it; "" for all."""

    def given(self, kind: Kind, body: Any) -> dict[str, Any]:
        """The fields of a write's body."""
        return dict(body)

    @abstractmethod
    def made(self, kind: Kind, row: Row) -> web.Response:
        """The answer to a create."""

    @abstractmethod
    def updated(self, kind: Kind, row: Row) -> web.Response:
        """The answer to an update."""

    def expected_version(self, request: web.Request, fields: dict[str, Any]) -> str | None:
        stated = request.headers.get("if-match")
        return stated.strip('"') if stated else None

    @abstractmethod
    def version(self, row: Row) -> str:
        """The record's version as the system tells it."""

    @abstractmethod
    def event(self, kind: Kind, row: Row, number: int) -> dict[str, Any]:
        """The body of a webhook."""


def page_number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else default


class Crm(Dialect):
    """Flat PascalCase, ids like 001…, OAuth 2.0 client credentials, a link to the next page, errors in a list."""

    def is_allowed(self, request: web.Request, now: float) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.tokens.get(token, 0.0) > now

    async def token(self, request: web.Request, now: float) -> web.Response:
        form = await request.post()
        if (form.get("grant_type"), form.get("client_id"), form.get("client_secret")) != ("client_credentials", "hub", "crm-secret"):
            return answer({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        token = secrets.token_hex(16)
        self.tokens = {known: until for known, until in self.tokens.items() if until > now} | {token: now + self.token_lifetime_s}
        return answer({"access_token": token, "token_type": "Bearer", "expires_in": self.token_lifetime_s})

    def shown(self, row: Row) -> dict[str, Any]:
        stamp = _crm_instant(row.changed_at)
        return {"Id": row.id, **row.fields, "IsDeleted": row.is_deleted, "SystemModstamp": stamp}

    def version(self, row: Row) -> str:
        return row.changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def error(self, refusal: Refusal) -> web.Response:
        fields = [refusal.field] if refusal.field else []
        return answer([{"message": refusal.text, "errorCode": refusal.code, "fields": fields}], refusal.status)

    def changed_since(self, request: web.Request) -> str:
        locator = request.match_info.get("locator")
        return _unpacked(locator)[0] if locator else request.query.get("ModifiedSince", "")

    def listed(self, kind: Kind, request: web.Request, rows: list[Row]) -> Any:
        size = 200
        after = 0
        locator = request.match_info.get("locator")
        if locator:
            _, after, size = _unpacked(locator)
        elif "limit" in request.query:
            size = max(1, page_number(request, "limit", size))
        rest = [row for row in rows if not after or _micro(row.changed_at) > after]
        page = rest[:size]
        found: dict[str, Any] = {"totalSize": len(rows), "done": len(rest) <= size, "records": [self.shown(row) for row in page]}
        if not found["done"]:
            place = _packed(self.changed_since(request), _micro(page[-1].changed_at), size)
            found["nextRecordsUrl"] = f"{self.base}/{kind.route}/more/{place}"
        return found

    def made(self, kind: Kind, row: Row) -> web.Response:
        return answer({"id": row.id, "success": True, "errors": [], "SystemModstamp": self.version(row)}, 201)

    def updated(self, kind: Kind, row: Row) -> web.Response:
        return web.Response(status=204, headers={"etag": f'"{self.version(row)}"'})

    def event(self, kind: Kind, row: Row, number: int) -> dict[str, Any]:
        what = "deleted" if row.is_deleted else "created" if row.version == 1 else "updated"
        return {"type": f"{kind.object}.{what}", "timestamp": self.version(row), "data": {"object": kind.object, "record": self.shown(row)}}


class Psa(Dialect):
    """snake_case, numeric ids as text, an API key, pages by number, cents and minutes, records in a wrapper."""

    def is_allowed(self, request: web.Request, now: float) -> bool:
        return request.headers.get("x-api-key") == "psa-key"

    def shown(self, row: Row) -> dict[str, Any]:
        deleted = {"deleted_at": _iso(row.changed_at) if row.is_deleted else None}
        return {"id": row.id, **row.fields, **deleted, "lock_version": row.version, "updated_at": _iso(row.changed_at)}

    def version(self, row: Row) -> str:
        return str(row.version)

    def error(self, refusal: Refusal) -> web.Response:
        error = {"type": refusal.code.lower(), "message": refusal.text} | ({"field": refusal.field} if refusal.field else {})
        return answer({"errors": [error]}, 422 if refusal.status == 400 else refusal.status)

    def changed_since(self, request: web.Request) -> str:
        return request.query.get("updated_after", "")

    def listed(self, kind: Kind, request: web.Request, rows: list[Row]) -> Any:
        page, size = max(1, page_number(request, "page", 1)), min(500, max(1, page_number(request, "per_page", 20)))
        cut = rows[(page - 1) * size : page * size]
        meta = {"page": page, "page_count": max(1, -(-len(rows) // size)), "count": len(rows)}
        return {kind.route: [self.shown(row) for row in cut], "meta": meta}

    def given(self, kind: Kind, body: Any) -> dict[str, Any]:
        return dict(body[kind.object])

    def expected_version(self, request: web.Request, fields: dict[str, Any]) -> str | None:
        stated = fields.pop("lock_version", None)
        return None if stated is None else str(stated)

    def made(self, kind: Kind, row: Row) -> web.Response:
        return answer({kind.object: self.shown(row)}, 201)

    def updated(self, kind: Kind, row: Row) -> web.Response:
        return answer({kind.object: self.shown(row)})

    def event(self, kind: Kind, row: Row, number: int) -> dict[str, Any]:
        event = {"id": str(number), "kind": kind.object, "subject_id": row.id, "at": _iso(row.changed_at)}
        return {"events": [event | {"change": "deleted" if row.is_deleted else "saved", "subject": self.shown(row)}]}


class Erp(Dialect):
    """Nested documents, ids like CUST-10023, basic authentication, offset and limit, "7:30" hours, coded values, no webhooks."""

    def is_allowed(self, request: web.Request, now: float) -> bool:
        expected = "Basic " + base64.b64encode(b"hub:erp-password").decode()
        return request.headers.get("authorization") == expected

    def shown(self, row: Row) -> dict[str, Any]:
        about = {"rev": row.version, "changedAt": row.changed_at.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"), "deleted": row.is_deleted}
        return {"number": row.id, **row.fields, "meta": about}

    def version(self, row: Row) -> str:
        return str(row.version)

    def error(self, refusal: Refusal) -> web.Response:
        return answer({"error": {"code": refusal.code, "text": refusal.text, "path": refusal.field}}, refusal.status)

    def changed_since(self, request: web.Request) -> str:
        return request.query.get("changedFrom", "")

    def listed(self, kind: Kind, request: web.Request, rows: list[Row]) -> Any:
        offset, limit = page_number(request, "offset", 0), min(1000, max(1, page_number(request, "limit", 50)))
        cut = rows[offset : offset + limit]
        more = offset + limit < len(rows)
        return {"items": [self.shown(row) for row in cut], "offset": offset, "limit": limit, "total": len(rows), "hasMore": more}

    def made(self, kind: Kind, row: Row) -> web.Response:
        return answer({"number": row.id, "meta": {"rev": row.version}}, 201, {"location": f"{self.base}/{kind.route}/{row.id}"})

    def updated(self, kind: Kind, row: Row) -> web.Response:
        return answer({"number": row.id, "meta": {"rev": row.version}})

    def event(self, kind: Kind, row: Row, number: int) -> dict[str, Any]:
        return {}


def _crm_instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _micro(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _packed(since: str, after: int, size: int) -> str:
    return base64.urlsafe_b64encode(f"{since}|{after}|{size}".encode()).decode().rstrip("=")


def _unpacked(locator: str) -> tuple[str, int, int]:
    since, after, size = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode().split("|")
    return since, int(after), int(size)
