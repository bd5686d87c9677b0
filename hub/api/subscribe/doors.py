"""The two doors of subscriptions, put together: websockets and event streams over the same groups."""

from __future__ import annotations

from graphql import GraphQLSchema

from hub.api.auth import Keys
from hub.api.context import Services
from hub.api.http import GraphQLEndpoint
from hub.api.rates import Rates
from hub.api.run import Runner
from hub.api.subscribe.access import Visits
from hub.api.subscribe.broadcast import Broadcasts
from hub.api.subscribe.requests import Requests
from hub.api.subscribe.sockets import Sockets
from hub.api.subscribe.streams import Streams


class SubscriptionDoors:
    """``sockets`` is an ASGI application for websockets, ``streams`` answers ``/graphql/stream``; made in a running loop."""

    def __init__(
        self, schema: GraphQLSchema, runner: Runner, endpoint: GraphQLEndpoint, rates: Rates, services: Services, keys: Keys
    ) -> None:
        self._visits = Visits(keys)
        self.broadcasts = Broadcasts(schema, runner, services)
        requests = Requests(runner, endpoint._documents, rates)
        self.sockets = Sockets(requests, self.broadcasts, services, self._visits)
        self.streams = Streams(requests, self.broadcasts, services, self._visits)

    async def aclose(self) -> None:
        self._visits.stop()
        self.sockets.stop()
        await self.broadcasts.aclose()
