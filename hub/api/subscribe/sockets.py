"""graphql-transport-ws at ``/graphql``: one connection carries many operations.

The protocol is github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. Queries and mutations run over it too, as over
HTTP. What breaks the protocol ends the connection with the protocol's code; what is wrong with an operation is an
``error`` message of that operation.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from hub.api.access import Principal
from hub.api.bodies import GRAPHQL_BYTES, parse_json
from hub.api.context import Services
from hub.api.cors import origins_of
from hub.api.errors import ApiError, Code, Problem, problem_of
from hub.api.rates import Allowance
from hub.api.run import Asked, error_out
from hub.api.subscribe.access import Visits, is_welcome, presented
from hub.api.subscribe.answers import Answer, next_prefix, text_frame
from hub.api.subscribe.broadcast import Broadcasts
from hub.api.subscribe.execute import InvalidError
from hub.api.subscribe.groups import Direct, Member
from hub.api.subscribe.metrics import CONNECTIONS
from hub.api.subscribe.outlets import DirectOutlet, QueueOutlet, carried, socket_of
from hub.api.subscribe.requests import Requests
from hub.telemetry import logger

log = logger("api.subscribe")

PROTOCOL = "graphql-transport-ws"
INIT_S = 10.0
HEARTBEAT_S = 45.0
"""A connection that says nothing for so long is pinged, and ended when it stays silent as long again. Proxies often give
up after 60 s."""
MOST_OPERATIONS = 100
MOST_QUERIES = 8
"""Queries of one connection that run at a time; more wait."""
MOST_SOCKETS = 10_000
MOST_ID = 200
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, BAD_PROTOCOL, INIT_TIMEOUT = 4400, 4401, 4403, 4406, 4408
SUBSCRIBER_EXISTS, TOO_MANY_INITS, STALLED = 4409, 4429, 4290


class CloseError(Exception):
    """The connection ends with this code; the client is told why in at most 123 bytes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Sockets:
    """All websockets of this process; an ASGI application for scope ``websocket``."""

    def __init__(self, requests: Requests, broadcasts: Broadcasts, services: Services, visits: Visits) -> None:
        self.requests, self.broadcasts, self.services, self.visits = requests, broadcasts, services, visits
        self._origins = origins_of(services.settings.cors_origins)
        self._open: set[Socket] = set()
        self._task = asyncio.create_task(self._beat())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        await receive()
        if len(self._open) >= MOST_SOCKETS or not is_welcome(headers, self._origins):
            await send({"type": "websocket.close", "code": 1008, "reason": "this origin may not connect, or too many are connected"})
            return
        is_spoken = PROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if is_spoken else None})
        if not is_spoken:
            await send({"type": "websocket.close", "code": BAD_PROTOCOL, "reason": "Subprotocol not acceptable"})
            return
        socket = Socket(self, carried(scope, send), receive, send, headers.get("authorization", ""))
        self._open.add(socket)
        with CONNECTIONS.labels("websocket").track_inprogress():
            try:
                await socket.serve()
            finally:
                self._open.discard(socket)

    async def _beat(self) -> None:
        """Heartbeats of all connections, by one task."""
        while True:
            await asyncio.sleep(min(HEARTBEAT_S / 4, INIT_S / 4, 1.0))
            now = time.monotonic()
            for socket in tuple(self._open):
                socket.beat(now)

    def stop(self) -> None:
        self._task.cancel()


