"""What can go wrong with a connected system, grouped by what happens next.

Data travels as attributes, the message is one sentence made from them. No secrets, no record's content.
"""

from __future__ import annotations

from typing import Literal

Cause = Literal["validation", "duplicate", "closed_period", "lock", "permission", "not_found", "conflict", "reference"]


class ConnectorError(Exception):
    """A connected system did not take or give what we asked."""

    def __init__(self, message: str, *, system: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.system, self.status = system, status


class RetriableError(ConnectorError):
    """The same request may succeed later and has certainly not been applied; it is scheduled again."""

    def __init__(self, message: str, *, retry_after_s: float = 0.0, system: str = "", status: int = 0) -> None:
        super().__init__(message, system=system, status=status)
        self.retry_after_s = retry_after_s


class RateLimitedError(RetriableError):
    """We asked too often; everything that shares ``scope`` waits ``retry_after_s``, and no attempt is counted."""

    def __init__(self, message: str, *, retry_after_s: float, scope: str = "", system: str = "", status: int = 429) -> None:
        super().__init__(message, retry_after_s=retry_after_s, system=system, status=status)
        self.scope = scope


class RejectedError(ConnectorError):
    """The system understood and refused; the delivery becomes a dead letter with a task that names field and remedy."""

    def __init__(
        self,
        message: str,
        *,
        cause: Cause = "validation",
        field: str = "",
        remedy: str = "",
        code: str = "",
        detail: str = "",
        system: str = "",
        status: int = 0,
    ) -> None:
        super().__init__(message, system=system, status=status)
        self.cause: Cause = cause
        self.field, self.remedy, self.code = field, remedy, code
        self.detail = detail
        """The system's own words, for the steward who mends it; may quote the record, so it is never logged."""


class UnknownOutcomeError(ConnectorError):
    """The request may have been applied; look up before repeating, not before the object's settling time (law 7)."""

    def __init__(self, message: str, *, settles_after_s: float = 0.0, system: str = "", status: int = 0) -> None:
        super().__init__(message, system=system, status=status)
        self.settles_after_s = settles_after_s


class CredentialsError(ConnectorError):
    """The system does not accept our credentials; every lane of it pauses until a person renews them."""


class SignatureError(ConnectorError):
    """A webhook is not signed by whom it says it comes from; it is answered 401 and not stored."""


class SchemaDriftError(ConnectorError):
    """An answer has not the declared shape (a list is missing, an id is gone); polling of ``object`` stops with a task."""

    def __init__(self, message: str, *, object: str = "", path: str = "", system: str = "", status: int = 0) -> None:
        super().__init__(message, system=system, status=status)
        self.object, self.path = object, path


class ConfigurationError(ConnectorError):
    """A connector's configuration does not say what it must; the message names file, key and what is expected."""
