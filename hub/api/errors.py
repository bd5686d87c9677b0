"""What can be wrong with a request, with stable codes a program can act on.

A query tells it in ``errors[].extensions``, a mutation in its payload; both have code, field, whether the same
request may succeed later, the correlation id and what to do. Anything else that goes wrong is a masked ``INTERNAL``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from hub.errors import RequestError


class Code(StrEnum):
    """Stable codes of the API."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    FORBIDDEN_FIELD = "FORBIDDEN_FIELD"
    BAD_REQUEST = "BAD_REQUEST"
    BAD_INPUT = "BAD_INPUT"
    BAD_CURSOR = "BAD_CURSOR"
    BAD_PAGE = "BAD_PAGE"
    TOO_COMPLEX = "TOO_COMPLEX"
    TOO_LARGE = "TOO_LARGE"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    NOT_FOUND = "NOT_FOUND"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    UNKNOWN_ENTITY = "UNKNOWN_ENTITY"
    UNKNOWN_SYSTEM = "UNKNOWN_SYSTEM"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    NOT_BORN = "NOT_BORN"
    REFUSED = "REFUSED"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"


RETRYABLE = frozenset({Code.TIMEOUT, Code.UNAVAILABLE, Code.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, as data. ``field`` is a path in the caller's words (``filter.name``, ``values.legalName``)."""

    code: str
    message: str
    field: str = ""
    remedy: str = ""
    retryable: bool = False

    def extensions(self, correlation_id: str) -> dict[str, object]:
        """How a GraphQL error carries it."""
        return {
            "code": self.code,
            "field": self.field or None,
            "retryable": self.retryable,
            "correlationId": correlation_id,
            "remedy": self.remedy or None,
        }


class ApiError(RequestError):
    """The request cannot be answered as it stands; the caller is told the code, the field and what to do."""

    def __init__(self, code: Code, message: str, field: str = "", remedy: str = "") -> None:
        super().__init__(code.value, message, field=field, remedy=remedy, is_retryable=code in RETRYABLE)


def problem_of(error: BaseException) -> Problem | None:
    """What may be told of an error: ours as it is, time-outs of Postgres as such; None means it must be masked."""
    match error:
        case RequestError():
            return Problem(error.code.upper(), str(error), error.field, error.remedy, error.is_retryable)
        case asyncpg.QueryCanceledError() | TimeoutError():
            return Problem(
                Code.TIMEOUT, "it took too long and was stopped", "", "Ask for less at once, or try again.", True
            )
        case asyncpg.DataError():
            return Problem(Code.BAD_INPUT, "a value does not fit the field it was compared with or stored in")
        case (
            asyncpg.PostgresConnectionError() | asyncpg.InterfaceError() | asyncpg.OperatorInterventionError()
            | asyncpg.InsufficientResourcesError() | asyncpg.ReadOnlySQLTransactionError() | asyncpg.InternalClientError() | OSError()
        ):  # fmt: skip
            return Problem(Code.UNAVAILABLE, "the database cannot be reached", "", "Try again shortly.", True)
        case asyncpg.SerializationError() | asyncpg.DeadlockDetectedError() | asyncpg.LockNotAvailableError():
            return Problem(Code.UNAVAILABLE, "somebody else changed the same records", "", "Try again.", True)
    return None
