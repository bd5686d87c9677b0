"""What an answer means: the error table of the configuration first, then what HTTP says about every system."""

from __future__ import annotations

from typing import Any

from connectors.errors import (
    Cause, ConnectorError, CredentialsError, RateLimitedError, RejectedError, RetriableError, SchemaDriftError, UnknownOutcomeError,
)  # fmt: skip
from connectors.http import Answer, retry_after_s
from connectors.rest.config import ErrorRule, RestConfig
from schema.paths import ABSENT, at_path

REMEDIES: dict[Cause, str] = {
    "validation": "Correct the value in the hub or at its owner, then retry.",
    "duplicate": "Link the existing record there instead of creating another.",
    "closed_period": "Open the period there, or move the date; it is retried when the period opens.",
    "lock": "Release the record there, then retry.",
    "permission": "Give the hub's user the right there, then retry.",
    "not_found": "Restore the record there, or unlink it in the hub.",
    "conflict": "Read the record again, then retry.",
    "reference": "Deliver or link the record it refers to first.",
}
_BY_STATUS: dict[int, Cause] = {403: "permission", 404: "not_found", 409: "conflict", 410: "not_found", 412: "conflict", 423: "lock"}


def error_of(config: RestConfig, answer: Answer, what: str, *, is_read: bool) -> ConnectorError:
    """The error a refused request is; ``what`` names the request in its message ("create customer")."""
    system, status = config.system, answer.status
    body = _parsed(answer)
    code = _first(body, config.error_paths.code)
    detail = _first(body, config.error_paths.message)[:1000]
    field = _first(body, config.error_paths.field)
    rule = next((one for one in config.errors if _fits(one, status, code, answer)), None)
    wait = retry_after_s(answer.headers.get("retry-after"), default=rule.retry_after_s if rule else 0.0)
    about = f"{system} refuses to {what}" + (f": {code}" if code else f" ({status})") + (f" at {field}" if field else "")
    match rule.kind if rule else _kind(status, is_read):
        case "retriable":
            return RetriableError(f"{system} cannot {what} now ({code or status})", retry_after_s=wait, system=system, status=status)
        case "rate_limited":
            return RateLimitedError(
                f"{system} asks us to slow down", retry_after_s=wait or 1.0, scope=system, system=system, status=status
            )
        case "unknown":
            return UnknownOutcomeError(f"{system} may or may not {what} ({code or status})", system=system, status=status)
        case "credentials":
            return CredentialsError(f"{system} does not accept our credentials ({code or status})", system=system, status=status)
    cause: Cause = rule.cause if rule else _BY_STATUS.get(status, "validation")
    return RejectedError(
        about, cause=cause, field=(rule.field if rule else "") or field, remedy=(rule.remedy if rule else "") or REMEDIES[cause],
        code=code, detail=detail, system=system, status=status,
    )  # fmt: skip


def _kind(status: int, is_read: bool) -> str:
    """500 and gateway errors say nothing about whether a write was applied; 503 says it was not."""
    if status >= 500:
        return "retriable" if is_read or status == 503 else "unknown"
    return "retriable" if status in (408, 425) and is_read else "unknown" if status in (408,) else "rejected"


def _fits(rule: ErrorRule, status: int, code: str, answer: Answer) -> bool:
    if rule.statuses and not {str(status), f"{status // 100}xx"} & set(rule.statuses):
        return False
    if rule.codes and code not in rule.codes:
        return False
    return not rule.contains or rule.contains.encode() in answer.body


def _parsed(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _first(body: Any, paths: tuple[str, ...]) -> str:
    for path in paths:
        found = at_path(body, path)
        if found is not ABSENT and found is not None and not isinstance(found, dict | list):
            return str(found)
    return ""


def parsed(config: RestConfig, answer: Answer, object: str) -> Any:
    """The JSON of a good answer to a read. Raises RetriableError when it is cut or no JSON at all."""
    try:
        return answer.json()
    except ValueError as error:
        message = f"{config.system} answered no valid JSON about {object}"
        raise RetriableError(message, system=config.system, status=answer.status) from error


def found_at(config: RestConfig, body: Any, path: str, object: str) -> Any:
    """What lies at ``path`` of a good answer. Raises SchemaDriftError when nothing does."""
    found = at_path(body, path) if path else body
    if found is ABSENT:
        message = f"the answer of {config.system} about {object} has no {path!r}"
        raise SchemaDriftError(message, object=object, path=path, system=config.system)
    return found