class Socket:
    """One connection."""

    def __init__(self, sockets: Sockets, scope: Scope, receive: Receive, send: Send, authorization: str) -> None:
        self._all, self._scope, self._receive, self._send = sockets, scope, receive, send
        self._authorization = authorization
        carrier = socket_of(scope)
        self._direct = DirectOutlet(carrier) if carrier is not None else None
        self.outlet = self._direct or QueueOutlet(self._send_text)
        self._principal: Principal | None = None
        self._is_initialised = False
        self._operations: dict[str, Operation] = {}
        self.queries = asyncio.Semaphore(MOST_QUERIES)
        self._opened_at = self._heard_at = time.monotonic()
        self._pinged_at = 0.0
        self._is_ending = False
        self._closing: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Take messages until the connection ends, whoever ends it."""
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                await self.outlet.room()
                await self._take(message)
        except CloseError as error:
            self.close(error.code, error.reason)
        except Exception as error:
            log.error("socket_failed", exc_info=error)
            self.close(4500, "something went wrong here")
        finally:
            self._all.visits.leave(self)
            for operation in tuple(self._operations.values()):
                operation.cancel()
            if self._closing is not None:
                with suppress(OSError, RuntimeError):
                    await self._closing
            self.outlet.close()

    async def _take(self, message: Any) -> None:
        self._heard_at, self._pinged_at = time.monotonic(), 0.0
        said = _read(message)
        match said.get("type"):
            case "connection_init":
                await self._init(said.get("payload"))
            case "ping":
                self.say({"type": "pong"} | ({"payload": said["payload"]} if said.get("payload") else {}))
            case "pong":
                pass
            case "subscribe":
                self._subscribe(said)
            case "complete":
                operation = self._operations.get(_id_of(said))
                if operation is not None:
                    operation.cancel()
            case _:
                raise CloseError(BAD_REQUEST, "Invalid message")

    async def _init(self, payload: Any) -> None:
        if self._is_initialised:
            raise CloseError(TOO_MANY_INITS, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise CloseError(BAD_REQUEST, "the payload of connection_init must be an object")
        self._is_initialised = True
        found = next((value for name, value in (payload or {}).items() if name.lower() == "authorization"), None)
        authorization = found if isinstance(found, str) else self._authorization
        try:
            self._principal = await self._all.visits.admit(presented(authorization, self._scope), self)
        except ApiError as error:
            raise CloseError(FORBIDDEN, "Forbidden: " + str(error)) from error
        except Exception as error:
            raise CloseError(1013, "the key cannot be looked up now; try again") from error
        self.say({"type": "connection_ack"})

    def _subscribe(self, said: dict[str, Any]) -> None:
        if self._principal is None:
            raise CloseError(UNAUTHORIZED, "Unauthorized")
        id, payload = _id_of(said), said.get("payload")
        if not isinstance(payload, dict):
            raise CloseError(BAD_REQUEST, "subscribe needs a payload")
        if id in self._operations:
            raise CloseError(SUBSCRIBER_EXISTS, f"Subscriber for {id[:60]} already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            problem = Problem(Code.TOO_MANY_REQUESTS, f"at most {MOST_OPERATIONS} operations at once on one connection")
            self.say({"id": id, "type": "error", "payload": [_told(problem, self.new_id())]})
            return
        self._operations[id] = Operation(self, id, payload, self._principal)

    # what operations use

    @property
    def all(self) -> Sockets:
        return self._all

    def forget(self, id: str) -> None:
        self._operations.pop(id, None)

    def say(self, message: dict[str, Any]) -> None:
        self.outlet.write(text_frame(orjson.dumps(message, default=str)))

    def new_id(self) -> str:
        return str(self._all.services.new_id())

    # what ends it

    def expire(self, reason: str) -> None:
        self.close(FORBIDDEN, "Forbidden: " + reason)

    def beat(self, now: float) -> None:
        """Ping when it is silent, end it when it stays so, or never says who it is."""
        if not self._is_initialised:
            if now - self._opened_at >= INIT_S:
                self.close(INIT_TIMEOUT, "Connection initialisation timeout")
        elif self._pinged_at:
            if now - self._pinged_at >= HEARTBEAT_S:
                self.abort()
        elif now - self._heard_at >= HEARTBEAT_S:
            self._pinged_at = now
            if self.outlet.has_room():
                self.say({"type": "ping"})

    def close(self, code: int, reason: str) -> None:
        """End the connection; told once, and cut off when the other side does not take even that."""
        if not self._is_ending:
            self._is_ending = True
            for operation in tuple(self._operations.values()):
                operation.cancel()  # nothing is written behind the closing frame
            self._closing = asyncio.create_task(self._close(code, reason.encode()[:123].decode("utf-8", "ignore")))

    def abort(self) -> None:
        if self._direct is not None:
            self._direct.abort()
        else:
            self.close(1011, "no answer to the heartbeat")

    async def _close(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(5):
                if isinstance(self.outlet, QueueOutlet):
                    await self.outlet.drained()
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except TimeoutError:
            self.abort()
        except (OSError, RuntimeError):
            pass  # the other side was faster

    async def _send_text(self, frame: bytes) -> None:
        """For servers other than uvicorn: the message inside a frame we made."""
        head = 2 if frame[1] < 126 else 4 if frame[1] == 126 else 10
        await self._send({"type": "websocket.send", "text": frame[head:].decode()})


class Operation:
    """One operation of a connection: a sink of a group, or a query under way."""

    def __init__(self, socket: Socket, id: str, payload: dict[str, Any], principal: Principal) -> None:
        self._socket, self._id, self._outlet = socket, id, socket.outlet
        self._prefix = next_prefix(id)
        self._member: Member | None = None
        self._is_over = False
        self._task = asyncio.create_task(self._run(payload, principal))

    async def _run(self, payload: dict[str, Any], principal: Principal) -> None:
        correlation_id = self._socket.new_id()
        broadcasts = self._socket.all.broadcasts
        try:
            asked, allowance = self._socket.all.requests.read(payload, principal)
            if broadcasts.executor.is_subscription(asked):
                self._member = await broadcasts.subscribe(principal, asked, self, correlation_id)
            else:
                await self._answer(asked, principal, allowance, correlation_id)
        except InvalidError as error:
            self._fail(error.errors)
        except GraphQLError as error:
            self._fail([error_out(error, correlation_id)])
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            self._fail([_told(_problem(error, correlation_id), correlation_id)])

    async def _answer(self, asked: Asked, principal: Principal, allowance: Allowance | None, correlation_id: str) -> None:
        async with self._socket.queries, asyncio.timeout(self._socket.all.services.settings.request_timeout_s):
            answer = await self._socket.all.requests.run(principal, asked, allowance, correlation_id)
        if answer.status != 200 and "data" not in (said := orjson.loads(answer.body)):
            self._fail(said["errors"])
            return
        await self._outlet.room()
        self._outlet.write(Answer(answer.body).frame(self._prefix))
        self.end(None)

    def _fail(self, errors: list[dict[str, Any]]) -> None:
        if not self._is_over:
            self._forget()
            self._socket.say({"id": self._id, "type": "error", "payload": errors})

    def cancel(self) -> None:
        """The client has enough, or is gone."""
        self._forget()
        self._task.cancel()

    def _forget(self) -> None:
        self._is_over = True
        self._socket.forget(self._id)
        if self._member is not None:
            self._socket.all.broadcasts.leave(self._member)

    # a sink

    def has_room(self) -> bool:
        return self._outlet.has_room()

    def give(self, answer: Answer) -> None:
        self._outlet.write(answer.frame(self._prefix))

    async def room(self) -> None:
        await self._outlet.room()

    @property
    def direct(self) -> Direct | None:
        outlet = self._outlet
        return Direct(outlet.write_now, outlet.waiting_bytes, self._prefix) if isinstance(outlet, DirectOutlet) else None

    @property
    def is_closed(self) -> bool:
        return self._is_over or self._outlet.is_closed

    def end(self, problem: Problem | None) -> None:
        if self._is_over:
            return
        self._forget()
        if problem is None:
            self._socket.say({"id": self._id, "type": "complete"})
        else:
            self._socket.say({"id": self._id, "type": "error", "payload": [_told(problem, self._socket.new_id())]})

    def stalled(self, cursor: str) -> None:
        self._socket.close(STALLED, f"nothing was read for too long; resume after {cursor}")


def _read(message: Any) -> dict[str, Any]:
    text = message.get("text")
    if text is None or len(text) > GRAPHQL_BYTES:
        raise CloseError(BAD_REQUEST, "a message is text of at most 1 MB")
    try:
        said = parse_json(text.encode(), "the message")
    except (ApiError, UnicodeEncodeError) as error:
        raise CloseError(BAD_REQUEST, str(error)) from error
    if not isinstance(said, dict):
        raise CloseError(BAD_REQUEST, "Invalid message")
    return said


def _id_of(said: dict[str, Any]) -> str:
    id = said.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= MOST_ID:
        raise CloseError(BAD_REQUEST, f"id must be text of 1 to {MOST_ID} characters")
    return id


def _problem(error: Exception, correlation_id: str) -> Problem:
    problem = problem_of(error)
    if problem is None:
        log.error("operation_failed", correlation_id=correlation_id, exc_info=error)
        problem = Problem(Code.INTERNAL, "something went wrong here; the correlation id finds it in our log")
    return problem


def _told(problem: Problem, correlation_id: str) -> dict[str, Any]:
    return {"message": problem.message, "extensions": problem.extensions(correlation_id)}
