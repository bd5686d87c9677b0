"""JSON-RPC over HTTP: named methods and positional parameters in, a result or a fault out.

Versions differ in their envelope only: 2.0 names itself in every request, the older one (Tryton, Odoo's forerunners) does not. What a
fault means is the vendor's: it is raised as it came, for the connector to class. What HTTP itself says (a status, a lost answer) is
:class:`HttpClient`'s to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from connectors.errors import RetriableError, SchemaDriftError, UnknownOutcomeError
from connectors.http import Answer, HttpClient

Version = Literal["", "2.0"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a method answered, and the headers it came with."""

    result: Any
    headers: Mapping[str, str]


class RpcFault(Exception):
    """The method ran and failed; ``error`` is what the answer says of it, in the vendor's form."""

    def __init__(self, error: Any, status: int) -> None:
        super().__init__("the method answered an error")
        self.error, self.status = error, status


class RpcRefused(Exception):
    """The server refused the request before any method ran, or broke off: a status of 400 or more."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"the server answered {answer.status}")
        self.answer = answer


@dataclass
class JsonRpc:
    """The methods of one endpoint."""

    client: HttpClient
    path: str
    version: Version = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1), init=False, repr=False)

    async def call(self, method: str, params: list[Any], *, is_read: bool) -> Reply:
        """Call a method. Raises RpcFault, RpcRefused, and what :meth:`HttpClient.request` does.

        An answer that is no envelope says nothing about whether a write was carried out (UnknownOutcomeError); after a read it is
        retriable when it is cut, and drift when it is whole but of another shape.
        """
        id = next(self._ids)
        asked = {"id": id, "method": method, "params": params} | ({"jsonrpc": self.version} if self.version else {})
        answer = await self.client.request("POST", self.path, json=asked, headers=self.headers, is_read=is_read)
        if answer.status >= 400:
            raise RpcRefused(answer)
        return Reply(self._result(answer, id, method, is_read), answer.headers)

    def _result(self, answer: Answer, id: int, method: str, is_read: bool) -> Any:
        system = self.client.settings.system
        try:
            told = answer.json()
        except ValueError as error:
            kind = RetriableError if is_read else UnknownOutcomeError
            raise kind(f"{system} answered {method} with no valid JSON", system=system, status=answer.status) from error
        if isinstance(told, dict) and told.get("error") is not None:
            raise RpcFault(told["error"], answer.status)
        if not isinstance(told, dict) or told.get("id") != id or "result" not in told:
            message = f"{system} answered {method} with no result"
            if is_read:
                raise SchemaDriftError(message, path="result", system=system, status=answer.status)
            raise UnknownOutcomeError(message, system=system, status=answer.status)
        return told["result"]
