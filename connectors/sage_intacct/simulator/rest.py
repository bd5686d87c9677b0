"""The REST API of the simulated company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from connectors.sage_intacct.simulator.server import SageIntacct


class RestApi:
    def __init__(self, server: SageIntacct) -> None:
        self.server = server
        self.tokens: dict[str, float] = {}

    def routes(self, app: web.Application) -> None: ...

    def is_allowed(self, request: web.Request) -> bool:
        return False
