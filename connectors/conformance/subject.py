"""What a connector brings to the suite, and what the checks say in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from connectors.errors import ConnectorError
from connectors.port import Connector, Incoming, Operation, Page, Write


class NotApplicable(Exception):
    """The system has nothing to check here (no webhooks, no tokens); the message says why."""


class Subject(Protocol):
    """One kind of record of one system, driven from outside of the connector."""

    resource: str
    """Where it is polled."""
    object: str
    entity: str
    page_size: int
    tells_how_long: bool
    """Whether the system says how long to wait when it was asked too often."""

    def connector(self) -> Connector:
        """A fresh connector to the same system, as after a restart; the subject closes it at the end."""
        ...

    def connector_with_wrong_credentials(self) -> Connector: ...

    async def enter(self, count: int) -> list[str]:
        """Enter records as a user of the system would; their ids."""
        ...

    async def change(self, id: str) -> None: ...

    async def delete(self, id: str) -> None: ...

    async def ids(self) -> set[str]:
        """Ids of all records that are not deleted."""
        ...

    async def fault(self, kind: str, operation: str, **options: Any) -> None:
        """``lose_answer``, ``429``, ``500``, ``503``, ``slow``, ``cut``, ``malformed``, ``drift`` or ``reject`` for list, create or update requests."""
        ...

    async def set_clock(self, ahead_s: float) -> None:
        """Let the system's clock go wrong by so much, as those of servers do."""
        ...

    async def expire_tokens(self) -> None: ...

    async def webhook(self, id: str) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of the webhook that a change of this record sends."""
        ...

    def body(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new record in the vendor's shape, and its natural key."""
        ...

    def refused(self) -> tuple[dict[str, Any], str]:
        """A body that the system refuses, and the field it says so about."""
        ...

    async def version_of(self, id: str) -> str:
        """The record's version as the connector tells it."""
        ...


Check = Callable[[Subject], Awaitable[None]]


def name_of(check: Check) -> str:
    return check.__name__


def write(subject: Subject, key: str, number: int, operation: Operation = "create", **more: Any) -> Write:
    body, natural_key = subject.body(number)
    about: dict[str, Any] = {"external_id": None, "body": body, "natural_key": natural_key} | more
    return Write(key, operation, subject.object, subject.entity, **about)


async def read_all(connector: Connector, resource: str, checkpoint: str = "") -> tuple[list[Incoming], str, Page]:
    """All messages up to the present, the checkpoint behind them and the last page."""
    found: list[Incoming] = []
    for _ in range(100_000):
        page = await connector.poll(resource, checkpoint)
        found.extend(page.messages)
        checkpoint = page.checkpoint
        if not page.has_more:
            return found, checkpoint, page
    raise AssertionError("the poll does not end")


def present(messages: list[Incoming]) -> set[str]:
    """Ids whose newest message is no delete."""
    newest = {one.external_id: one for one in messages}
    return {id for id, one in newest.items() if not one.is_delete}


async def raises(kind: type[ConnectorError], request: Awaitable[Any]) -> Any:
    """The error the request ends with; it must be of this kind."""
    try:
        answer = await request
    except kind as error:
        return error
    except ConnectorError as error:
        raise AssertionError(f"expected {kind.__name__}, got {type(error).__name__}: {error}") from error
    raise AssertionError(f"expected {kind.__name__}, got the answer {answer!r}")
