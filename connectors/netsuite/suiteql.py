"""Queries in SuiteQL, made from values; nothing that a record holds can become part of a query."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["text", "flag", "number", "integer", "date", "instant", "duration", "reference", "named", "currency"]
KINDS: tuple[Kind, ...] = ("text", "flag", "number", "integer", "date", "instant", "duration", "reference", "named", "currency")
INSTANT = "'YYYY-MM-DD\"T\"HH24:MI:SS'"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_EXPRESSION = re.compile(r"[A-Za-z0-9_.,()' =|+*/-]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value lies in the record as the connector tells it, how it is spelled there, and how a query asks for it."""

    path: str
    kind: Kind
    expression: str

    @property
    def alias(self) -> str:
        return self.path.replace(".", "_").lower()

    def asked(self) -> str:
        """As it stands after SELECT; dates are asked for in one form, since else they come in that of the user."""
        match self.kind:
            case "date":
                return f"TO_CHAR({self.expression}, 'YYYY-MM-DD') AS {self.alias}"
            case "instant":
                return f"TO_CHAR({self.expression}, {INSTANT}) AS {self.alias}"
            case "named":
                return f"{self.expression} AS {self.alias}, BUILTIN.DF({self.expression}) AS {self.alias}_name"
        return f"{self.expression} AS {self.alias}"


def column(stated: str, kind: Kind) -> Column:
    """``companyName``, or ``billingAddress.addr1 = b.addr1`` where the column is called otherwise. Raises ValueError."""
    path, _, expression = (part.strip() for part in stated.partition("="))
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is no field of a record")
    if not expression and "." in path:
        raise ValueError(f"{path!r} needs the column it is read from: {path} = t.…")
    if expression and not _EXPRESSION.fullmatch(expression):
        raise ValueError(f"{expression!r} is no column")
    return Column(path, kind, expression or f"t.{path.lower()}")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of one table (``t``). ``touched`` finds ids of records that changed though their own stamp did not."""

    table: str
    columns: tuple[Column, ...]
    joins: str = ""
    where: str = ""
    touched: str = ""
    stamp: str = "lastmodifieddate"
    """The column of the last change; "" where the table has none."""
    key: bool = False
    """Whether its records carry our key."""
    by_path: Mapping[str, Column] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_path", {one.path: one for one in self.columns})

    def selected(self, *, only_stamps: bool = False) -> str:
        stamp = [f"TO_CHAR(t.{self.stamp}, {INSTANT}) AS lastmodifieddate"] if self.stamp else []
        key = ["t.externalid"] if self.key and not only_stamps else []
        asked = [] if only_stamps else [one.asked() for one in self.columns]
        joins = f" {self.joins}" if self.joins and not only_stamps else ""
        return f"SELECT {', '.join(['t.id', *stamp, *key, *asked])} FROM {self.table} t{joins}"

    def changed(self, since: str, after: str, *, only_stamps: bool = False) -> str:
        """What changed at or after a local instant ("" = everything), behind the id ``after``, by ids: an order that holds."""
        told = [f"({self.where})"] if self.where else []
        if since and self.stamp:
            moment = f"TO_TIMESTAMP({literal(since)}, 'YYYY-MM-DD HH24:MI:SS')"
            stamped = f"t.{self.stamp} >= {moment}"
            told.append(f"({stamped} OR t.id IN ({self.touched.replace('{since}', moment)}))" if self.touched else stamped)
        if after:
            told.append(f"t.id > {number(after)}")
        return f"{self.selected(only_stamps=only_stamps)}{_where(told)} ORDER BY t.id"

    def one(self, id: str) -> str:
        return f"{self.selected()}{_where([*([f'({self.where})'] if self.where else []), f't.id = {number(id)}'])}"

    def alike(self, wanted: Mapping[str, Any], *, only_stamps: bool = False) -> str:
        """The records that have these values. Raises ValueError for a path that no column holds."""
        told = [f"({self.where})"] if self.where else []
        for path, value in wanted.items():
            told.append(
                f"{self._compared(path)} = {_literal_of(self._column(path), value)}" if value is not None else f"{self._compared(path)} IS NULL"
            )
        joins = f" {self.joins}" if self.joins and only_stamps else ""
        return f"{self.selected(only_stamps=only_stamps)}{joins}{_where(told)} ORDER BY t.id"

    def keyed(self, keys: Collection[str]) -> str:
        """Ids of the records that carry one of our keys."""
        return f"SELECT t.id, t.externalid FROM {self.table} t WHERE t.externalid IN ({', '.join(literal(one) for one in keys)}) ORDER BY t.id"

    def _column(self, path: str) -> Column:
        for end in ("", ".id", ".refName"):
            if path.endswith(end) and path.removesuffix(end) in self.by_path:
                return self.by_path[path.removesuffix(end)]
        raise ValueError(f"no column of {self.table} holds {path!r}")

    def _compared(self, path: str) -> str:
        found = self._column(path)
        return f"BUILTIN.DF({found.expression})" if path.endswith(".refName") else found.expression


def deleted(since: str) -> str:
    """What was deleted at or after a local instant, of any kind."""
    return (
        f"SELECT recordid, type, scriptid, TO_CHAR(deleteddate, {INSTANT}) AS deleteddate FROM deletedrecord "
        f"WHERE deleteddate >= TO_TIMESTAMP({literal(since)}, 'YYYY-MM-DD HH24:MI:SS') ORDER BY deleteddate, recordid"
    )


def among(table: str, ids: Collection[str]) -> str:
    """Those of some ids that are of this table."""
    return f"SELECT id FROM {name(table)} WHERE id IN ({', '.join(map(number, ids))}) ORDER BY id"


def listed(table: str, name_column: str) -> str:
    return f"SELECT id, {name(name_column)} AS name FROM {name(table)} ORDER BY id"


def name(text: str) -> str:
    """A table or column as it may stand in a query; raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no table or column of NetSuite")
    return text


def number(text: str) -> str:
    """An internal id as it may stand in a query; raises ValueError for anything else."""
    if not text.isascii() or not text.lstrip("-").isdecimal():
        raise ValueError(f"{text!r} is no internal id")
    return text


def literal(value: Any) -> str:
    """A value as it stands in a query.

    >>> [literal(one) for one in ("O'Hara", True, 7, Decimal("1.50"))]
    ["'O''Hara'", "'T'", '7', '1.50']
    """
    if isinstance(value, bool):
        return "'T'" if value else "'F'"
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _literal_of(column: Column, value: Any) -> str:
    if column.kind == "date":
        if not _DATE.fullmatch(str(value)):
            raise ValueError(f"{value!r} is no date")
        return f"TO_DATE({literal(str(value))}, 'YYYY-MM-DD')"
    if column.kind == "reference" or (column.kind == "named" and str(value).isdecimal()):
        return number(str(value))
    return literal(value)


def _where(told: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(told)}" if told else ""
