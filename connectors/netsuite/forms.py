"""The record as the connector tells it, whichever way it was read, and the body of a request made of it.

A record is told as the record API shapes it, without links and with everything that was asked for (``null`` where NetSuite leaves
it out). Added is what NetSuite keeps elsewhere: a currency's ``symbol``, the ``stage`` of a status, the default addresses as
``billingAddress`` and ``shippingAddress``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import SchemaDriftError
from connectors.netsuite.suiteql import Column, Kind
from schema.paths import ABSENT, at_path, put_path

ADDRESSES = {"billingAddress": "defaultBilling", "shippingAddress": "defaultShipping"}
_CLOCK = re.compile(r"-?\d+:\d\d")
_DROPPED = frozenset({"links", "totalResults", "count", "hasMore", "offset"})


@dataclass(frozen=True)
class Form:
    """How records of one object are told: what is read of them, and what is made of what is read.

    ``compose`` makes a text of others ("{firstName} {lastName}"), ``listed`` a list of one structure (its key → their path),
    ``aliases`` names what is written under another name. ``keyed`` gives each item of a sublist a key made of its values.
    ``projects`` names where an id that may be a customer's or a project's is told once more as a project (where → the field).
    ``parts`` makes a list of what is several things elsewhere: its name → the field; a table that says the same as one before is none.
    """

    columns: tuple[Column, ...]
    currencies: tuple[str, ...] = ()
    compose: Mapping[str, str] = field(default_factory=dict)
    listed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    keyed: Mapping[str, str] = field(default_factory=dict)
    projects: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of_row(self, row: Mapping[str, Any], symbols: Mapping[str, str], moment: Callable[[str], str]) -> dict[str, Any]:
        """The record of a row of SuiteQL, all of whose values are texts."""
        record: dict[str, Any] = {"id": str(row["id"])}
        if row.get("externalid") is not None:
            record["externalId"] = row["externalid"]
        if row.get("lastmodifieddate") is not None:
            record["lastModifiedDate"] = moment(str(row["lastmodifieddate"]))
        for one in self.columns:
            value = row.get(one.alias)
            found = None if value is None or value == "" else _read(one.kind, one.path, str(value), moment)
            if one.kind == "named" and found is not None:
                found = {**found, "refName": row.get(f"{one.alias}_name")}
            put_path(record, one.path, found)
        return self._completed(record, symbols)

    def of_record(self, answered: Mapping[str, Any], symbols: Mapping[str, str]) -> dict[str, Any]:
        """The record as the record API gave it; what it leaves out is empty."""
        record = {name: _plain(value) for name, value in answered.items() if name not in _DROPPED}
        for path, flag in ADDRESSES.items():
            if "addressBook" in answered:
                record[path] = next((_plain(one.get("addressBookAddress")) for one in _items(answered["addressBook"]) if one.get(flag)), None)
        record.pop("addressBook", None)
        for one in self.columns:
            if at_path(record, one.path) is ABSENT and "." not in one.path:
                record[one.path] = None
        return self._completed(record, symbols)

    def _completed(self, record: dict[str, Any], symbols: Mapping[str, str]) -> dict[str, Any]:
        for path in self.currencies:
            _add_symbol(record, path, symbols)
        for name in ("entityStatus", "status"):
            _split_status(record.get(name))
        for path, template in self.compose.items():
            put_path(record, path, re.sub(r"\{([^}]+)\}", lambda match: _text(at_path(record, match[1])), template).strip() or None)
        for path, structure in self.listed.items():
            made = {key: value for key, theirs in structure.items() if (value := at_path(record, theirs)) is not ABSENT and value is not None}
            record[path] = [made] if made else []
        for path, parts in self.parts.items():
            told: list[dict[str, Any]] = []
            for part, theirs in parts.items():
                value = at_path(record, theirs)
                is_new = not isinstance(value, dict) or (_says_something(value) and value not in [one["value"] for one in told])
                if value is not ABSENT and value is not None and is_new:
                    told.append({"part": part, "value": value})
            record[path] = told
        for path, template in self.keyed.items():
            sublist, _, name = path.rpartition(".")
            for item in _items(record.get(sublist)):
                item[name] = re.sub(r"\{([^}]+)\}", lambda match, item=item: _text(at_path(item, match[1])), template)  # type: ignore[misc]
        return record

    def projects_in(self, record: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str, str]]:
        """Where a project may be told: the record or one of its items, the name it is told by, and the id in question."""
        for path, theirs in self.projects.items():
            head, _, name = path.rpartition("[].")
            for holder in _items(at_path(record, head.removesuffix(".items"))) if head else [record]:
                id = at_path(holder, f"{theirs}.id")
                if isinstance(holder, dict) and id is not ABSENT:
                    yield holder, name, _text(id)

    def is_made(self, name: str) -> bool:
        """Whether a field is none of NetSuite's but made here."""
        return name in self.compose or name in self.parts


