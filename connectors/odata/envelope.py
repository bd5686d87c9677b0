"""Answers of OData as plain values: lists with what leads on from them, single records, errors of every make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.odata.values import plain

_GENERIC = frozenset({"", "An error has occurred.", "An error occurred while processing your request."})


@dataclass(frozen=True, slots=True)
class Removed:
    """A record that a delta tells is gone: deleted, or ("changed") no longer what was asked for. ``id`` is a key or an address."""

    id: str
    reason: str = "deleted"


@dataclass(frozen=True, slots=True)
class Listing:
    """One page. ``next`` and ``delta`` are addresses to be followed as they are, "" when there are none."""

    records: list[dict[str, Any]]
    removed: list[Removed] = field(default_factory=list)
    next: str = ""
    delta: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a service says no: its code, its words, and the property it says so about ("" when it names none)."""

    code: str = ""
    text: str = ""
    target: str = ""


def listing(body: Any) -> Listing | None:
    """The page of a good answer in either version; None when the answer is no list."""
    if not isinstance(body, dict):
        return None
    if "value" in body:
        return _listing_4(body)
    inner = body.get("d")
    if isinstance(inner, list):  # the first form of version 2
        return Listing(plain(inner))
    if not isinstance(inner, dict) or not isinstance(inner.get("results"), list):
        return None
    return Listing(plain(inner["results"]), next=_text(inner.get("__next")), delta=_text(inner.get("__delta")), count=_count(inner.get("__count")))


def _listing_4(body: dict[str, Any]) -> Listing | None:
    rows = body["value"]
    if not isinstance(rows, list):
        return None
    records: list[dict[str, Any]] = []
    removed: list[Removed] = []
    for row in rows:
        gone = _gone(row)
        if gone is None:
            records.append(row)
        else:
            removed.append(gone)
    return Listing(
        records, removed, _control(body, "nextLink"), _control(body, "deltaLink"), _count(body.get("@odata.count", body.get("@count"))),
    )  # fmt: skip


def _gone(row: Any) -> Removed | None:
    """The entry of a deleted record: 4.0 marks it by its context, 4.01 by ``@removed``."""
    if not isinstance(row, dict):
        return None
    marked = row.get("@removed", row.get("@odata.removed"))
    context = _control(row, "context")
    if marked is None and not context.endswith("/$deletedEntity"):
        return None
    reason = marked.get("reason") if isinstance(marked, dict) else row.get("reason")
    return Removed(_text(row.get("id")) or _control(row, "id"), _text(reason) or "deleted")


def _control(body: dict[str, Any], name: str) -> str:
    """A control annotation; 4.01 may leave out the namespace."""
    return _text(body.get(f"@odata.{name}", body.get(f"@{name}")))


def record(body: Any) -> dict[str, Any] | None:
    """The record of a good answer about one; None when it is none."""
    if isinstance(body, dict) and isinstance(body.get("d"), dict):
        body = plain(body["d"])
    return body if isinstance(body, dict) else None


def etag(record: Any) -> str:
    """The tag a record carries for the next write of it, "" when it has none."""
    return _control(record, "etag") if isinstance(record, dict) else ""


def problem(body: Any) -> Problem | None:
    """What an error's body says; None when it is no envelope of OData.

    >>> problem({"error": {"code": "/IWBEP/1", "message": {"lang": "en", "value": "No"}}})
    Problem(code='/IWBEP/1', text='No', target='')
    """
    error = body.get("error") if isinstance(body, dict) else None
    if error is None and isinstance(body, dict):
        error = body.get("odata.error")
    if not isinstance(error, dict):
        return None
    found = Problem(_text(error.get("code")), _message(error), _text(error.get("target")))
    inner = error.get("innererror")
    if found.text in _GENERIC and isinstance(inner, dict) and _message(inner):
        found = Problem(found.code, _message(inner), found.target)
    worst = _worst(error)
    if worst is None:
        return found
    return Problem(found.code or worst.code, found.text if found.text not in _GENERIC else worst.text, found.target or worst.target)


def details(body: Any) -> list[Problem]:
    """The single complaints below the first one, with what they are about; notes and warnings are none."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return []
    inner = error.get("innererror")
    listed = (inner.get("errordetails") if isinstance(inner, dict) else None) or error.get("details")
    found = []
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and _is_error(one):
            found.append(Problem(_text(one.get("code")), _message(one), _text(one.get("propertyref")) or _text(one.get("target"))))
    return found


def _worst(error: dict[str, Any]) -> Problem | None:
    """The complaint that names a property, else the first."""
    listed = details({"error": error})
    return next((one for one in listed if one.target), listed[0] if listed else None)


def _is_error(one: dict[str, Any]) -> bool:
    severity = one.get("severity", one.get("@Common.numericSeverity", one.get("@SAP__common.numericSeverity")))
    return severity in (None, "", "error", "E", 4, "4")


def _message(error: dict[str, Any]) -> str:
    stated = error.get("message")
    return _text(stated.get("value")) if isinstance(stated, dict) else _text(stated)


def _count(stated: Any) -> int | None:
    return int(stated) if isinstance(stated, str) and stated.isdecimal() else stated if isinstance(stated, int) and not isinstance(stated, bool) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


