"""The query function and the query language of ``readByQuery``, over typed values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from connectors.sage_intacct.simulator.company import Company
from connectors.sage_intacct.simulator.objects import OBJECTS, typed, wrong
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row
from connectors.xml import Element

MOST = 2000
MOST_IN = 1000
Judge = Callable[[Row], bool]
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "equalto": lambda a, b: bool(a == b), "notequalto": lambda a, b: bool(a != b), "lessthan": lambda a, b: bool(a < b),
    "lessthanorequalto": lambda a, b: bool(a <= b), "greaterthan": lambda a, b: bool(a > b), "greaterthanorequalto": lambda a, b: bool(a >= b),
}  # fmt: skip
_SIGNS = {"=": "equalto", "!=": "notequalto", "<>": "notequalto", "<": "lessthan", "<=": "lessthanorequalto", ">": "greaterthan", ">=": "greaterthanorequalto"}
_TERM = re.compile(r"\s*([A-Za-z_.0-9]+)\s*(<=|>=|<>|!=|=|<|>|\blike\b|\bin\b)\s*('(?:[^']|'')*'|\((?:[^()]|'[^']*')*\)|[^\s()]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, with the fields to show and the counts beside it."""

    rows: tuple[Row, ...]
    fields: tuple[str, ...]
    total: int
    offset: int

    @property
    def remaining(self) -> int:
        return max(0, self.total - self.offset - len(self.rows))


class UnknownFieldError(ValueError):
    """A query names a field that the object has not."""


def queried(company: Company, asked: Element) -> Found | Refusal:
    """What a ``query`` finds."""
    object = asked.said("object")
    if object not in OBJECTS:
        return wrong(f"The object {object} does not exist")
    select = asked.find("select")
    fields = tuple(one.text.strip() for one in select.all("field")) if select else ()
    unknown = [one for one in fields if not company.has(object, one)]
    if unknown or not fields:
        return Refusal("DL02000001", unknown[0] if unknown else "select", f"Invalid query|Field {unknown[0] if unknown else ''} is not defined for {object}|Check the fields")
    size, offset = int(asked.said("pagesize") or 100), int(asked.said("offset") or 0)
    if not 1 <= size <= MOST:
        return wrong(f"The pagesize must be between 1 and {MOST}", "pagesize")
    try:
        filter = asked.find("filter")
        judge = _all(company, object, filter.children) if filter else _everything
        rows = _ordered(company, object, asked.find("orderby"), [row for row in company.store.table(object) if judge(row)])
    except ValueError as error:
        return Refusal("DL02000001", "", f"Invalid query|{error}|Check the filter")
    return Found(tuple(rows[offset : offset + size]), fields, len(rows), offset)


def _everything(_: Row) -> bool:
    return True


def _all(company: Company, object: str, conditions: Iterable[Element]) -> Judge:
    judges = [_judge(company, object, one) for one in conditions]
    return lambda row: all(one(row) for one in judges)


def _judge(company: Company, object: str, condition: Element) -> Judge:
    if condition.name == "and":
        return _all(company, object, condition.children)
    if condition.name == "or":
        judges = [_judge(company, object, one) for one in condition.children]
        return lambda row: any(one(row) for one in judges)
    name, values = condition.said("field"), [one.text.strip() for one in condition.all("value")]
    if not company.has(object, name):
        raise UnknownFieldError(f"Field {name} is not defined for {object}")
    return _compared(company, object, condition.name, name, values)


def _compared(company: Company, object: str, operator: str, name: str, values: list[str]) -> Judge:
    kind = OBJECTS[object].fields[name].type if name in OBJECTS[object].fields else "TEXT"
    if operator in ("isnull", "isnotnull"):
        return lambda row: (company.value(row, name) == "") is (operator == "isnull")
    if operator == "in" and len(values) > MOST_IN:
        raise ValueError(f"in takes at most {MOST_IN} values")
    wanted = [typed(kind, one) for one in values]
    if not wanted or any(one is None for one in wanted):
        raise ValueError(f"{values[:1]} is not a valid value of {name}")
    if operator in ("like", "notlike"):
        pattern = re.compile("".join(".*" if one == "%" else re.escape(one) for one in values[0]), re.IGNORECASE | re.DOTALL)
        return lambda row: (pattern.fullmatch(company.value(row, name)) is not None) is (operator == "like")

    def judged(row: Row) -> bool:
        text = company.value(row, name)
        value = typed(kind, text) if text else None
        if operator in ("in", "notin"):
            return (value in wanted) is (operator == "in")
        if operator == "between":
            return value is not None and wanted[0] <= value <= wanted[-1]
        return value is not None and _COMPARED[operator](value, wanted[0])

    if operator not in (*_COMPARED, "in", "notin", "between"):
        raise ValueError(f"the operator {operator} is unknown")
    return judged


def _ordered(company: Company, object: str, orderby: Element | None, rows: list[Row]) -> list[Row]:
    for one in reversed(list(orderby.all("order")) if orderby else []):
        name = one.said("field")
        if name == "RECORDNO" and one.find("descending") is None:
            rows.sort(key=lambda row: int(row.fields["RECORDNO"]))
            continue
        if not company.has(object, name):
            raise UnknownFieldError(f"Field {name} is not defined for {object}")
        kind = OBJECTS[object].fields[name].type if name in OBJECTS[object].fields else "TEXT"
        rows.sort(key=lambda row: _sortable(kind, company.value(row, name)), reverse=one.find("descending") is not None)
    return rows


def _sortable(kind: str, text: str) -> tuple[bool, Any]:
    value = typed(kind, text) if text else None
    return (value is not None, value if value is not None else 0)


def read_by_query(company: Company, object: str, text: str) -> list[Row] | Refusal:
    """The rows that a query like ``WHENMODIFIED > '01/31/2026 00:00:00' AND STATUS = 'active'`` finds; "" finds all."""
    try:
        judges: list[Judge] = []
        rest = text.strip()
        while rest:
            found = _TERM.match(rest)
            if found is None:
                raise ValueError(f"cannot read the query at {rest[:30]!r}")
            name, sign, value = found[1].upper(), found[2].lower(), found[3]
            if not company.has(object, name):
                raise UnknownFieldError(f"Field {name} is not defined for {object}")
            values = [one.strip().strip("'") for one in value[1:-1].split(",")] if sign == "in" else [value.strip("'").replace("''", "'")]
            judges.append(_compared(company, object, _SIGNS.get(sign, sign), name, values))
            rest = rest[found.end() :].strip()
            if rest and not rest.lower().startswith("and "):
                raise ValueError(f"cannot read the query at {rest[:30]!r}")
            rest = rest[4:].strip()
    except ValueError as error:
        return Refusal("DL02000001", "", f"Invalid query|{error}|Check the query")
    return [row for row in company.store.table(object) if all(one(row) for one in judges)]
