"""Server-sent events at ``/graphql/stream``: graphql-sse in distinct connections mode, one operation a connection.

Every event of ``changes`` carries its cursor as ``id``, so that ``Last-Event-ID`` resumes without gap or double.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.api.access import Principal
from hub.api.bodies import GRAPHQL_BYTES, need_json_type, parse_json, read_body
from hub.api.context import Services
from hub.api.errors import ApiError, Code, Problem, problem_of
from hub.api.http import correlation_of, parameters, refusal
from hub.api.run import error_out
from hub.api.subscribe.access import Visits, presented
from hub.api.subscribe.answers import Answer
from hub.api.subscribe.broadcast import Broadcasts
from hub.api.subscribe.execute import InvalidError
from hub.api.subscribe.groups import Member
from hub.api.subscribe.metrics import CONNECTIONS
from hub.api.subscribe.outlets import QueueOutlet, keeps_alive
from hub.api.subscribe.requests import Requests
from hub.telemetry import logger

log = logger("api.subscribe")

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_S = 15.0
LOOK_S = 1.0
MOST_STREAMS = 10_000
HEADERS = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}
"""Proxies neither keep nor gather the stream."""


class Streams:
    """``GET`` and ``POST /graphql/stream``."""

    def __init__(self, requests: Requests, broadcasts: Broadcasts, services: Services, visits: Visits) -> None:
        self.requests, self.broadcasts, self.services, self.visits = requests, broadcasts, services, visits
        self.open = 0

    async def __call__(self, request: Request) -> Response:
        """A stream, or an ordinary refusal before it begins; never raises."""
        correlation_id = correlation_of(request, str(self.services.new_id()))
        stream = Stream(self, correlation_id, request.headers.get("last-event-id", ""))
        try:
            if MEDIA_TYPE not in request.headers.get("accept", ""):
                raise ApiError(Code.NOT_ACCEPTABLE, "this address answers with a stream", remedy=f"Send Accept: {MEDIA_TYPE}.")
            if self.open >= MOST_STREAMS:
                raise ApiError(Code.UNAVAILABLE, "too many streams are open", remedy="Try again shortly.")
            credentials = presented(request.headers.get("authorization", ""), request.scope)
            principal = await self.visits.admit(credentials, stream)
            given = await _read(request)
        except Exception as error:  # noqa: BLE001 - the door: nothing may pass it unmasked
            self.visits.leave(stream)
            return refusal(error, correlation_id)
        stream.begin(principal, given, only_queries=request.method == "GET")
        return stream


async def _read(request: Request) -> Any:
    if request.method == "GET":
        return parameters(request.scope["query_string"])
    need_json_type(request.headers.get("content-type", ""))
    return parse_json(await read_body(request, GRAPHQL_BYTES))


class Stream(Response):
    """One connection and its operation; a sink of a group."""

    def __init__(self, streams: Streams, correlation_id: str, last_event_id: str) -> None:
        super().__init__(None, 200, {**HEADERS, "x-correlation-id": correlation_id}, MEDIA_TYPE)
        del self.headers["content-length"]
        self._streams, self._correlation_id, self._last_event_id = streams, correlation_id, last_event_id
        self._principal: Principal | None = None
        self._given: Any = None
        self._only_queries = False
        self._outlet: QueueOutlet | None = None
        self._member: Member | None = None
        self._ended = asyncio.Event()

    def begin(self, principal: Principal, given: Any, *, only_queries: bool) -> None:
        self._principal, self._given, self._only_queries = principal, given, only_queries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def carry(frame: bytes) -> None:
            await send({"type": "http.response.body", "body": frame, "more_body": True})

        self._streams.open += 1
        tasks: list[asyncio.Task[None]] = []
        try:
            with CONNECTIONS.labels("stream").track_inprogress():
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                self._outlet = outlet = QueueOutlet(carry)
                tasks += [asyncio.create_task(one) for one in (self._run(), self._until_gone(receive), self._beat(scope))]
                outlet.write(b": the hub\n\n")  # headers leave now, also through proxies
                await self._ended.wait()
                async with asyncio.timeout(5):
                    await outlet.drained()
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, RuntimeError, TimeoutError):
            pass  # the other side has gone
        finally:
            self._streams.open -= 1
            self._leave()
            if self._outlet is not None:
                self._outlet.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        assert self._principal is not None
        broadcasts, requests = self._streams.broadcasts, self._streams.requests
        try:
            asked, allowance = requests.read(self._given, self._principal)
            if broadcasts.executor.is_subscription(asked):
                self._member = await broadcasts.subscribe(
                    self._principal, asked, self, self._correlation_id, self._last_event_id
                )
                return
            async with asyncio.timeout(self._streams.services.settings.request_timeout_s):
                answer = await requests.run(
                    self._principal, asked, allowance, self._correlation_id, only_queries=self._only_queries
                )
            self.give(Answer(answer.body))
            self.end(None)
        except InvalidError as error:
            self._finish({"errors": error.errors})
        except GraphQLError as error:
            self._finish({"errors": [error_out(error, self._correlation_id)]})
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                log.error("stream_failed", correlation_id=self._correlation_id, exc_info=error)
                problem = Problem(Code.INTERNAL, "something went wrong here; the correlation id finds it in our log")
            self.end(problem)

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._ended.set()

    async def _beat(self, scope: Scope) -> None:
        """Comments keep the way open, and find out when nobody is there; a server that shuts down ends streams at once."""
        silent_s, kept_alive = 0.0, keeps_alive(scope)
        while True:
            await asyncio.sleep(LOOK_S)
            if kept_alive and not keeps_alive(scope):
                self._ended.set()
            silent_s += LOOK_S
            if silent_s >= HEARTBEAT_S and self._outlet is not None and self._outlet.has_room():
                silent_s = 0.0
                self._outlet.write(b":\n\n")

    def _finish(self, result: Mapping[str, Any]) -> None:
        self.give(Answer(orjson.dumps(result, default=str)))
        self.end(None)

    def _leave(self) -> None:
        self._streams.visits.leave(self)
        if self._member is not None:
            self._streams.broadcasts.leave(self._member)

    def expire(self, reason: str) -> None:
        self.end(Problem(Code.FORBIDDEN, reason, "", "Subscribe again with a valid key, after the last cursor."))

    # a sink

    def has_room(self) -> bool:
        return self._outlet is not None and self._outlet.has_room()

    def give(self, answer: Answer) -> None:
        if self._outlet is not None and not self._ended.is_set():
            self._outlet.write(answer.event())

    @property
    def direct(self) -> None:
        """An event stream has its own task."""
        return None

    async def room(self) -> None:
        assert self._outlet is not None
        await self._outlet.room()

    @property
    def is_closed(self) -> bool:
        return self._ended.is_set() or self._outlet is None or self._outlet.is_closed

    def end(self, problem: Problem | None) -> None:
        """Complete, after an event that says what went wrong."""
        if self._ended.is_set():
            return
        if problem is not None:
            told = {"message": problem.message, "extensions": problem.extensions(self._correlation_id)}
            self.give(Answer(orjson.dumps({"errors": [told]})))
        if self._outlet is not None:
            self._outlet.write(b"event: complete\ndata:\n\n")
        self._ended.set()

    def stalled(self, cursor: str) -> None:
        self.end(Problem(Code.TIMEOUT, f"nothing was read for too long; resume after {cursor}", "after", "", True))
