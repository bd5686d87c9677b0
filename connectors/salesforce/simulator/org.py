"""What the simulated org holds, and what it refuses: records, references, stamps, unique fields, computed ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from connectors.salesforce.simulator import soql
from connectors.salesforce.simulator.objects import OBJECTS, SObject, long_id
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store

INTEGRATION_USER = long_id("005NB0000000001")


@dataclass
class Org:
    """The records of one org. ``objects`` are those it has: the standard ones, and those of packages."""

    store: Store
    objects: Mapping[str, SObject] = field(default_factory=lambda: OBJECTS)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def computed(self, object: str, fields: Mapping[str, Any], id: str) -> dict[str, Any]:
        """What the org fills in by itself."""
        return _computed(object, fields, id)

    def veto(self, object: str, known: Row | None, fields: Mapping[str, Any]) -> Refusal | None:
        """Why a trigger does not let a request store these fields; None when it does."""
        if object == "Contract" and known is None and fields.get("Status", "Draft") != "Draft":
            return Refusal("FIELD_INTEGRITY_EXCEPTION", "Status", "Choose a valid contract status and save your changes.")
        return None

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        kind = self.objects[object]
        known = self.store.rows.get(object, {}).get(id) if id else None
        whole = dict(known.fields) if known else {one.name: one.default for one in kind.specs}
        whole |= {name: value for name, value in fields.items() if name not in ("Id", "IsDeleted")}
        stamp = self.store.clock().astimezone(UTC).replace(microsecond=0)
        if known is not None:  # stamps are as coarse as a second, and no two states of a record share one
            stamp = max(stamp, datetime.fromisoformat(known.fields["SystemModstamp"]) + timedelta(seconds=1))
        text = stamp.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        whole |= {"SystemModstamp": text, "LastModifiedDate": text, "LastModifiedById": INTEGRATION_USER}
        whole.setdefault("CreatedDate", text)
        name = id or self.new_id(kind)
        return self.store.put(object, name, whole | self.computed(object, whole, name), key=key, is_deleted=is_deleted)

    def new_id(self, kind: SObject) -> str:
        return long_id(f"{kind.prefix}NB{next(self._numbers):010d}")

    def get(self, object: str, id: str) -> Row | None:
        return self.store.get(object, long_id(id) if len(id) == 15 else id)

    def read(self, row: Row) -> soql.Read:
        """A field of a record, along references."""

        def value(name: str) -> Any:
            head, _, rest = name.partition(".")
            kind = self.objects[row.object]
            if not rest:
                return row.id if head == "Id" else row.is_deleted if head == "IsDeleted" else row.fields.get(head)
            spec = next(one for one in kind.fields.values() if one.relation == head)
            target = self.store.rows.get(spec.refers_to, {}).get(str(row.fields.get(spec.name)))
            return self.read(target)(rest) if target is not None else None

        return value

    def known(self, object: str, name: str) -> bool:
        """Whether an object has a field, along references."""
        head, _, rest = name.partition(".")
        kind = self.objects[object]
        if not rest:
            return head in kind.fields
        spec = next((one for one in kind.fields.values() if one.relation == head and one.refers_to), None)
        return spec is not None and self.known(spec.refers_to, rest)

    def found(self, query: soql.Query, with_deleted: bool) -> list[Row] | Refusal:
        """The rows a query finds, in its order; why not, for a query that asks for what is not there."""
        if query.object not in self.objects:
            return Refusal("INVALID_TYPE", "", f"sObject type '{query.object}' is not supported.")
        for name in sorted(query.asked):
            if not self.known(query.object, name):
                return Refusal("INVALID_FIELD", "", f"No such column '{name}' on entity '{query.object}'.")
        rows = [row for row in self.store.rows.get(query.object, {}).values() if (with_deleted or not row.is_deleted) and query.where(self.read(row))]
        rows = query.sorted(rows, self.read)[query.offset :]
        return rows if query.limit is None else rows[: query.limit]

    def cells(self, row: Row, fields: tuple[str, ...]) -> dict[str, Any]:
        """A record with the fields asked for; those of others stand inside."""
        read = self.read(row)
        shown: dict[str, Any] = {"attributes": self.shown(row)["attributes"]}
        for name in fields:
            head, _, rest = name.partition(".")
            if rest:
                inner = shown.get(head) or {"attributes": {"type": head}}
                shown[head] = None if read(f"{head}.Id") is None else {**inner, rest: read(name)}
            else:
                shown[head] = read(name)
        return shown

    def keep(self, object: str, id: str | None, fields: Mapping[str, Any]) -> Row | Refusal:
        """Store what a request states, or say why not."""
        kind = self.objects.get(object)
        if kind is None:
            return Refusal("INVALID_TYPE", "", f"sObject type '{object}' is not supported.")
        known = self.get(object, id) if id else None
        for name, value in fields.items():
            spec = kind.fields.get(name)
            if spec is None:
                return Refusal("INVALID_FIELD", "", f"No such column '{name}' on sobject of type {object}")
            if spec.is_computed:
                return Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", name, f"Unable to create/update fields: {name}. Please check the security settings of this field")
            if refusal := spec.refusal(value):
                return refusal
            if value and spec.refers_to and self.store.get(spec.refers_to, str(value)) is None:
                return Refusal("INVALID_CROSS_REFERENCE_KEY", name, "invalid cross reference id")
            if value and spec.is_unique:
                holder = next((row for row in self.store.table(object) if row.fields.get(name) == value and row.id != id), None)
                if holder is not None:
                    text = f"duplicate value found: {name} duplicates value on record with id: {holder.id[:15]}"
                    return Refusal("DUPLICATE_VALUE", "", text)
        if known is None:
            missing = [one.name for one in kind.specs if one.is_required and fields.get(one.name) is None]
            if missing:
                return Refusal("REQUIRED_FIELD_MISSING", missing[0], f"Required fields are missing: [{', '.join(missing)}]")
        if refusal := self.veto(object, known, fields):
            return refusal
        key = str(fields.get("Hub_Id__c") or f"{object} without a key") if known is None else ""
        return self.put(object, id, fields, key=key)

    def shown(self, row: Row) -> dict[str, Any]:
        url = f"/services/data/v62.0/sobjects/{row.object}/{row.id}"
        return {"attributes": {"type": row.object, "url": url}, "Id": row.id, "IsDeleted": row.is_deleted, **row.fields}


def _computed(object: str, fields: Mapping[str, Any], id: str) -> dict[str, Any]:
    """What Salesforce fills in by itself."""
    if object == "Opportunity":
        stage = fields.get("StageName")
        return {"IsClosed": stage in ("Closed Won", "Closed Lost"), "IsWon": stage == "Closed Won"}
    if object == "Contract":
        start, term = fields.get("StartDate"), fields.get("ContractTerm")
        return {"ContractNumber": fields.get("ContractNumber") or id[7:15], "EndDate": _end(date.fromisoformat(start), int(term)) if start and term else None}
    if object == "OrderItem":
        return {"OrderItemNumber": fields.get("OrderItemNumber") or id[5:15]}
    if object == "User":
        return {"Name": " ".join(filter(None, (fields.get("FirstName"), fields.get("LastName"))))}
    return {}


def _end(start: date, months: int) -> str:
    """The day before the term is over."""
    at = start.month - 1 + months
    year, month = start.year + at // 12, at % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return (date(year, month, min(start.day, last)) - timedelta(days=1)).isoformat()