def _read(kind: Kind, path: str, value: str, moment: Callable[[str], str]) -> Any:
    match kind:
        case "flag":
            return value in ("T", "true", "t")
        case "number" | "integer":
            try:
                return int(value) if kind == "integer" else Decimal(value)
            except (InvalidOperation, ValueError) as error:
                raise SchemaDriftError(f"a query gives at {path} what is no number", path=path) from error
        case "instant":
            return moment(value)
        case "duration":
            return value if _CLOCK.fullmatch(value) else clock(Decimal(value))
        case "reference" | "named" | "currency":
            return {"id": value}
    return value


def clock(hours: Decimal) -> str:
    """Hours as the record API spells them; SuiteQL tells them as a number.

    >>> clock(Decimal("7.5")), clock(Decimal("25.75")), clock(Decimal("-0.3333"))
    ('7:30', '25:45', '-0:20')
    """
    minutes = int((abs(hours) * 60).to_integral_value())
    return f"{'-' if hours < 0 else ''}{minutes // 60}:{minutes % 60:02d}"


def _add_symbol(record: Any, path: str, symbols: Mapping[str, str]) -> None:
    """Beside a currency's id the three letters it is known by; ``item.items[].currency`` is that of each line."""
    head, _, rest = path.partition("[].")
    if rest:
        for item in _items(at_path(record, head.removesuffix(".items"))):
            _add_symbol(item, rest, symbols)
        return
    found = at_path(record, path)
    if isinstance(found, dict) and found.get("id") is not None:
        found["symbol"] = symbols.get(str(found["id"])) or found.get("refName")


def _split_status(status: Any) -> None:
    """"CUSTOMER-Closed Won" has a stage before its name; "Invoice : Open" says first what it is the status of."""
    if not isinstance(status, dict) or not isinstance(status.get("refName"), str):
        return
    status["refName"] = status["refName"].rpartition(" : ")[2].strip()
    stage, dash, _ = status["refName"].partition("-")
    if dash and stage in ("LEAD", "PROSPECT", "CUSTOMER"):
        status["stage"] = stage


def _plain(value: Any) -> Any:
    """A value of the record API without what only says where things are."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items() if name not in _DROPPED}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _items(sublist: Any) -> Sequence[Any]:
    found = sublist.get("items") if isinstance(sublist, Mapping) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _says_something(table: Mapping[str, Any]) -> bool:
    return any(value is not None for value in table.values())


def _text(value: Any) -> str:
    return "" if value is None or value is ABSENT else str(value)


def address_book(body: Mapping[str, Any], current: Mapping[str, Any] | None) -> dict[str, Any]:
    """The address book that a body's default addresses mean; an address that is there already is changed, not added."""
    held = _items((current or {}).get("addressBook"))
    items = []
    for path, flag in ADDRESSES.items():
        if not isinstance(body.get(path), Mapping):
            continue
        here = next((one for one in held if one.get(flag)), None)
        known = {"id": here["id"]} if here is not None and here.get("id") is not None else {flag: True}
        items.append({**known, "addressBookAddress": dict(body[path])})
    return {"addressBook": {"items": items}} if items else {}
