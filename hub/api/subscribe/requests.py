"""What an operation over a websocket or stream asks, held to the same rules as one over HTTP: trusted documents and rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.api.access import Principal, Role
from hub.api.http import as_wanted
from hub.api.persisted import Documents
from hub.api.rates import Allowance, Rates
from hub.api.run import Answer, Asked, Runner


@dataclass(frozen=True)
class Requests:
    """Shares documents and buckets with the HTTP endpoint, so that neither way is a way around the other's limits."""

    runner: Runner
    documents: Documents
    rates: Rates

    def read(self, given: Any, principal: Principal) -> tuple[Asked, Allowance | None]:
        """An operation's payload. Raises what is wrong with it, GraphQLError for what cannot be parsed."""
        allowance = self.rates.admit(principal)
        wanted = as_wanted(given)
        text = self.documents.text(wanted, is_free=principal.role is Role.ADMIN)
        if not self.runner.check(text).errors:
            self.documents.register(wanted)
        return Asked(text, given.get("variables") or {}, given.get("operationName") or None), allowance

    async def run(
        self, principal: Principal, asked: Asked, allowance: Allowance | None, correlation_id: str, *, only_queries: bool = False
    ) -> Answer:
        """Run a query or mutation as over HTTP."""
        answer = await self.runner.run(principal, asked, correlation_id, only_queries=only_queries)
        if allowance is not None:
            allowance.charge(answer.cost)
        return answer
