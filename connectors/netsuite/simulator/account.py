"""What the simulated account holds, and what it refuses: required and unknown fields, references, keys, closed periods, locks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from connectors.netsuite.simulator import sql
from connectors.netsuite.simulator.types import LETTERS, PICKS, TYPES, RecordType, Spec
from connectors.simulator.rules import Refusal
from connectors.simulator.store import Row, Store, merged

EXTRA_TABLES = {
    "entityaddress": ("nkey", "addr1", "addr2", "city", "state", "zip", "country", "addressee", "attention"),
    "transactionline": ("uniquekey", "transaction", "id", "item", "quantity", "rate", "foreignamount", "mainline", "linelastmodifieddate"),
    "nexttransactionlinelink": ("previousdoc", "nextdoc", "linktype", "previoustype", "nexttype", "foreignamount", "lastmodifieddate"),
    "deletedrecord": ("recordid", "recordtypeid", "scriptid", "name", "deleteddate", "deletedby", "context", "type"),
    "dual": ("dummy",),
    "expensecategory": ("id", "name"),
}
LINED = frozenset(spec.name for kind in TYPES.values() for spec in kind.specs if any(one.name == "line" for one in spec.items))
"""Sublists whose lines have numbers."""
BEFORE = "Error while accessing a resource. "


@dataclass
class Account:
    """The records of one account, whose people live in ``zone``; ``locked`` are ids that a workflow holds."""

    store: Store
    zone: ZoneInfo
    tables: sql.Tables = field(init=False)
    locked: set[str] = field(default_factory=set)
    _numbers: dict[str, count[int]] = field(default_factory=dict)
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = sql.Tables(_columns())
        self.tables.put("dual", "x", [{"dummy": "X"}], by="dummy")
        for id, name in PICKS["category"].items():
            self.tables.put("expensecategory", id, [{"id": int(id), "name": name}])

    # --- records -------------------------------------------------------------------------------------------------------

    def put(self, object: str, id: str | None, fields: Mapping[str, Any], *, key: str = "", is_deleted: bool = False) -> Row:
        """Store what somebody states of a record; stamps are as coarse as a second, and no two states of a record share one."""
        kind = TYPES[object]
        known = self.store.rows.get(object, {}).get(id) if id else None
        whole = _laid_over(known.fields if known else {}, fields)
        stamp = self.store.clock().astimezone(UTC).replace(microsecond=0)
        if known is not None:
            stamp = max(stamp, datetime.fromisoformat(known.fields["lastModifiedDate"]) + timedelta(seconds=1))
        text = stamp.strftime("%Y-%m-%dT%H:%M:%SZ")
        whole |= {"lastModifiedDate": text}
        whole.setdefault(kind.created, text)
        name = id or self.new_id(kind)
        whole |= self._computed(kind, whole, name)
        row = self.store.put(object, name, whole, key=key, is_deleted=is_deleted)
        self._mirror(row)
        if object == "customerPayment" and not is_deleted:
            self._settle(row)
        return row

    def new_id(self, kind: RecordType) -> str:
        series = kind.series or kind.name
        return str(next(self._numbers.setdefault(series, count(kind.first_id))))

    def get(self, object: str, id: str) -> Row | None:
        """A record by its id, or ``eid:`` and the key of another system."""
        if id.startswith("eid:"):
            found = self._keys.get((object, id[4:]))
            return self.store.get(object, found) if found else None
        return self.store.get(object, id)

    def mirror_all(self) -> None:
        """Tell the tables everything, as after a restart."""
        for table in self.store.rows.values():
            for row in table.values():
                self._mirror(row)
                series = TYPES[row.object].series or row.object
                if row.id.isdecimal():
                    reached = max(int(row.id) + 1, next(self._numbers.get(series, count(TYPES[row.object].first_id))))
                    self._numbers[series] = count(reached)

    # --- what a request may state --------------------------------------------------------------------------------------

    def refusal(self, object: str, id: str | None, given: Mapping[str, Any], *, ignores_names: bool = False) -> Refusal | None:
        """Why a request is refused, None when it is taken."""
        kind = TYPES[object]
        known = self.store.get(object, id) if id else None
        if kind.is_read_only:
            return Refusal("USER_ERROR", "", f"{BEFORE}Your current role does not have permission to perform this action.")
        if id in self.locked:
            return Refusal("USER_ERROR", "", f"{BEFORE}This record has been locked by a user defined workflow.")
        for name, value in given.items():
            spec = kind.fields.get(name)
            if name in ("externalId", "id"):
                continue
            if spec is None:
                if ignores_names:
                    continue
                return Refusal("NONEXISTENT_FIELD", name, f"{BEFORE}The field {name} does not exist or is not visible to this role.")
            if value is not None and (refused := self._refused(spec, name, value)):
                return refused
        if (own := given.get("externalId")) and self._keys.get((object, str(own)), id) != id:
            return Refusal("USER_ERROR", "", f"{BEFORE}A record with the same external ID already exists.")
        return self._incomplete(kind, id, _laid_over(known.fields if known else {}, given))

    def _incomplete(self, kind: RecordType, id: str | None, whole: Mapping[str, Any]) -> Refusal | None:
        """Why a whole record cannot be stored."""
        for spec in kind.specs:
            if spec.is_required and whole.get(spec.name) in (None, ""):
                return Refusal("USER_ERROR", "", f"{BEFORE}You must enter a value for {spec.shown}.")
        if kind.name == "customer" and not whole.get("companyName") and not whole.get("isPerson"):
            return Refusal("USER_ERROR", "", f"{BEFORE}You must enter a value for Company Name.")
        number = whole.get("entityId")
        if number and kind.name in ("customer", "employee", "job") and self._named(kind.name, id, str(number)):
            return Refusal("USER_ERROR", "", f"{BEFORE}This entity already exists.")
        return self._closed(whole) if "tranDate" in kind.fields else None

    def _refused(self, spec: Spec, path: str, value: Any) -> Refusal | None:
        if fault := spec.fault(value):
            return Refusal("INVALID_CONTENT", path, f"Invalid content in the request body: {fault}.")
        if spec.kind == "sublist":
            inner = {one.name: one for one in spec.items}
            for place, item in enumerate(value.get("items") or ([value] if spec.name == "addressBookAddress" else [])):
                at = f"{path}.items[{place}]" if "items" in value else path
                for name, each in item.items():
                    if name not in inner and name != "id":
                        return Refusal("NONEXISTENT_FIELD", at, f"{BEFORE}The field {name} does not exist or is not visible to this role.")
                    if each is not None and name in inner and (refused := self._refused(inner[name], at, each)):
                        return refused
        if spec.kind == "reference" and self.referred(spec, value) is None:
            given = value.get("id") or value.get("externalId")
            return Refusal(
                "USER_ERROR",
                path if "." in path else "",
                f"{BEFORE}You have entered an Invalid Field Value {given} for the following field: {spec.name}.",
            )
        return None

    def referred(self, spec: Spec, value: Mapping[str, Any]) -> str | None:
        """The id a reference means, None when there is no such record."""
        if not spec.refers_to:
            picks = PICKS.get(spec.name)
            return str(value["id"]) if value.get("id") is not None and (picks is None or str(value["id"]) in picks) else None
        for target in spec.refers_to:
            if value.get("externalId") and (found := self._keys.get((target, str(value["externalId"])))):
                return found
            if value.get("id") is not None and self.store.get(target, str(value["id"])) is not None:
                return str(value["id"])
        return None

    def _named(self, object: str, id: str | None, name: str) -> bool:
        return any(row.id != id and row.fields.get("entityId") == name for row in self.store.table(object))

    def _closed(self, whole: Mapping[str, Any]) -> Refusal | None:
        day = str(whole.get("tranDate") or "")
        for row in self.store.table("accountingPeriod"):
            one = row.fields
            if one.get("closed") and str(one["startDate"]) <= day <= str(one["endDate"]) and not one.get("isYear") and not one.get("isQuarter"):
                return Refusal("USER_ERROR", "", f"{BEFORE}The accounting period is closed for this transaction date: {one['periodName']}.")
        return None

    # --- what it works out itself --------------------------------------------------------------------------------------

    def _computed(self, kind: RecordType, whole: Mapping[str, Any], id: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if kind.series == "entity" and not whole.get("entityId"):
            found["entityId"] = {"customer": "CUST", "job": "PRJ", "employee": "EMP"}.get(kind.name, "CON") + id
        if kind.name == "customer":
            found["isPerson"], found["isInactive"] = bool(whole.get("isPerson")), bool(whole.get("isInactive"))
            items = [dict(one) for one in (whole.get("addressBook") or {}).get("items", [])]
            for place, one in enumerate(items):
                one.setdefault("id", int(id) * 10 + place)
            found["addressBook"] = {"items": items}
        if kind.tran and not whole.get("tranId"):
            found["tranId"] = {"CustInvc": "INV", "CustCred": "CM", "CustPymt": "PYMT", "SalesOrd": "SO", "ExpRept": "ER"}.get(kind.tran,
                "OPP") + id
        return found

    def _settle(self, payment: Row) -> None:
        """What a payment is applied to has less open; as in NetSuite the document's own stamp may stay as it was."""
        links = []
        for one in (payment.fields.get("apply") or {}).get("items", []):
            row = self.store.get("invoice", str(one["doc"]["id"]))
            if row is None or not one.get("apply"):
                continue
            total = Decimal(str(row.fields["total"]))
            rest = total - sum((Decimal(str(each["amount"])) for other in self.store.table("customerPayment")
                                for each in (other.fields.get("apply") or {}).get("items", []) if str(each["doc"]["id"]) == row.id),
                                    Decimal(0))  # fmt: skip
            status = {"id": "Paid In Full", "refName": "Paid In Full"} if rest == 0 else {"id": "Open", "refName": "Open"}
            settled = self.store.put("invoice", row.id, row.fields | {"amountRemaining": rest, "status": status})
            self._mirror(settled)
            links.append({"previousdoc": int(row.id), "nextdoc": int(payment.id), "linktype": "Payment", "previoustype": "CustInvc",
                "nexttype": "CustPymt",
                          "foreignamount": Decimal(str(one["amount"])),
                          "lastmodifieddate": self._local(payment.fields["lastModifiedDate"])})  # fmt: skip
        self.tables.put("nexttransactionlinelink", payment.id, links, by="nextdoc")

    def shown_reference(self, spec: Spec, value: Mapping[str, Any], object: str = "") -> dict[str, Any]:
        """A reference as records show it, with the name of what it names."""
        id = str(value.get("id"))
        if value.get("externalId") and not value.get("id"):
            id = self.referred(spec, value) or ""
        name = value.get("refName")
        for target in spec.refers_to:
            row = self.store.rows.get(target, {}).get(id)
            if row is not None:
                name = display(row)
        if not spec.refers_to:
            name = PICKS.get(f"{object}.{spec.name}", PICKS.get(spec.name, {})).get(id, name)
        return {"id": id} | ({"refName": name} if name is not None else {})

    # --- the tables of queries -----------------------------------------------------------------------------------------

    def _local(self, stamp: str) -> str:
        return sql.moment(datetime.fromisoformat(stamp).astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S"))

    def _mirror(self, row: Row) -> None:
        kind = TYPES[row.object]
        own = str(row.fields.get("externalId") or "")
        if own and row.is_deleted:
            self._keys.pop((row.object, own), None)
        elif own:
            self._keys[row.object, own] = row.id
        if row.is_deleted:
            self.tables.put(kind.sql_name, row.id, [])
            gone = {"recordid": int(row.id), "recordtypeid": -1, "scriptid": kind.name.lower(), "name": display(row),
                "type": kind.label or kind.name,
                    "deleteddate": self._local(row.fields["lastModifiedDate"]), "context": "UI"}  # fmt: skip
            self.tables.put("deletedrecord", row.id, [gone], by="recordid")
            return
        self.tables.put(kind.sql_name, row.id, [dict(self._cells(kind, row))])
        for one in (row.fields.get("addressBook") or {}).get("items", []):
            address = one.get("addressBookAddress") or {}
            cells = {name: address.get(name) for name in EXTRA_TABLES["entityaddress"] if name not in ("nkey", "country")}
            self.tables.put(
                "entityaddress", str(one["id"]), [cells | {"nkey": one["id"], "country": (address.get("country") or {}).get("id")}], by="nkey"
            )

    def _cells(self, kind: RecordType, row: Row) -> Iterator[tuple[str, Any]]:
        """Column and value of a row; a reference has its display value in a column beside it."""
        yield "id", int(row.id)
        yield "externalid", row.fields.get("externalId")
        if kind.tran:
            yield "type", kind.tran
            yield "foreigntotal", row.fields.get("total") or row.fields.get("payment")
        if kind.name == "serviceSaleItem":
            yield "itemtype", "Service"
        for spec in kind.fields.values():
            value = row.fields.get(spec.name)
            if spec.kind == "flag":
                yield spec.sql_name, bool(value)
            elif value is None or spec.kind == "sublist":
                continue
            elif spec.kind == "reference":
                shown = self.shown_reference(spec, value, kind.name)
                id = LETTERS.get(shown["id"], shown["id"]) if kind.tran and spec.name == "status" else shown["id"]
                yield spec.sql_name, int(id) if id.isdecimal() else id
                name = shown.get("refName", "")
                yield f"{spec.sql_name}__df", f"{kind.label} : {name}" if kind.tran and spec.name == "status" else name
            elif spec.kind in ("date", "instant"):
                yield spec.sql_name, sql.moment(value) if spec.kind == "date" else self._local(value)
            elif spec.kind == "duration":
                hours, _, minutes = value.lstrip("-").partition(":")
                yield spec.sql_name, (-1 if value.startswith("-") else 1) * (int(hours) + int(minutes) / 60)
            else:
                yield spec.sql_name, value
        for flag, column in (("defaultBilling", "defaultbillingaddress"), ("defaultShipping", "defaultshippingaddress")):
            place = next((one["id"] for one in (row.fields.get("addressBook") or {}).get("items", []) if one.get(flag)), None)
            if place is not None:
                yield column, place


def display(row: Row) -> str:
    """What a record is called where others name it."""
    fields = row.fields
    name = next((str(fields[one]) for one in ("name", "periodName", "companyName", "title", "itemId", "acctName", "tranId") if fields.get(one)), "")
    person = " ".join(str(fields[one]) for one in ("firstName", "lastName") if fields.get(one))
    return f"{fields['entityId']} {name}" if row.object == "customer" and name else name or person or row.id


def _columns() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for kind in TYPES.values():
        columns = found.setdefault(kind.sql_name, {"id": None, "externalid": None})
        if kind.tran:
            columns |= {"type": None, "foreigntotal": None}
        if kind.name == "serviceSaleItem":
            columns["itemtype"] = None
        if kind.name == "customer":
            columns |= {"defaultbillingaddress": None, "defaultshippingaddress": None}
        for spec in kind.fields.values():
            if spec.name == "lastModifiedDate" and not kind.has_stamp:
                continue
            if spec.kind != "sublist":
                columns[spec.sql_name] = None
            if spec.kind == "reference":
                columns[f"{spec.sql_name}__df"] = None
    return {table: tuple(columns) for table, columns in found.items()} | EXTRA_TABLES


def _laid_over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What a request states over what is there: references are replaced, an address of the book is changed where its id is said."""
    found = dict(old)
    for name, value in new.items():
        if name == "addressBook" and isinstance(value, dict):
            held = {one["id"]: one for one in (old.get(name) or {}).get("items", [])}
            fresh = [one for one in value.get("items", []) if one.get("id") not in held]
            for one in value.get("items", []):
                if one.get("id") in held:
                    held[one["id"]] = merged(held[one["id"]], one)
            found[name] = {"items": [*held.values(), *fresh]}
        elif name in LINED and isinstance(value, dict) and value.get("items"):
            lines = {one["line"]: one for one in (old.get(name) or {}).get("items", [])}
            for one in value["items"]:
                number = one.get("line", max(lines, default=0) + 1)
                lines[number] = {**lines.get(number, {}), **one, "line": number}
            found[name] = {"items": list(lines.values())}
        else:
            found[name] = value
    return found
