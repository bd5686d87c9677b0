"""The doors beside GraphQL: webhooks of connected systems, and bulk records as JSON lines.

A webhook is verified over its raw bytes by the system's connector; one with a bad signature is answered 401 and leaves
nothing behind. What is accepted is durable before it is answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.errors import ConfigurationError, ConnectorError, SchemaDriftError, SignatureError
from connectors.port import Connector, Incoming, received
from hub.api.access import Principal, Role
from hub.api.auth import Keys
from hub.api.bodies import MESSAGE_BYTES, parse_json, read_whole
from hub.api.context import Services
from hub.api.contributions import exact_json
from hub.api.errors import ApiError, Code
from hub.api.http import correlation_of_head, head_of, refusal
from hub.api.senders import ConnectorOf, Senders, Turnstile, counted
from hub.api.watched import RequestMetrics, metrics_of
from hub.flows.receive import Origin
from hub.flows.vendor_merges import body_of
from hub.store.inbox import NewMessage, Stored
from hub.telemetry import RECEIVED

MOST_LINES = 100_000
LINES_AT_ONCE = 500
MOST_ERRORS = 100


class Doors:
    """``POST /hooks/…`` and ``POST /ingest/{system}``."""

    def __init__(self, services: Services, keys: Keys, connector_of: ConnectorOf) -> None:
        self._services, self._keys = services, keys
        self._senders = Senders(services, connector_of)
        settings = services.settings
        self._turnstile = Turnstile(settings.most_concurrent, settings.intake_per_minute, settings.intake_waiting_bytes)

    def at(self, path: str) -> ASGIApp | None:
        """What serves a path, spared the routing, which costs as much as the rest of a single message; None where no door is."""
        match path.split("/"):
            case ["", "ingest", system] if system:
                return partial(self._serve, self.lines, _NOTED["lines"], {"system": system})
            case ["", "hooks", system] if system:
                return partial(self._serve, self.hook, _NOTED["hook"], {"system": system})
            case ["", "hooks", tenant, system] if tenant and system:
                return partial(self._serve, self.hook, _NOTED["of_tenant"], {"tenant": tenant, "system": system})
        return None

    async def _serve(
        self, handle: Callable[[Request], Awaitable[Response]], noted: RequestMetrics, names: dict[str, str],
        scope: Scope, receive: Receive, send: Send,
    ) -> None:  # fmt: skip
        started, status = perf_counter(), 500
        scope["path_params"] = names
        try:
            response = await handle(Request(scope, receive))
            status = response.status_code
            await response(scope, receive, send)
        finally:
            noted(status, perf_counter() - started)

    async def hook(self, request: Request) -> Response:
        """``/hooks/{tenant}/{system}``; without a tenant, that of the one whose secret signs it."""
        head = head_of(request.scope)
        correlation_id = correlation_of_head(head) or str(self._services.new_id())
        system, tenant = request.path_params["system"], request.path_params.get("tenant")
        try:
            with self._turnstile.entered(tenant or f"/{system}") as came:
                body = await read_whole(head, counted(request.receive, came), MESSAGE_BYTES)
                tenant_id, connector, incoming = await self._verified(system, tenant, dict(request.headers), body)
                self._turnstile.charge(tenant_id, len(incoming))
                messages = [await self._message(connector, system, one, correlation_id) for one in incoming]
                stored = await self._keep(Origin(tenant_id, "webhook", system), [one for one in messages if one])
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            return refusal(error, correlation_id)
        return _accepted(stored, correlation_id)

    async def _verified(
        self, system: str, tenant: str | None, headers: dict[str, str], body: bytes
    ) -> tuple[int, Connector, Sequence[Incoming]]:
        """Whose webhook it is, and what it says. Raises ``NOT_FOUND`` or ``BAD_SIGNATURE``."""
        doubt: ApiError | None = None
        for known in (self._senders.remembered(system, tenant), None):
            for one in await self._senders.at(system, tenant) if known is None else known:
                try:
                    return one.tenant_id, one.connector, await received(one.connector, headers, body)
                except SignatureError as error:
                    doubt = ApiError(Code.BAD_SIGNATURE, str(error), remedy="Sign the raw body as it was agreed.")
                except SchemaDriftError as error:
                    raise ApiError(Code.BAD_REQUEST, str(error), remedy="Mend the body and send it again.") from error
                except ConfigurationError:
                    continue
                except ConnectorError as error:
                    remedy = "Send the webhook again."
                    raise ApiError(Code.UNAVAILABLE, "what the webhook is verified with could not be fetched", remedy=remedy) from error
        raise doubt or ApiError(Code.NOT_FOUND, "no system takes webhooks at this address")

    async def _message(
        self, connector: Connector, system: str, incoming: Incoming, correlation_id: str
    ) -> NewMessage | None:
        """One message; what came without its record is fetched, None when it is gone again."""
        if incoming.needs_fetch:
            try:
                fetched = await connector.fetch(incoming.object, incoming.external_id)
            except ConnectorError as error:
                remedy = "Send the webhook again."
                raise ApiError(Code.UNAVAILABLE, "the record could not be fetched from its system", remedy=remedy) from error
            if fetched is None:
                return None
            incoming = replace(fetched, key=incoming.key or fetched.key)
        key = incoming.key or str(self._services.new_id())
        return NewMessage(
            system, incoming.object, incoming.external_id, body_of(incoming), key, correlation_id, incoming.is_delete, incoming.version
        )

    async def lines(self, request: Request) -> Response:
        """``/ingest/{system}``: one record a line; a bad line is refused by its number and stops nothing."""
        head = head_of(request.scope)
        correlation_id = correlation_of_head(head) or str(self._services.new_id())
        try:
            principal = await self._keys.of_head(head, request.scope)
            with self._turnstile.entered(principal.tenant) as came:
                system = await self._may_send(principal, request.path_params["system"])
                raw = await read_whole(head, counted(request.receive, came), MESSAGE_BYTES)
                self._turnstile.charge(principal.tenant_id, raw.count(b"\n") + (not raw.endswith(b"\n")))
                is_backfill = request.query_params.get("backfill") == "true"
                origin = Origin(principal.tenant_id, "api", principal.actor, is_backfill)
                accepted, errors = await self._all_lines(origin, system, raw, correlation_id)
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            return refusal(error, correlation_id)
        found = {
            "accepted": accepted, "refused": len(errors), "errors": errors[:MOST_ERRORS], "correlationId": correlation_id,
        }  # fmt: skip
        return Response(orjson.dumps(found), 202 if accepted else 400, {"x-correlation-id": correlation_id}, "application/json")

    async def _may_send(self, principal: Principal, system: str) -> str:
        principal.need(Role.SYSTEM, Role.ADMIN, Role.STEWARD)
        if principal.role is Role.SYSTEM and principal.system not in (None, system):
            raise ApiError(Code.FORBIDDEN, f"this key speaks for {principal.system} only")
        if not await self._senders.has_system(principal.tenant_id, system):
            raise ApiError(Code.UNKNOWN_SYSTEM, f"no system {system[:60]!r} is connected", "system", "Connect it first.")
        return system

    async def _all_lines(
        self, origin: Origin, system: str, raw: bytes, correlation_id: str
    ) -> tuple[int, list[dict[str, Any]]]:
        errors: list[dict[str, Any]] = []
        waiting: list[tuple[int, NewMessage]] = []
        accepted = 0
        for number, line in enumerate(raw.split(b"\n"), 1):
            if number > MOST_LINES:
                raise ApiError(Code.TOO_LARGE, f"at most {MOST_LINES} lines at once")
            if not line.strip():
                continue
            try:
                waiting.append((number, self._line(system, line, correlation_id)))
            except ApiError as error:
                errors.append({"line": number, "code": error.code, "message": str(error)})
            if len(waiting) == LINES_AT_ONCE:
                accepted += await self._flush(origin, waiting, errors)
        return accepted + await self._flush(origin, waiting, errors), errors

    def _line(self, system: str, line: bytes, correlation_id: str) -> NewMessage:
        """``{"object", "externalId", "body", "version", "delete", "idempotencyKey"}``."""
        given = parse_json(line, "the line")
        if not isinstance(given, dict):
            raise ApiError(Code.BAD_REQUEST, "a line is an object with object, externalId and body")
        for name in ("object", "externalId"):
            if not isinstance(given.get(name), str) or not given[name]:
                raise ApiError(Code.BAD_REQUEST, f"{name} must be text", name)
        if unknown := sorted(given.keys() - _LINE):
            raise ApiError(Code.BAD_REQUEST, f"a line has no {unknown[0][:60]!r}")
        return NewMessage(
            system, given["object"], given["externalId"], exact_json(given.get("body")).encode(),
            str(given.get("idempotencyKey") or self._services.new_id()), correlation_id,
            given.get("delete") is True, str(given.get("version") or ""),
        )  # fmt: skip

    async def _flush(self, origin: Origin, waiting: list[tuple[int, NewMessage]], errors: list[dict[str, Any]]) -> int:
        """Store what waits; answers how many were taken."""
        if not waiting:
            return 0
        stored = await self._services.receiver.receive(origin, [message for _, message in waiting])
        for (number, _), one in zip(waiting, stored, strict=True):
            if one.status == "conflict":
                conflict = {"code": Code.IDEMPOTENCY_CONFLICT, "message": "this idempotency key was used for another body"}
                errors.append({"line": number, **conflict})
        waiting.clear()
        return sum(one.status != "conflict" for one in stored)

    async def _keep(self, origin: Origin, messages: Sequence[NewMessage]) -> list[Stored]:
        stored = await self._services.receiver.receive(origin, messages) if messages else []
        RECEIVED.labels(origin.actor, origin.channel).inc(len(stored))
        return stored


_NOTED = {
    "lines": metrics_of("/ingest/{system}"), "hook": metrics_of("/hooks/{system}"), "of_tenant": metrics_of("/hooks/{tenant}/{system}"),
}  # fmt: skip
_LINE = frozenset({"object", "externalId", "body", "version", "delete", "idempotencyKey"})


def _accepted(stored: Sequence[Stored], correlation_id: str) -> Response:
    """202 with the ids; 409 when a key was used for another body."""
    clash = [one.key for one in stored if one.status == "conflict"]
    body: dict[str, Any] = {"accepted": len(stored) - len(clash), "ids": [str(one.id) for one in stored], "correlationId": correlation_id}
    if clash:
        body["errors"] = [{"code": Code.IDEMPOTENCY_CONFLICT, "message": f"key {key[:100]!r} was used for another body"} for key in clash]
    return Response(orjson.dumps(body), 409 if clash else 202, {"x-correlation-id": correlation_id}, "application/json")
