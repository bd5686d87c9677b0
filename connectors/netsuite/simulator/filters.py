"""The ``q`` of record collections: ``lastModifiedDate AFTER "5/16/2026" AND companyName CONTAIN "Nord"``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from connectors.netsuite.simulator.types import RecordType, Spec

_TERM = re.compile(r'\s*([A-Za-z_][\w.]*)\s+([A-Z_]+)(?:\s+("[^"]*"|\[[^\]]*\]|[^\s"]+))?\s*')
_JOIN = re.compile(r"\s*(AND|OR)\s+", re.IGNORECASE)
Judge = Callable[[Mapping[str, Any]], bool]


class FilterError(ValueError):
    """A filter that NetSuite would not take."""


def judge(text: str, kind: RecordType, day_form: str, zone: ZoneInfo) -> Judge:
    """What a filter says of a record. ``day_form`` is how the account writes days (strftime). AND binds stronger. Raises FilterError."""
    parts: list[list[Judge]] = [[]]
    at = 0
    while at < len(text):
        term = _TERM.match(text, at)
        if term is None:
            raise FilterError(f"Invalid search query: {text[at:]}")
        parts[-1].append(_condition(term[1], term[2], (term[3] or "").strip('"'), kind, day_form, zone))
        at = term.end()
        join = _JOIN.match(text, at)
        if join is None:
            break
        if join[1].upper() == "OR":
            parts.append([])
        at = join.end()
    if at < len(text.rstrip()):
        raise FilterError(f"Invalid search query: {text[at:]}")
    return lambda record: any(all(one(record) for one in part) for part in parts)


def _condition(name: str, operator: str, value: str, kind: RecordType, day_form: str, zone: ZoneInfo) -> Judge:
    spec = kind.fields.get(name) or (Spec(name) if name in ("id", "externalId") else None)
    if spec is None:
        raise FilterError(f"Field '{name}' not found")
    if operator in ("EMPTY", "EMPTY_NOT"):
        return lambda record: (record.get(name) in (None, "")) is (operator == "EMPTY")
    if spec.kind in ("date", "instant"):
        return _day(spec, name, operator, value, day_form, zone)
    wanted = [one.strip().strip('"').casefold() for one in value.strip("[]").split(",")]

    def said(record: Mapping[str, Any]) -> str:
        found = record.get(name)
        found = found.get("id") if isinstance(found, dict) else found
        return "" if found is None else str(found).casefold()

    judges: dict[str, Judge] = {
        "IS": lambda record: said(record) == wanted[0], "EQUAL": lambda record: _number(said(record)) == _number(wanted[0]),
        "CONTAIN": lambda record: wanted[0] in said(record), "START_WITH": lambda record: said(record).startswith(wanted[0]),
        "ANY_OF": lambda record: said(record) in wanted, "GREATER": lambda record: _number(said(record)) > _number(wanted[0]),
        "GREATER_OR_EQUAL": lambda record: _number(said(record)) >= _number(wanted[0]),
        "LESS": lambda record: _number(said(record)) < _number(wanted[0]),
        "LESS_OR_EQUAL": lambda record: _number(said(record)) <= _number(wanted[0]),
        "BETWEEN": lambda record: _number(wanted[0]) <= _number(said(record)) <= _number(wanted[-1]),
    }  # fmt: skip
    return _negatable(operator, judges)


def _day(spec: Spec, name: str, operator: str, value: str, day_form: str, zone: ZoneInfo) -> Judge:
    try:
        wanted = datetime.strptime(value, day_form).date()
    except ValueError as error:
        raise FilterError(f"Invalid search query. Parsing of '{value}' failed with date format '{day_form}'.") from error

    def said(record: Mapping[str, Any]) -> date:
        text = record.get(name)
        if not text:
            return date.min
        return date.fromisoformat(text) if spec.kind == "date" else datetime.fromisoformat(text).astimezone(zone).date()

    return _negatable(operator, {
        "AFTER": lambda record: said(record) > wanted, "BEFORE": lambda record: said(record) < wanted, "ON": lambda record: said(record) == wanted,
        "ON_OR_AFTER": lambda record: said(record) >= wanted, "ON_OR_BEFORE": lambda record: said(record) <= wanted,
    })  # fmt: skip


def _negatable(operator: str, judges: Mapping[str, Judge]) -> Judge:
    if operator in judges:
        return judges[operator]
    positive = judges.get(operator.removesuffix("_NOT"))
    if positive is None:
        raise FilterError(f"Unknown search operator {operator}")
    return lambda record: not positive(record)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal("NaN")
