"""GraphQL asked from within the process, as the console does: the same documents, checks, limits and answers as over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from hub import telemetry
from hub.api.access import Principal
from hub.api.errors import Code, Problem, problem_of
from hub.api.run import Asked, Runner

log = telemetry.logger("api")


class InProcess:
    """Answers documents of our own pages for whoever is signed in."""

    def __init__(self, runner: Runner, timeout_s: float) -> None:
        self._runner, self._timeout_s = runner, timeout_s

    async def ask(self, principal: Principal, document: str, variables: Mapping[str, Any], correlation_id: str) -> dict[str, Any]:
        """``data`` and, if something went wrong, ``errors`` as GraphQL over HTTP gives them; never raises."""
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._runner.run(principal, Asked(document, dict(variables), None), correlation_id)
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                log.error("a page's request failed", correlation_id=correlation_id, exc_info=error)
                problem = Problem(Code.INTERNAL, "something went wrong here; the correlation id finds it in our log")
            return {"data": None, "errors": [{"message": problem.message, "extensions": problem.extensions(correlation_id)}]}
        found: dict[str, Any] = orjson.loads(answer.body)
        return found
